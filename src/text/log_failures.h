// pytest's reports of failed tests, which show whole functions for each frame.
//
//   ____ test_a ____                     stays
//       def test_a():                    stays for the program's own code, with the
//           """..."""                    lines beside the one that failed; docstrings
//   >       assert f(3) == 4             and the rest of the function may go
//   E       assert 3 == 4                stays
//   tests/a.py:12: AssertionError        stays
//
// A report whose messages came before may go whole, when the test's name stands in
// the summary too; else its title and messages stay. Thread-safe.

#pragma once

#include "text/log_lines.h"
#include "text/log_plan.h"

namespace headroom::text {

// Settles the lines of all such reports in `plan`. With `each`, what may go of a report
// that came before is its code only. Cost: O(bytes).
void SettleFailures(const LogLines& lines, bool each, LogPlan* plan);

}  // namespace headroom::text
