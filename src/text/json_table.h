// Writes objects of one document as a table.
//
//   [3 rows; columns: id,name,size.w; in every row: kind=a,ok=true
//   1,x,20
//   2,"y,z",
//   3,null,30
//   ]
//
// Some rows may be left out, with their numbers (from 1) where they were, and
// values may be cut:
//
//   [180 rows, 3 shown; columns: id,data; in the 177 omitted: ok: true (177)
//   1,"iVBORw0KGgo... bytes 13-4000 omitted ..."
//   ... rows 2-179 omitted ...
//
// What the header says of every row and of prefixes holds for the omitted rows, too.
// docs/compression.md has the rules for readers. Thread-compatible.

#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "json/document.h"
#include "text/json_deadline.h"

namespace headroom::text {

enum class TableForm {
  kArray,  // [N rows; ... ]
  kLines,  // [N JSON Lines; ... ], the documents of a JSON Lines text
  kMap,    // {N entries; columns: (key),... }, an object of objects
};

// Writes values in a shorter form, with a mark of what is left out.
class ValueCutter {
 public:
  virtual ~ValueCutter() = default;
  // The values that follow stand in row `row` from 0.
  virtual void BeginRow(size_t row) = 0;
  // Appends `value`, cut; false, with `out` as it was, where it stays whole. `key` is the inside of
  // its key, "" for none; `skip` bytes at the front of a string's inside are said elsewhere.
  virtual bool Cut(std::string_view key, const json::Token& value, size_t skip, std::string& out) = 0;
};

// What a table leaves out.
struct TableGaps {
  const std::vector<bool>* kept = nullptr;  // one per row; nullptr: all
  std::string omitted = {};                 // what the omitted rows have in common, "" for nothing
  ValueCutter* cutter = nullptr;
  // What is said in the mark of rows [begin, end) from 0.
  std::function<std::string(size_t begin, size_t end)> note = {};
};

// The gaps of a list of `kept.size()` rows: calls `row(i)` for a row that is kept and
// `gap(first, last)`, numbers from 1, for a run of rows that are not.
template <typename Row, typename Gap>
void ForEachRow(const std::vector<bool>* kept, size_t rows, Row&& row, Gap&& gap) {
  for (size_t i = 0; i < rows; ++i) {
    size_t end = i;
    while (kept != nullptr && end < rows && !(*kept)[end]) ++end;
    if (end > i) {
      gap(i + 1, end);
      i = end - 1;
    } else {
      row(i);
    }
  }
}

// Appends the table of `rows`. For kMap `keys` holds their string tokens, else
// it is empty. For kArray some rows may be no objects: they stand in a last
// column "(value)". False, with `out` as it was, if the objects do not make a
// table (a key twice in one of them, too many keys) or the
// deadline has passed.
// Requires at least one object. Cost: O(bytes of the rows).
bool AppendTable(const json::Document& document, const std::vector<json::Token>& rows,
                 const std::vector<json::Token>& keys, TableForm form, Deadline& deadline, std::string& out,
                 const TableGaps& gaps = {});

}  // namespace headroom::text
