// Polls a deadline at most once in kUnitsPerPoll units of work (members, cells,
// values) and remembers that it passed. Thread-compatible.

#pragma once

#include <cstddef>

#include "text/compressor.h"

namespace headroom::text {

class Deadline {
 public:
  // `expired` must outlive it.
  explicit Deadline(const Expired& expired) : expired_(expired) {}

  // Counts one unit; true once the deadline has passed.
  bool Spend() {
    if (++units_ % kUnitsPerPoll == 0 && expired_ && !passed_) passed_ = expired_();
    return passed_;
  }
  bool passed() const { return passed_; }

 private:
  static constexpr size_t kUnitsPerPoll = 1024;

  const Expired& expired_;
  size_t units_ = 0;
  bool passed_ = false;
};

}  // namespace headroom::text
