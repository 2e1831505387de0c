// Errors and warnings of compilers and linters, with the lines that belong to them.
//
//   a.cc:3:5: error: no member named 'x' in 'y'      stays
//     p.x = 1;                                       stays: source line and caret
//       ^
//   b.cc:9:1: note: in instantiation of ...          stays: a note of the program's own files
//   /usr/include/z.h:9:1: note: declared here        of others the first line of the first
//   c.cc:7:5: error: no member named 'x' in 'y'      may go from the fifth of the same on
//
// Every different message stays, places aside. Of errors that differ in names only and come
// more than kManyOfShape times, a few stay: they have one cause more often than not. Of
// warnings two of each shape. Read are gcc, clang, rustc, tsc, eslint, mypy, MSVC
// and what writes like them. Thread-safe.

#pragma once

#include "text/log_lines.h"
#include "text/log_plan.h"

namespace headroom::text {

// Of one error message this many places stay; of the same message more often, the first two.
inline constexpr size_t kMaxOfMessage = 4;
inline constexpr size_t kManyOfShape = 12;
inline constexpr size_t kKeptOfMany = 8;

// Settles diagnostics, their notes and sources. With `each`, every error stays once for
// each place. Cost: O(bytes).
void SettleDiagnostics(const LogLines& lines, bool each, LogPlan* plan);

}  // namespace headroom::text
