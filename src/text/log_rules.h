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

// How much a frequent shape says.
struct LogReading {
  bool each = false;  // the question wants all there is: errors stay, and what it speaks of
  bool sure = true;   // the text is a log; else lines that differ in a word may say different things
};

// Settles what is open in `plan`, except lines that nothing is known against: those stay
// open. With `each`, or where it is not sure to be a log, only passed tests, progress and lines
// that differ in numbers alone may go. Cost: O(lines).
void SettleByShape(const LogLines& lines, const Query& query, const LogReading& reading, LogPlan* plan);

// Lines that tell of an end (stopped, terminated, killed, evicted, restarted), where they are at most kMaxEndings: what
// was wrong is often told as none. Cost: O(bytes).
inline constexpr size_t kMaxEndings = 6;
void SettleEndings(const LogLines& lines, LogPlan* plan);

// Lines below an error or warning that belong to it, as it stays or goes. Cost: O(lines).
void SettleContinuations(const LogLines& lines, LogPlan* plan);

}  // namespace headroom::text
