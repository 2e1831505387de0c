// Stack traces: what was raised, the causes, the program's own frames.
//
//   Traceback (most recent call last):          stays
//     File "/srv/app.py", line 3, in main       stays: the program's own
//       run()
//     File ".../site-packages/x/a.py", ...      may go: a library's, in the middle
//     File ".../site-packages/x/b.py", ...      stays: here it was raised
//   ValueError: bad port 70000                  stays
//
// Read are traces of Python, Java and Kotlin, JavaScript, .NET, Go, Rust, Ruby, PHP, gdb
// and the sanitizers. A trace that came before, line numbers aside, may go whole. Where
// no frame is the program's own, the first three and the last three stay.
// Counter-example: code that merely stands indented is no frame and is left open.
// Thread-safe.

#pragma once

#include "text/log_lines.h"
#include "text/log_plan.h"

namespace headroom::text {

// Settles the lines of all stack traces in `plan`. Cost: O(bytes).
void SettleTraces(const LogLines& lines, LogPlan* plan);

// True when the path or symbol belongs to a language's runtime or an installed package.
bool IsLibrary(std::string_view place);

}  // namespace headroom::text
