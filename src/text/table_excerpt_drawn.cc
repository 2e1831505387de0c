// Tables with drawn columns: psql, mysql, Markdown, boxes. A rule under the header tells
// them from other lines with bars; where rules stand between all rows, the lines between
// two of them are one row.

#include <algorithm>
#include <array>

#include "text/table_excerpt_grid.h"

namespace headroom::text {
namespace {

constexpr std::array<std::string_view, 4> kBars = {"|", "│", "┃", "║"};
constexpr size_t kMaxHeadRules = 3;  // above and below the header, at the end; more stand between rows

bool IsRule(std::string_view line) {
  line = Trim(line);
  size_t strokes = 0;
  for (size_t i = 0; i < line.size();) {
    const char c = line[i];
    if (c == '-' || c == '=' || c == '_') {
      ++strokes;
      ++i;
    } else if (c == '+' || c == '|' || c == ':' || c == ' ' || c == '*') {
      ++i;
    } else if (line.substr(i).starts_with("\xe2\x94") || line.substr(i).starts_with("\xe2\x95")) {
      ++strokes;  // U+2500 to U+257F: box drawing
      i += 3;
    } else {
      return false;
    }
  }
  return strokes >= 3;
}

size_t CountBars(std::string_view line, std::string_view bar) {
  size_t count = 0;
  for (size_t at = line.find(bar); at != std::string_view::npos; at = line.find(bar, at + bar.size())) {
    count += at == 0 || line[at - 1] != '\\' ? 1 : 0;
  }
  return count;
}

// The cells between bars; an outer bar at either end holds none.
void SplitBars(std::string_view line, std::string_view bar, std::vector<std::string_view>* cells) {
  cells->clear();
  line = Trim(line);
  if (line.starts_with(bar)) line.remove_prefix(bar.size());
  if (line.ends_with(bar)) line.remove_suffix(bar.size());
  while (cells->size() < kMaxGridColumns) {
    size_t at = line.find(bar);
    while (at != std::string_view::npos && at > 0 && line[at - 1] == '\\') at = line.find(bar, at + bar.size());
    cells->push_back(Trim(line.substr(0, at)));
    if (at == std::string_view::npos) return;
    line.remove_prefix(at + bar.size());
  }
}

}  // namespace

std::optional<Grid> ReadDrawnGrid(const std::vector<std::string_view>& lines, size_t begin, size_t end,
                                  LineArena* arena) {
  // The header is the line with bars right above the first rule that has one above it.
  size_t header = end;
  std::string_view bar;
  for (size_t i = begin + 1; i < std::min(end, begin + 20) && header == end; ++i) {
    if (!IsRule(lines[i]) || IsRule(lines[i - 1])) continue;
    for (const std::string_view one : kBars) {
      if (CountBars(lines[i - 1], one) == 0) continue;
      header = i - 1;
      bar = one;
      break;
    }
  }
  if (header == end) return std::nullopt;
  const size_t bars = CountBars(lines[header], bar);
  std::vector<std::string_view> cells;
  SplitBars(lines[header], bar, &cells);
  if (cells.size() < 2) return std::nullopt;
  GridBuilder builder(cells, arena);
  const auto rules = static_cast<size_t>(std::count_if(lines.begin() + static_cast<std::ptrdiff_t>(begin),
                                                       lines.begin() + static_cast<std::ptrdiff_t>(end), IsRule));
  const bool ruled = rules > kMaxHeadRules;
  size_t strays = 0;
  for (size_t i = header + 2; i < end; ++i) {
    if (IsRule(lines[i])) continue;
    if (CountBars(lines[i], bar) < bars) {
      ++strays;
      continue;
    }
    size_t last = i + 1;
    while (ruled && last < end && !IsRule(lines[last])) ++last;
    if (ruled && last < end) ++last;  // with the rule under it
    SplitBars(lines[i], bar, &cells);
    if (!builder.Add({i, last}, lines[i], cells)) return std::nullopt;
    i = last - 1;
  }
  if (builder.rows() < 3 || strays * 10 > builder.rows() + 30) return std::nullopt;
  return builder.Take();
}

}  // namespace headroom::text
