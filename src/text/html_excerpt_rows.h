// The row of a table while its cells come in.
//
//   <tr><th>Name<th>Size</tr>          | Name | Size |
//                               ─►     | --- | --- |
//   <tr><td>a|b<td>1</tr>              | a\|b | 1 |
//
// A table in a cell, or one whose cells hold code or headings, lays out a page: BreakUp
// gives its cells back and the rest of it is read as blocks; a table inside may be one of rows. Thread-compatible.

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace headroom::text {

class HtmlRows {
 public:
  struct Cell {
    std::string text;
    size_t begin = 0;  // bytes of the source
    size_t end = 0;
  };

  void Open();
  void Close();
  void OpenRow() { cells_.clear(); }
  void OpenCell(bool is_head);
  void CloseCell(std::string text, size_t begin, size_t end);

  // True between OpenCell and CloseCell of a table that is read as rows.
  bool in_cell() const { return in_cell_; }

  // The row as a line (and the rule below a head), nothing when its cells are empty.
  std::optional<Cell> TakeRow();

  // The cells of the row so far; the table is read as blocks from here on.
  std::vector<Cell> BreakUp();

 private:
  size_t depth_ = 0;      // open tables
  bool as_rows_ = false;  // of the table opened last
  bool in_cell_ = false;
  bool first_row_ = true;
  bool all_heads_ = true;
  std::vector<Cell> cells_;
};

}  // namespace headroom::text
