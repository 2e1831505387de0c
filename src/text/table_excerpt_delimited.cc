// CSV, TSV and their like as a grid: the delimiter that nearly all lines have equally often,
// quoted cells with line ends in them as one row of several lines.

#include <algorithm>
#include <array>

#include "text/table_excerpt_grid.h"

namespace headroom::text {
namespace {

constexpr size_t kMinRows = 6;
constexpr size_t kSampleRows = 200;
constexpr size_t kMaxRowLines = 200;
constexpr size_t kMaxHeaderCell = 80;  // bytes

// The cells of a row without their quotes; false when a quote does not close.
bool SplitRow(std::string_view row, char delimiter, std::vector<std::string_view>* cells) {
  cells->clear();
  while (true) {
    size_t end = 0;
    if (row.starts_with('"')) {
      end = row.find('"', 1);
      while (end != std::string_view::npos && end + 1 < row.size() && row[end + 1] == '"') end = row.find('"', end + 2);
      if (end == std::string_view::npos) return false;
      cells->push_back(row.substr(1, end - 1));
      end = std::min(row.find(delimiter, end), row.size());
    } else {
      end = std::min(row.find(delimiter), row.size());
      cells->push_back(row.substr(0, end));
    }
    if (end == row.size() || cells->size() == kMaxGridColumns) return true;
    row.remove_prefix(end + 1);
  }
}

bool IsComment(std::string_view line) { return line.empty() || line.starts_with('#'); }

// Where the row that begins at `line` ends: a quote may hold line ends.
size_t EndOfRow(const std::vector<std::string_view>& lines, size_t line) {
  size_t quotes = 0;
  for (size_t end = line; end < std::min(lines.size(), line + kMaxRowLines); ++end) {
    quotes += static_cast<size_t>(std::count(lines[end].begin(), lines[end].end(), '"'));
    if (quotes % 2 == 0) return end + 1;
  }
  return line + 1;
}

// The text of a row. Lines may stand in different buffers, so those of a longer row are joined anew.
std::string_view TextOf(const std::vector<std::string_view>& lines, GridRow row, LineArena* arena) {
  if (row.end == row.begin + 1) return lines[row.begin];
  std::string text(lines[row.begin]);
  for (size_t i = row.begin + 1; i < row.end; ++i) text.append("\n").append(lines[i]);
  return arena->Keep(std::move(text));
}

// The number of cells that most of the first lines have with this delimiter, 0 where they do not agree.
size_t ColumnsBy(const std::vector<std::string_view>& lines, char delimiter, LineArena* arena) {
  std::vector<size_t> counts;
  std::vector<std::string_view> cells;
  for (size_t i = 0; i < lines.size() && counts.size() < kSampleRows;) {
    const GridRow row{i, EndOfRow(lines, i)};
    i = row.end;
    const std::string_view text = TextOf(lines, row, arena);
    if (IsComment(text)) continue;
    counts.push_back(SplitRow(text, delimiter, &cells) ? cells.size() : 0);
  }
  if (counts.size() < kMinRows) return 0;
  std::vector<size_t> sorted = counts;
  std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2), sorted.end());
  const size_t columns = sorted[sorted.size() / 2];
  // A trailing column may be missing where it is empty, or a cell hold a stray delimiter.
  const size_t slack = columns >= 4 ? 1 : 0;
  const auto agree = std::count_if(counts.begin(), counts.end(),
                                   [&](size_t count) { return count + slack >= columns && count <= columns + slack; });
  return columns >= 2 && static_cast<size_t>(agree) * 10 >= counts.size() * 9 ? columns : 0;
}

// A line of prose has commas, too: cells of a table are short and most say one thing. Quoted cells may be prose.
bool LooksLikeCells(const std::vector<std::string_view>& lines, char delimiter, size_t columns, LineArena* arena) {
  if (delimiter == '\t' || columns >= 5) return true;
  size_t words = 0;
  size_t cells_read = 0;
  std::vector<std::string_view> cells;
  for (size_t i = 0; i < std::min(lines.size(), kSampleRows);) {
    const GridRow row{i, EndOfRow(lines, i)};
    i = row.end;
    const std::string_view text = TextOf(lines, row, arena);
    if (!SplitRow(text, delimiter, &cells)) continue;
    for (const std::string_view cell : cells) {
      ++cells_read;
      if (cell.data() > text.data() && cell.data()[-1] == '"') continue;
      words += static_cast<size_t>(std::count(cell.begin(), cell.end(), ' '));
    }
  }
  return words <= (delimiter == ',' ? 2 : 1) * cells_read;
}

// The first row names columns, or is a row like the others: short cells that hold no code or sentence.
bool CanStartTable(const std::vector<std::string_view>& cells) {
  size_t filled = 0;
  for (const std::string_view cell : cells) {
    if (cell.size() > kMaxHeaderCell || cell.find_first_of(";{}()=\"'") != std::string_view::npos) return false;
    filled += cell.empty() ? 0 : 1;
  }
  return filled * 5 >= cells.size() * 4;
}

}  // namespace

std::optional<Grid> ReadDelimitedGrid(const std::vector<std::string_view>& lines, LineArena* arena) {
  for (const char delimiter : {'\t', ',', ';', '|'}) {
    const size_t columns = ColumnsBy(lines, delimiter, arena);
    if (columns == 0 || !LooksLikeCells(lines, delimiter, columns, arena)) continue;
    std::optional<GridBuilder> builder;
    std::vector<std::string_view> cells;
    size_t strays = 0;
    for (size_t i = 0; i < lines.size();) {
      const GridRow row{i, EndOfRow(lines, i)};
      const std::string_view text = TextOf(lines, row, arena);
      i = row.end;
      if (IsComment(text)) continue;
      if (!SplitRow(text, delimiter, &cells) || cells.size() + 1 < columns || cells.size() < 2) {
        ++strays;
        continue;
      }
      if (!builder.has_value()) {
        if (!CanStartTable(cells)) break;
        builder.emplace(cells, arena);
      } else if (!builder->Add(row, text, cells)) {
        return std::nullopt;
      }
    }
    if (!builder.has_value() || builder->rows() < kMinRows || strays * 10 > builder->rows()) continue;
    return builder->Take();
  }
  return std::nullopt;
}

}  // namespace headroom::text
