// A server's log for tests: steady traffic, and in its middle one line that says what went wrong.

#pragma once

#include <string>

namespace headroom::text {

inline std::string SampleLog(int lines) {
  std::string out;
  for (int i = 0; i < lines; ++i) {
    out += "2026-03-01T10:" + std::to_string(10 + i / 60) + ":" + std::to_string(10 + i % 50) +
           " INFO served request " + std::to_string(7 * i) + " in " + std::to_string(3 + i % 5) + " ms\n";
    if (i == lines / 2) out += "2026-03-01T10:30:00 ERROR disk sda3 is failing: no space left on device\n";
  }
  return out;
}

}  // namespace headroom::text
