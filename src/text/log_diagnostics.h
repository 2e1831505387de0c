// Errors and warnings of compilers and linters, with the lines that belong to them.
//
//   a.cc:3:5: error: no member named 'x' in 'y'      stays
//     p.x = 1;                                       stays: source line and caret
//       ^
//   /usr/include/z.h:9:1: note: declared here        the first two notes stay, and those
//   b.cc:9:1: note: in instantiation of ...          of the program's own files
//   c.cc:7:5: error: no member named 'x' in 'y'      may go from the fifth of the same on
//
// Every different message stays, places aside, up to kMaxOfShape that differ in names
// only. Of warnings one of each shape. Read are gcc, clang, rustc, tsc, eslint, mypy, MSVC
// and what writes like them. Thread-safe.

#pragma once

#include "text/log_lines.h"
#include "text/log_plan.h"

namespace headroom::text {

// Of one error message this many places stay; of the same message more often, the first two.
inline constexpr size_t kMaxOfMessage = 4;
inline constexpr size_t kMaxOfShape = 25;

// Settles diagnostics, their notes and sources. With `each`, every error stays. Cost: O(bytes).
void SettleDiagnostics(const LogLines& lines, bool each, LogPlan* plan);

}  // namespace headroom::text
