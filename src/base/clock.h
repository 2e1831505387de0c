// Time as a dependency, so that tests can move it. Thread-safe.

#pragma once

#include <chrono>
#include <cstdint>

namespace headroom {

class Clock {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  virtual ~Clock() = default;
  // Monotonic.
  virtual TimePoint Now() const = 0;
  // Milliseconds since 1970-01-01 UTC; may step.
  virtual int64_t UnixMillis() const = 0;

  // The machine's clocks. Lives for ever.
  static const Clock& System();
};

}  // namespace headroom
