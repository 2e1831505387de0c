// The date, process number or source that many lines begin with, said once.
//
//   2026-01-02T10:00:01 start     [each line below starts with "2026-01-02T"]
//   2026-01-02T10:00:07 ready ─►  10:00:01 start
//   done                          10:00:07 ready
//                                 [end of these lines]
//                                 done
//
// Where lines without it stand in between (stack traces), a sign takes its place:
//
//   [~ at the start of a line below stands for "2026-01-02 "]
//   ~10:00:01 request failed
//   Traceback (most recent call last):
//
// Both hold until the next such mark; the first does not hold for empty lines
// and for marks. Only what labels a line is taken: a date, a number, "[source] ",
// "service | ", and only whole fields of it, so that a time, a path or a word of
// the message is never cut. Counter-examples: "test a::b ... ok" (the words are
// the message), CSV rows (a reader quotes their fields whole). A text that holds
// such a mark already is left alone.

#pragma once

#include <string_view>
#include <vector>

#include "text/compressor.h"
#include "text/line_text.h"
#include "text/repeats.h"

namespace headroom::text {

// True when `text` holds words that a reader could take for a mark of FactorPrefixes.
bool ImitatesPrefixMarks(std::string_view text);

// Rewrites `lines` in place; marks among them are passed over. Cost: O(bytes).
void FactorPrefixes(std::vector<OutputLine>* lines, const Expired& expired, LineArena* arena);

}  // namespace headroom::text
