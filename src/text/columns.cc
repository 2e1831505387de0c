#include "text/columns.h"

#include <algorithm>
#include <span>
#include <string>

namespace headroom::text {
namespace {

constexpr size_t kMinAlignedRows = 5;  // fewer may be a few lines of code that happen to line up
constexpr size_t kMinDelimitedRows = 3;
constexpr size_t kMaxColumns = 64;
constexpr size_t kMaxRowBytes = 4096;
constexpr std::string_view kBar = "│";

using Rows = std::span<std::string_view>;

struct Field {
  size_t begin = 0;
  size_t end = 0;
};

// The blank-separated fields of a row, at most `limit`.
std::vector<Field> Fields(std::string_view row, size_t limit) {
  std::vector<Field> fields;
  size_t i = 0;
  while (fields.size() < limit) {
    while (i < row.size() && row[i] == ' ') ++i;
    if (i == row.size()) break;
    const size_t begin = i;
    while (i < row.size() && row[i] != ' ') ++i;
    fields.push_back({begin, i});
  }
  return fields;
}

// Terminals count characters, not bytes: the columns of a row in code points.
std::vector<Field> InCharacters(std::string_view row, std::vector<Field> fields) {
  size_t continuation = 0;
  size_t at = 0;
  const auto character = [&](size_t byte) {
    for (; at < byte; ++at) continuation += (static_cast<unsigned char>(row[at]) & 0xc0) == 0x80 ? 1 : 0;
    return byte - continuation;
  };
  for (Field& field : fields) {
    field.begin = character(field.begin);
    field.end = character(field.end);
  }
  return fields;
}

// What the rows so far have in common, column by column.
struct Alignment {
  std::vector<Field> first;
  std::vector<char> left;
  std::vector<char> right;

  explicit Alignment(const std::vector<Field>& fields)
      : first(fields), left(fields.size(), 1), right(fields.size(), 1) {}

  // False when the row breaks what the rows before it have in common.
  bool Add(const std::vector<Field>& fields) {
    if (fields.size() < first.size()) return false;
    for (size_t column = 0; column < first.size(); ++column) {
      left[column] = left[column] && fields[column].begin == first[column].begin;
      right[column] = right[column] && fields[column].end == first[column].end;
      const bool is_last = column + 1 == first.size();
      if (!left[column] && (is_last || !right[column])) return false;
    }
    return true;
  }
};

// Rows from the first on that share an alignment.
struct AlignedRun {
  size_t rows = 0;
  size_t columns = 0;
  bool has_padding = false;
};

bool HasPadding(std::string_view row, const std::vector<Field>& fields) {
  return row.find("  ", fields[0].end) < fields.back().begin;
}

AlignedRun FindAlignedRun(Rows rows) {
  AlignedRun run;
  if (rows.size() < kMinAlignedRows) return run;
  const std::vector<Field> first = Fields(rows[0], kMaxColumns);
  run.columns = std::min(first.size(), Fields(rows[1], kMaxColumns).size());
  if (run.columns < 2) return run;
  std::vector<Field> fields = Fields(rows[0], run.columns);
  run.has_padding = HasPadding(rows[0], fields);
  Alignment alignment(InCharacters(rows[0], std::move(fields)));
  for (run.rows = 1; run.rows < rows.size(); ++run.rows) {
    fields = Fields(rows[run.rows], run.columns);
    if (fields.size() < run.columns) break;
    const bool padded = HasPadding(rows[run.rows], fields);
    if (!alignment.Add(InCharacters(rows[run.rows], std::move(fields)))) break;
    run.has_padding = run.has_padding || padded;
  }
  return run;
}

std::string SqueezedRow(std::string_view row, size_t columns) {
  const std::vector<Field> fields = Fields(row, columns);
  std::string out(row.substr(0, fields[0].begin));
  for (size_t column = 0; column < fields.size(); ++column) {
    if (column > 0) out.push_back(' ');
    const bool is_last = column + 1 == fields.size();
    const size_t end = is_last ? row.size() : fields[column].end;
    out += row.substr(fields[column].begin, end - fields[column].begin);
  }
  return out;
}

bool SqueezeAligned(Rows rows, LineArena* arena) {
  bool changed = false;
  while (rows.size() >= kMinAlignedRows) {
    // Most lines have no second field to align.
    if (rows[0].find(' ') == std::string_view::npos) {
      rows = rows.subspan(1);
      continue;
    }
    const AlignedRun run = FindAlignedRun(rows);
    if (run.rows < kMinAlignedRows) {
      rows = rows.subspan(1);
      continue;
    }
    for (std::string_view& row : rows.first(run.has_padding ? run.rows : 0)) {
      std::string squeezed = SqueezedRow(row, run.columns);
      if (squeezed.size() == row.size()) continue;
      row = arena->Keep(std::move(squeezed));
      changed = true;
    }
    rows = rows.subspan(run.rows);
  }
  return changed;
}

// Rows like "-----+------", "+----+----+", "├────┼────┤", "|----|:---:|": drawn, no content.
// Counter-example: "   |   -----", an underline below a word of a quoted source line.
bool IsRule(std::string_view row) {
  if (row.starts_with(' ') || row.find("  ") != std::string_view::npos) return false;
  bool has_line = false;
  for (size_t i = 0; i < row.size(); ++i) {
    const auto byte = static_cast<unsigned char>(row[i]);
    if (byte == 0xe2 && i + 2 < row.size() && (static_cast<unsigned char>(row[i + 1]) & 0xfe) == 0x94) {
      has_line = true;
      i += 2;  // U+2500 to U+257F, box drawing
      continue;
    }
    if (std::string_view("-=+|: ").find(row[i]) == std::string_view::npos) return false;
    has_line = has_line || row[i] == '-' || row[i] == '=';
  }
  return has_line;
}

// A rule with each of its strokes cut to three.
std::string ShortRule(std::string_view row) {
  std::string out;
  size_t repeated = 0;
  for (size_t i = 0; i < row.size();) {
    const size_t size = static_cast<unsigned char>(row[i]) == 0xe2 ? 3 : 1;
    const std::string_view stroke = row.substr(i, size);
    const bool same = i >= size && row.substr(i - size, size) == stroke;
    repeated = same ? repeated + 1 : 1;
    if (repeated <= 3 || stroke == "|" || stroke == "+") out += stroke;
    i += size;
  }
  return out;
}

size_t CountOf(std::string_view row, std::string_view bar) {
  size_t count = 0;
  for (size_t at = row.find(bar); at != std::string_view::npos; at = row.find(bar, at + bar.size())) ++count;
  return count;
}

// The cells without the blanks around them. A blank in front of a number costs a
// token of its own.
std::string DelimitedRow(std::string_view row, std::string_view bar) {
  std::string out;
  while (true) {
    const size_t end = row.find(bar);
    out += Trim(row.substr(0, end));
    if (end == std::string_view::npos) return out;
    out += bar;
    row.remove_prefix(end + bar.size());
  }
}

bool IsWordByte(char c) { return IsLetter(c) || IsDigit(c) || static_cast<unsigned char>(c) >= 0x80; }

// True when the bars at both ends of the rows say nothing: all rows have them, and
// no row begins or ends with an empty cell or could be read as another Markdown
// block (a list, a heading) without them.
bool HasIdleOuterBars(Rows rows, std::string_view bar) {
  return std::all_of(rows.begin(), rows.end(), [&](std::string_view row) {
    row = Trim(row);
    if (row.size() < 3 * bar.size() || !row.starts_with(bar) || !row.ends_with(bar)) return false;
    const std::string_view inside = Trim(row.substr(bar.size(), row.size() - 2 * bar.size()));
    return !inside.empty() && !inside.ends_with(bar) && (IsWordByte(inside[0]) || IsRule(row));
  });
}

// A block of rows with equally many delimiters; rules between them are shortened.
bool SqueezeDelimited(Rows rows, std::string_view bar, LineArena* arena) {
  size_t bars = 0;
  size_t content = 0;
  for (const std::string_view row : rows) {
    if (IsRule(row)) continue;
    const size_t count = CountOf(row, bar);
    if (count == 0 || (content > 0 && count != bars)) return false;
    if (row.find("\\|") != std::string_view::npos) return false;  // a bar inside a cell
    bars = count;
    ++content;
  }
  if (content < kMinDelimitedRows || content == rows.size()) return false;
  const bool idle = HasIdleOuterBars(rows, bar);
  for (std::string_view& row : rows) {
    std::string_view inside = row;
    if (idle) inside = Trim(row).substr(bar.size(), Trim(row).size() - 2 * bar.size());
    row = arena->Keep(IsRule(row) ? ShortRule(inside) : DelimitedRow(inside, bar));
  }
  return true;
}

bool IsTableRow(std::string_view row) {
  return !row.empty() && row.size() <= kMaxRowBytes && row.find('\t') == std::string_view::npos;
}

bool HasBar(std::string_view row) {
  return row.find('|') != std::string_view::npos || row.find(kBar) != std::string_view::npos;
}

// True when `row` belongs to the drawn table that started before it.
bool IsDrawn(std::string_view row) { return IsTableRow(row) && (IsRule(row) || HasBar(row)); }

bool SqueezeBlock(Rows rows, LineArena* arena) {
  if (IsDrawn(rows[0])) {
    const bool boxed = std::any_of(rows.begin(), rows.end(),
                                   [](std::string_view row) { return row.find(kBar) != std::string_view::npos; });
    return SqueezeDelimited(rows, boxed ? kBar : std::string_view("|"), arena);
  }
  return SqueezeAligned(rows, arena);
}

}  // namespace

bool SqueezeColumns(std::vector<std::string_view>* lines, LineArena* arena) {
  bool changed = false;
  size_t begin = 0;
  while (begin < lines->size()) {
    if (!IsTableRow((*lines)[begin])) {
      ++begin;
      continue;
    }
    const bool drawn = IsDrawn((*lines)[begin]);
    size_t end = begin + 1;
    while (end < lines->size() && IsTableRow((*lines)[end]) && IsDrawn((*lines)[end]) == drawn) ++end;
    changed = SqueezeBlock(Rows(*lines).subspan(begin, end - begin), arena) || changed;
    begin = end;
  }
  return changed;
}

}  // namespace headroom::text
