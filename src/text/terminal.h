// What a terminal would still show of a program's output.
//
// Removed: colours and other escape sequences (CSI, OSC, DCS), bells, characters
// overstruck by backspace, and the earlier states of a line that was rewritten
// with a carriage return.
//
//   "\x1b[31mred\x1b[0m"                    ─►  "red"
//   "Fetching 10%\rFetching 100%\n"         ─►  "Fetching 100%\n"
//   "N\bNA\bAM\bM"                          ─►  "NAM"
//
// Counter-example: "warning: disk is failing\rFetching 10%\n" becomes two lines.
// A rewritten state is dropped only when the next one says the same with other
// numbers; anything else a program overwrote is kept, on a line of its own.
// The address of an OSC 8 link is kept behind its text: "text <https://...>".

#pragma once

#include <string>
#include <string_view>

namespace headroom::text {

enum class Clean {
  kColours,   // SGR and erase-in-line only: what git and grep add to text they quote
  kEscapes,   // every escape sequence; carriage returns and backspaces stay
  kTerminal,  // everything above
};

// True when CleanTerminal could change `text`. Cost: O(bytes), vectorised.
bool HasTerminalBytes(std::string_view text);

// Line ends (LF, CRLF) and all other bytes are kept. Cost: O(bytes).
std::string CleanTerminal(std::string_view text, Clean clean);

}  // namespace headroom::text
