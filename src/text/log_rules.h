// Which lines of a log stay where no structure (trace, report, diagnostic) settles it:
// by severity, by how often a line of its shape comes, by what is asked.
//
//   errors     each different message, up to kMaxErrorsOfShape that differ in names only
//   warnings   two of each shape
//   others     all of a rare shape; the first of a frequent one
//   oddities   lines that stand once, numbers aside, when at most kMaxOddities do
//
// Thread-safe.

#pragma once

#include "text/excerpt.h"
#include "text/log_lines.h"
#include "text/log_plan.h"

namespace headroom::text {

inline constexpr size_t kFrequent = 5;  // lines of one shape: from here on it is told by its first
inline constexpr size_t kMaxErrorsOfShape = 10;
inline constexpr size_t kMaxWarningsOfShape = 2;
inline constexpr size_t kMaxOddities = 25;

// Settles what is open in `plan`, except lines that nothing is known against: those stay
// open. With `each`, the question wants all there is: only passed tests, progress and
// lines that differ in numbers alone may go. Cost: O(lines).
void SettleByShape(const LogLines& lines, const Query& query, bool each, LogPlan* plan);

// Lines below an error or warning that belong to it, as it stays or goes. Cost: O(lines).
void SettleContinuations(const LogLines& lines, LogPlan* plan);

}  // namespace headroom::text
