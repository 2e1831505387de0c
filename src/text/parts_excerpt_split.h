// Results of several parts, cut at line ends into the pieces they are made of.
//
//   Exit code: 1            frame
//   <stdout>                frame
//   ...                     body, lines 3-90
//   </stdout>               frame
//
//   === build ===           frame      the output of `echo "=== build ==="; make`
//   ...                     body
//   === test ===            frame
//   ...                     body
//
// The pieces joined are the text, byte for byte. Thread-safe.

#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "text/compressor.h"

namespace headroom::text {

struct Part {
  std::string_view text;  // whole lines with their ends
  size_t first_line = 0;  // from 0, in the text that was split
  bool is_body = false;   // may be excerpted by its own kind; else a frame, which stays
};

// More parts are not told apart.
inline constexpr size_t kMaxParts = 2'000;

// One part for a text that has no frame. `arguments` are those of the tool call: headings
// that the command itself prints are known by them. Cost: O(bytes).
std::vector<Part> SplitParts(std::string_view text, std::string_view arguments);

}  // namespace headroom::text
