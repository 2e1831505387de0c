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

// git status: where the tree stands is wanted whole.
bool ReadsAsWorkTree(const Lines& sample);
void ChooseWorkTree(TerminalChoice* choice);

// ls -l, ls -lR: entries that differ from the others, where that is asked for.
bool ReadsAsLongListing(const Lines& sample);
void ChooseLongListing(TerminalChoice* choice);
// ls -R: all names but those below folders that tools fill.
bool ReadsAsNameListing(const Lines& sample);
void ChooseNameListing(TerminalChoice* choice);
// tree: as ls -R.
bool ReadsAsTree(const Lines& sample);
void ChooseTree(TerminalChoice* choice);

// kubectl describe: states, reasons, warnings; long lists under a key as far as they are asked for.
bool ReadsAsDescription(const Lines& sample);
void ChooseDescription(TerminalChoice* choice);

// shellcheck: errors and warnings whole, of the remarks the first of each code.
bool ReadsAsFindings(const Lines& sample);
void ChooseFindings(TerminalChoice* choice);

// env, printenv, set: variables asked for, long values left out.
bool ReadsAsVariables(const Lines& sample);
void ChooseVariables(TerminalChoice* choice);

}  // namespace headroom::text
