// A result that shows source code, as the code it shows.
//
//     12→def f():          line numbers before each line: cut off for the parser,
//     13→    return 1      and the numbers that gaps are named by
//
// Recognised: a number, perhaps behind blanks or an "L", then "→", a tab, "|" or
// ":", on every line of one block, counting up by one. Lines around the block
// are no code and stay. Without numbers the whole text is code; its lines are
// numbered as in the file where the call says which they are ("sed -n '40,80p' f"),
// else as in the result, and gaps then say so.
//
// Thread-compatible.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "text/excerpt.h"
#include "text/line_text.h"

namespace headroom::text {

struct CodeSource {
  LineText text;               // every line as it stands in the result
  size_t begin = 0, end = 0;   // the lines that are code; row r of the code is line begin + r
  size_t first_number = 1;     // of line `begin`
  std::string_view gap_note;   // what a gap mark adds: static
  std::string_view code;       // what the parser reads: `stripped`, or the result itself
  std::string stripped;        // lines without their numbers
  std::vector<size_t> starts;  // of each row in `code`

  size_t rows() const { return starts.size(); }
  // The call shows lines from the middle of a file, or it does not say which.
  bool is_part() const { return first_number > 1 + begin || !gap_note.empty(); }
  std::string_view row(size_t r) const;
  // Numbers lines as they stand in the result and says so in gap marks, unless they carry numbers themselves:
  // for when the code does not start where the call says.
  void CountInOutput(const ExcerptInput& in);
};

// Cost: O(bytes). The source borrows from `in.text`; `source` must stay where it is.
void ReadCodeSource(const ExcerptInput& in, CodeSource* source);

}  // namespace headroom::text
