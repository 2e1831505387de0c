// The forms of terminal output that ExcerptTerminal knows.
//
// Each Reads... says from a sample of lines whether the text has the form; each Choose...
// then keeps, offers and tags its lines. Thread-safe.

#pragma once

#include <string_view>
#include <vector>

#include "text/terminal_excerpt_choice.h"

namespace headroom::text {

using Lines = std::vector<std::string_view>;

// strace, ltrace: failed calls, signals, exits, one call of each name.
bool ReadsAsCallTrace(const Lines& sample);
void ChooseCallTrace(TerminalChoice* choice);

// gdb, lldb: the frames and their variables; registers, code and equal threads on demand.
bool ReadsAsBacktrace(const Lines& sample);
void ChooseBacktrace(TerminalChoice* choice);

// terraform plan, helm diff: what is destroyed or replaced whole, one of each shape of change.
bool ReadsAsPlan(const Lines& sample);
void ChoosePlan(TerminalChoice* choice);

// git log, one line a commit or in full.
bool ReadsAsCommitList(const Lines& sample);
void ChooseCommitList(TerminalChoice* choice);
bool ReadsAsCommitLog(const Lines& sample);
void ChooseCommitLog(TerminalChoice* choice);

}  // namespace headroom::text
