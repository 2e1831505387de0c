// A text without the lines that also stand in an earlier one.
//
//   earlier (open)                    now (after an edit)               as marks
//   [File: a.py (370 lines total)]    [File: a.py (371 lines total)]    [File: a.py (371 lines total)]
//   1:import os                       1:import os
//   ..                                ..                          ─►    ... lines 1-286 of it ...
//   287:    'Rows', 'Columns'         287:    'Rows',                   287:    'Rows',
//   288:]                             288:    'Columns'                 288:    'Columns'
//   ..                                ..                                ... lines 288-370 of it, here 289-371 ...
//
// Unlike a diff it says nothing of what only the earlier text has, so that a range
// which overlaps an earlier one, or an edited place that is shown again, is short.
// Where both texts number their lines (Read, cat -n, nl, an editor's window) these are
// compared without their numbers, marks give the numbers that stand there, and what is
// around them stays; else lines are counted from 1. "It" is the earlier text: who writes
// this says which one that is. Thread-safe.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "text/compressor.h"

namespace headroom::text {

// Nothing where no run of lines is worth a mark, `now` holds a line that reads as
// one of these marks, or the deadline passed. Cost: O(n log n) lines.
std::optional<std::string> WithoutSharedLines(std::string_view earlier, std::string_view now, const Expired& expired);

}  // namespace headroom::text
