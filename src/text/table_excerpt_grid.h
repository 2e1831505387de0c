// A table of lines as columns of values, for choosing rows.
//
//   NAME   STATUS    AGE        column STATUS: Running, Pending
//   web-1  Running   25d   ─►   column AGE: 2160000, 300 (seconds, to compare)
//   db-0   Pending   5m         rows: lines 1-1, 2-2
//
// The rendition takes the lines themselves; values only decide. Thread-compatible.

#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "text/line_text.h"
#include "text/row_selection.h"

namespace headroom::text {

// Lines [begin, end) of a text.
struct GridRow {
  size_t begin = 0;
  size_t end = 0;
};

struct Grid {
  std::vector<GridRow> rows;   // ascending, disjoint
  RowTable table;              // a row each; views into the lines or the arena
  std::vector<bool> measured;  // columns whose numbers were made from units: sizes, ages, money
};

// More cells are not read.
inline constexpr size_t kMaxGridCells = 2'000'000;
inline constexpr size_t kMaxGridColumns = 256;

// Collects the cells of a grid row by row.
class GridBuilder {
 public:
  // Values made go to `arena`, which must outlive the grid.
  GridBuilder(const std::vector<std::string_view>& names, LineArena* arena);

  // False when the grid is full. Cells past the columns are ignored.
  bool Add(GridRow lines, std::string_view text, const std::vector<std::string_view>& cells);
  size_t rows() const { return grid_.rows.size(); }
  Grid Take();

 private:
  struct Measure {
    size_t numbers = 0;
    size_t filled = 0;
    bool converted = false;
  };

  struct Spelling {
    size_t index = 0;  // among the values of the column
    std::string_view text;
  };

  Grid grid_;
  std::vector<Measure> measures_;
  std::vector<std::vector<Spelling>> spelled_;  // of each column, where a value was converted
  LineArena* arena_;
  size_t cells_ = 0;
};

// The cell without blanks around it as a value: numbers with separators, units or a currency
// become numbers to compare by. `converted` says that the text differs from the cell's.
RowValue ReadCell(std::string_view cell, LineArena* arena, bool* converted);

// Each of these reads lines [begin, end) as one table; nothing where they are none. Lines in
// it that are no rows (headers, rules, captions) are in no row of the grid.
std::optional<Grid> ReadDelimitedGrid(const std::vector<std::string_view>& lines, LineArena* arena);
std::optional<Grid> ReadDrawnGrid(const std::vector<std::string_view>& lines, size_t begin, size_t end,
                                  LineArena* arena);
std::optional<Grid> ReadAlignedGrid(const std::vector<std::string_view>& lines, size_t begin, size_t end,
                                    LineArena* arena);

}  // namespace headroom::text
