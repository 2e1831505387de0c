// Values that stand out among lines of one shape.
//
//   worker 3 state=ok    in 12 ms       999 of these
//   worker 5 state=lost  in 11 ms       a value that few of them have
//   worker 7 state=ok    in 9814 ms     a duration far from the others
//
// A value stands out where the place has few different ones (at most kMaxDistinct) and
// at most two in a hundred lines have it; a measure (a number with a unit, a
// fraction, or a number behind a key) where it is far outside (median absolute deviation) and more than three times the
// median. Counter-examples: ids and names, of which each line has another; ports,
// process numbers and times, which measure nothing. Thread-safe.

#pragma once

#include <cstddef>
#include <vector>

#include "text/log_lines.h"

namespace headroom::text {

// Shapes of fewer lines have no usual values.
inline constexpr size_t kMinLinesOfShape = 20;

// The lines, ascending. Lines of passed tests and progress are not looked at.
// Cost: O(bytes); stops when `expired`.
std::vector<size_t> UnusualLines(const LogLines& lines, const Expired& expired);

}  // namespace headroom::text
