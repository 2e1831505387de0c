// CSV and TSV with what every row repeats said once.
//
//   id,site,unit,note            [in each row below, column 2 "site" is Oslo and column 3 "unit" is m3]
//   7,Oslo,m3,"first"      ─►    id,note
//   8,Oslo,m3,"a, b"             7,first
//   9,Oslo,m3,                   8,"a, b"
//                                9,
//
// Columns are counted as in the source. Cells are never cut, and quotes go only
// where the cell reads the same without them. Counter-examples, left alone: one row
// that differs, rows with unequally many cells, cells that hold line ends, a quoted
// empty cell (it may be told from a missing one), a text that holds such a mark.

#pragma once

#include <string_view>
#include <vector>

#include "text/line_text.h"

namespace headroom::text {

// Rewrites `lines`, which must be one table with a header; false, with `lines` as
// they were, where they are none or nothing is saved. Cost: O(bytes).
bool ShortenDelimited(std::vector<std::string_view>* lines, LineArena* arena);

}  // namespace headroom::text
