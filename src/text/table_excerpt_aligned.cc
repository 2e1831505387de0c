// Tables whose columns stand under each other: ps, df, docker ps, kubectl get, pip list.
//
//   NAME    READY   AGE           columns lie between the gutters, positions at which
//   web-1   1/1     25d           hardly a row has a character
//   db-0    0/1     3 (2d ago)
//        ^^^     ^^^
//
// Where rows push their columns about (ps aux with long names), the fields are counted instead:
// as many as the header has words, the last one to the end of the line. Counter-example: lines that
// happen to line up have no header above them, and are no table here.

#include <algorithm>
#include <array>

#include "text/table_excerpt_grid.h"

namespace headroom::text {
namespace {

constexpr size_t kMaxWidth = 512;      // positions that are looked at
constexpr size_t kToleranceRows = 50;  // one row in as many may reach into a gutter
constexpr size_t kHeadersTried = 6;    // lines above the header
constexpr size_t kMinRows = 5;

struct Range {
  size_t begin = 0;
  size_t end = 0;
};

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

// Words of a header: letters first, no sentence, nothing that counts or ends a clause.
bool ReadsAsHeader(std::string_view line, bool* capitals) {
  line = Trim(line);
  if (line.size() < 5 || line.size() > kMaxWidth || line.ends_with('.') || line.ends_with(':') || line.ends_with(';') ||
      line.ends_with('{'))
    return false;
  size_t words = 0;
  bool lower = false;
  for (size_t at = 0; at < line.size();) {
    const size_t end = std::min(line.find(' ', at), line.size());
    const std::string_view word = line.substr(at, end - at);
    const bool starts = IsLetter(word[0]) || word[0] == '%' || word[0] == '#' || word[0] == '/' ||
                        static_cast<unsigned char>(word[0]) >= 0x80 || word.ends_with("-blocks");
    if (!starts || word.find_first_of("=;,\"'{}<>") != std::string_view::npos) return false;
    lower = lower || std::any_of(word.begin(), word.end(), [](char c) { return c >= 'a' && c <= 'z'; });
    ++words;
    at = std::min(line.find_first_not_of(' ', end), line.size());
  }
  *capitals = !lower;
  return words >= 2;
}

bool IsDashes(std::string_view line) {
  return !line.empty() && line.find_first_not_of("-= ") == std::string_view::npos;
}

// Maximal ranges of positions that rows use, gutters between them.
std::vector<Range> FindColumns(const std::vector<std::string_view>& lines, size_t header, size_t end) {
  std::array<uint32_t, kMaxWidth> used{};
  std::array<bool, kMaxWidth> named{};
  size_t width = 0;
  size_t rows = 0;
  for (size_t i = header; i < end; ++i) {
    if (IsDashes(lines[i])) continue;
    ++rows;
    size_t position = 0;
    for (const char c : lines[i]) {
      if (IsContinuation(c)) continue;
      if (position == kMaxWidth) break;
      if (!IsBlank(c)) {
        ++used[position];
        if (i == header) named[position] = true;
        width = std::max(width, position + 1);
      }
      ++position;
    }
  }
  const size_t tolerated = rows / kToleranceRows;
  std::vector<Range> columns;
  for (size_t at = 0; at < width;) {
    if (used[at] <= tolerated && !named[at]) {
      ++at;
      continue;
    }
    size_t last = at;
    while (last < width && (used[last] > tolerated || named[last])) ++last;
    const bool has_name =
        std::find(named.begin() + static_cast<std::ptrdiff_t>(at), named.begin() + static_cast<std::ptrdiff_t>(last),
                  true) != named.begin() + static_cast<std::ptrdiff_t>(last);
    if (has_name || columns.empty()) {
      columns.push_back({at, last});
    } else {
      columns.back().end = last;  // blanks inside the cells of a column with one name
    }
    at = last;
  }
  if (!columns.empty()) columns.back().end = SIZE_MAX;
  return columns;
}

// The cells of a line by positions in characters.
void CutAt(std::string_view line, const std::vector<Range>& columns, std::vector<std::string_view>* cells) {
  cells->clear();
  size_t position = 0;
  size_t at = 0;
  const auto advance = [&](size_t target) {
    while (at < line.size() && (position < target || IsContinuation(line[at]))) {
      if (!IsContinuation(line[at])) ++position;
      ++at;
    }
    return at;
  };
  for (size_t i = 0; i < columns.size(); ++i) {
    const size_t begin = advance(columns[i].begin);
    const size_t end = i + 1 < columns.size() ? advance(columns[i + 1].begin) : line.size();
    cells->push_back(Trim(line.substr(begin, end - begin)));
  }
}

// The first `count` - 1 fields of a line and the rest.
void CutFields(std::string_view line, size_t count, std::vector<std::string_view>* cells) {
  cells->clear();
  line = Trim(line);
  while (!line.empty()) {
    const size_t blank = cells->size() + 1 < count ? line.find_first_of(" \t") : std::string_view::npos;
    cells->push_back(line.substr(0, blank));
    line = blank == std::string_view::npos ? std::string_view{} : Trim(line.substr(blank));
  }
}

// True when nearly all rows have at least `count` fields.
bool HaveFields(const std::vector<std::string_view>& lines, size_t begin, size_t end, size_t count) {
  size_t have = 0;
  std::vector<std::string_view> cells;
  for (size_t i = begin; i < end; ++i) {
    CutFields(lines[i], count, &cells);
    have += cells.size() == count ? 1 : 0;
  }
  return have * kToleranceRows >= (end - begin) * (kToleranceRows - 1);
}

// True when a range that the header has several words for holds several fields in most rows, too: rows
// have pushed columns into each other. "CONTAINER ID" over one field each is a name of two words.
bool AreMerged(const std::vector<std::string_view>& lines, size_t begin, size_t end, const std::vector<Range>& columns,
               const std::vector<std::string_view>& names) {
  std::vector<size_t> several(columns.size());
  std::vector<std::string_view> cells;
  for (size_t i = begin; i < end; ++i) {
    CutAt(lines[i], columns, &cells);
    for (size_t c = 0; c + 1 < cells.size(); ++c) several[c] += cells[c].find(' ') != std::string_view::npos ? 1 : 0;
  }
  for (size_t c = 0; c + 1 < columns.size(); ++c) {
    if (names[c].find(' ') != std::string_view::npos && several[c] * 2 > end - begin) return true;
  }
  return columns.size() < 2;
}

std::optional<Grid> ReadBelow(const std::vector<std::string_view>& lines, size_t header, size_t end, LineArena* arena) {
  bool capitals = false;
  if (!ReadsAsHeader(lines[header], &capitals) || end - header <= kMinRows) return std::nullopt;
  const std::vector<Range> columns = FindColumns(lines, header, end);
  std::vector<std::string_view> names;
  CutAt(lines[header], columns, &names);
  std::vector<std::string_view> fields;
  CutFields(lines[header], kMaxGridColumns, &fields);
  const size_t first = header + 1 < end && IsDashes(lines[header + 1]) ? header + 2 : header + 1;
  // Lines of words in small letters would all be rows of a header of words.
  const bool by_fields = capitals && columns.size() < fields.size() && fields.size() >= 3 &&
                         HaveFields(lines, first, end, fields.size()) && AreMerged(lines, first, end, columns, names);
  const size_t count = by_fields ? fields.size() : columns.size();
  if (count < (capitals ? 2U : 3U)) return std::nullopt;
  GridBuilder builder(by_fields ? fields : names, arena);
  std::vector<std::string_view> cells;
  size_t sparse = 0;
  for (size_t i = first; i < end; ++i) {
    if (by_fields) {
      CutFields(lines[i], count, &cells);
    } else {
      CutAt(lines[i], columns, &cells);
    }
    const auto filled = std::count_if(cells.begin(), cells.end(), [](std::string_view cell) { return !cell.empty(); });
    sparse += filled < 2 ? 1 : 0;
    if (!builder.Add({i, i + 1}, lines[i], cells)) return std::nullopt;
  }
  if (sparse * 10 > builder.rows()) return std::nullopt;
  return builder.Take();
}

}  // namespace

std::optional<Grid> ReadAlignedGrid(const std::vector<std::string_view>& lines, size_t begin, size_t end,
                                    LineArena* arena) {
  for (size_t header = begin; header < std::min(end, begin + kHeadersTried); ++header) {
    if (std::optional<Grid> grid = ReadBelow(lines, header, end, arena); grid.has_value()) return grid;
  }
  return std::nullopt;
}

}  // namespace headroom::text
