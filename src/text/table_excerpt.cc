// Rows of tables: CSV and TSV, aligned columns, drawn tables.
//
//   NAME     STATUS             RESTARTS          NAME     STATUS             RESTARTS
//   mail-1   Running            0                 mail-1   Running            0
//   cart-1   Running            0            ─►   ... lines 3-40 omitted ...
//   ...                                           cart-9   CrashLoopBackOff   212
//   cart-9   CrashLoopBackOff   212               ... lines 42-90 omitted ...
//   ...                                           [of the 87 rows left out: STATUS: Running 87]
//
// Which rows stay is decided by their values (row_selection.h), whatever form the table has.
// Rows stand as they are, in order; the header and every line that is no row stay. Padding and
// what all rows of a CSV repeat go as in the lossless step (columns.h, delimited.h).
//
// Counter-examples: a table whose rows no value tells apart, or of which all rows are asked for, stays
// whole; a text that is a table only in part is left to other readers.
//
// Cost: O(bytes), O(n log n) for numbers; bench/line_excerpts.

#include <algorithm>
#include <string>
#include <vector>

#include "text/columns.h"
#include "text/delimited.h"
#include "text/excerpt.h"
#include "text/gaps.h"
#include "text/line_text.h"
#include "text/protected_read.h"
#include "text/row_selection.h"
#include "text/table_excerpt_grid.h"
#include "text/terminal_excerpt_lines.h"

namespace headroom::text {
namespace {

constexpr size_t kMaxSummaryBytes = 240;

// The tables of a text: one of delimited cells, or those of its paragraphs.
std::vector<Grid> ReadGrids(const std::vector<std::string_view>& lines, bool quoted, bool* delimited,
                            LineArena* arena) {
  *delimited = false;
  std::vector<Grid> grids;
  for (size_t begin = 0; begin < lines.size();) {
    size_t end = begin;
    while (end < lines.size() && !lines[end].empty()) ++end;
    if (end - begin >= kMinTableRows) {
      std::optional<Grid> grid = ReadDrawnGrid(lines, begin, end, arena);
      if (!grid.has_value()) grid = ReadAlignedGrid(lines, begin, end, arena);
      if (grid.has_value()) grids.push_back(std::move(*grid));
    }
    begin = end + 1;
  }
  // Lines that a search or a diff shows of files have delimiters of its own in front.
  if (!grids.empty() || quoted) return grids;
  *delimited = true;
  if (std::optional<Grid> grid = ReadDelimitedGrid(lines, arena); grid.has_value()) grids.push_back(std::move(*grid));
  return grids;
}

size_t RowLines(const std::vector<Grid>& grids) {
  size_t lines = 0;
  for (const Grid& grid : grids) {
    for (const GridRow& row : grid.rows) lines += row.end - row.begin;
  }
  return lines;
}

// What the rows left out say, of columns whose values stand as they are spelled.
std::string Summarise(Grid* grid, const std::vector<bool>& kept) {
  RowTable described;
  described.rows = grid->table.rows;
  for (size_t i = 0; i < grid->table.columns.size(); ++i) {
    if (!grid->measured[i]) described.columns.push_back(std::move(grid->table.columns[i]));
  }
  const std::string what = DescribeOmittedRows(described, kept);
  if (what.empty() || what.size() > kMaxSummaryBytes) return {};
  const auto count = std::count(kept.begin(), kept.end(), false);
  return "[of the " + std::to_string(count) + " rows left out: " + what + "]";
}

// Which rows of each grid stay; false when all of all do.
bool SelectLines(const std::vector<Grid>& grids, const ExcerptInput& in, std::vector<bool>* dropped) {
  bool any = false;
  for (const Grid& grid : grids) {
    const std::optional<RowSelection> selection = SelectRows(grid.table, in);
    if (!selection.has_value()) continue;
    for (size_t row = 0; row < grid.rows.size(); ++row) {
      if (selection->kept[row]) continue;
      any = true;
      for (size_t i = grid.rows[row].begin; i < grid.rows[row].end; ++i) (*dropped)[i] = true;
    }
  }
  return any;
}

// The lines as the lossless step would have them, one for one; what it says above them comes back.
std::string_view ShortenLines(bool delimited, std::vector<std::string_view>* lines, LineArena* arena) {
  if (!delimited) {
    SqueezeColumns(lines, arena);
    return {};
  }
  std::vector<std::string_view> shortened = *lines;
  if (!ShortenDelimited(&shortened, arena)) return {};
  std::string_view mark;
  if (shortened.size() == lines->size() + 1) {
    mark = shortened.front();
    shortened.erase(shortened.begin());
  }
  if (shortened.size() == lines->size()) *lines = std::move(shortened);
  return mark;
}

// Closes a gap again when a row of several lines would stay in part.
std::vector<bool> RowsKept(const Grid& grid, LineSelection* selection) {
  std::vector<bool> kept;
  for (const GridRow& row : grid.rows) {
    bool any = false;
    for (size_t i = row.begin; i < row.end; ++i) any = any || selection->kept(i);
    if (any) selection->KeepRange(row.begin, row.end);
    kept.push_back(any);
  }
  return kept;
}

}  // namespace

std::optional<Excerpt> ExcerptTable(const ExcerptInput& in) {
  LineArena arena;
  LineText source = ReadTerminalLines(in.text, &arena);
  std::vector<std::string_view>& lines = source.lines;
  if (lines.size() < kMinTableRows) return std::nullopt;
  bool delimited = false;
  const bool quoted = FindFileAccess(in.input).how == FileAccess::How::kQuote;
  std::vector<Grid> grids = ReadGrids(lines, quoted, &delimited, &arena);
  const auto filled = std::count_if(lines.begin(), lines.end(), [](std::string_view line) { return !line.empty(); });
  if (grids.empty() || RowLines(grids) * 10 < static_cast<size_t>(filled) * 6 || in.late()) return std::nullopt;
  std::vector<bool> dropped(lines.size());
  const Excerpt whole{{}, Kind::kTable, "table_excerpt", Omission{"lines", lines.size(), lines.size()}};
  const bool any = SelectLines(grids, in, &dropped);
  if (in.late()) return std::nullopt;
  if (!any) return whole;

  const std::string_view mark = ShortenLines(delimited, &lines, &arena);
  LineSelection selection(lines, in.first_line);
  for (size_t i = 0; i < lines.size(); ++i) {
    if (!dropped[i]) selection.Keep(i);
  }
  selection.CloseSmallGaps();
  std::string summaries;
  for (Grid& grid : grids) {
    const std::string summary = Summarise(&grid, RowsKept(grid, &selection));
    if (!summary.empty()) summaries.append(source.ending).append(summary);
  }
  const size_t kept = selection.count();
  if (kept == lines.size()) return whole;
  std::string out;
  if (!mark.empty()) out.append(mark).append(source.ending);
  out.append(selection.Render(source.ending, false)).append(summaries);
  if (source.ends_with_newline) out.append(source.ending);
  return Excerpt{std::move(out), Kind::kTable, "table_excerpt", Omission{"lines", lines.size(), kept}};
}

}  // namespace headroom::text
