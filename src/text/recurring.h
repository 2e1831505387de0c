// Blocks of lines that come again later, named where they first stand.
//
//   test one                          test one
//     at frame a (x.js:1)             [block 1, 3 lines, comes again below:]
//     at frame b (y.js:2)               at frame a (x.js:1)
//     at frame c (z.js:3)     ─►        at frame b (y.js:2)
//   test two                            at frame c (z.js:3)
//     at frame a (x.js:1)             test two
//     at frame b (y.js:2)             [block 1 again, 3 lines]
//     at frame c (z.js:3)
//
// Stack traces, fixtures and plan entries recur like this. Line counts are those
// of the rendition. To read: put prefixes back (prefixes.h), then the blocks,
// then what repeats.h counted. Blocks are equal byte for byte, have at least
// kMinRecurringLines lines and are taken only where they save clearly more than
// their marks. Lines that name a fault ("... (warning): ...", "E  ValueError: x")
// stay in every place. Counter-example: traces that differ in an address stay whole.

#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "text/compressor.h"
#include "text/line_text.h"
#include "text/repeats.h"

namespace headroom::text {

inline constexpr size_t kMinRecurringLines = 4;

// True when `text` holds words that a reader could take for a mark of NameRecurring.
bool ImitatesRecurringMarks(std::string_view text);

// Rewrites `lines` in place; does nothing once `expired`. Cost: O(bytes).
void NameRecurring(std::vector<OutputLine>* lines, const Expired& expired, LineArena* arena);

}  // namespace headroom::text
