#include "text/diff_excerpt_hunks.h"

#include <algorithm>
#include <optional>

#include "text/line_text.h"

namespace headroom::text {
namespace {

constexpr size_t kMaxDigits = 9;

// Reads "<sign>12,5" or "<sign>12" at the start of `text` and removes it.
std::optional<DiffRange> TakeRange(std::string_view& text, char sign) {
  if (text.empty() || text[0] != sign) return std::nullopt;
  text.remove_prefix(1);
  const auto number = [&]() -> std::optional<size_t> {
    const size_t digits = LeadingDigits(text);
    if (digits == 0 || digits > kMaxDigits) return std::nullopt;
    size_t value = 0;
    for (size_t i = 0; i < digits; ++i) value = value * 10 + static_cast<size_t>(text[i] - '0');
    text.remove_prefix(digits);
    return value;
  };
  DiffRange range{0, 1};
  const std::optional<size_t> start = number();
  if (!start) return std::nullopt;
  range.start = *start;
  if (text.starts_with(',')) {
    text.remove_prefix(1);
    const std::optional<size_t> count = number();
    if (!count) return std::nullopt;
    range.count = *count;
  }
  return range;
}

// "@@ -1,2 +1,3 @@ heading" with as many '@' as sides.
std::optional<DiffHunk> ReadHeader(std::string_view line) {
  size_t ats = 0;
  while (ats < line.size() && line[ats] == '@') ++ats;
  if (ats < 2 || ats - 1 > DiffHunk::kMaxParents) return std::nullopt;
  const std::string_view fence = line.substr(0, ats);
  DiffHunk hunk;
  hunk.parents = ats - 1;
  line.remove_prefix(ats);
  for (size_t side = 0; side <= hunk.parents; ++side) {
    if (!line.starts_with(' ')) return std::nullopt;
    line.remove_prefix(1);
    const std::optional<DiffRange> range = TakeRange(line, side == hunk.parents ? '+' : '-');
    if (!range) return std::nullopt;
    hunk.ranges[side] = *range;
  }
  if (!line.starts_with(' ') || !line.substr(1).starts_with(fence)) return std::nullopt;
  hunk.heading = line.substr(1 + ats);
  return hunk;
}

// The mark of one parent; blanks at the end of a line may have been trimmed.
char MarkAt(std::string_view line, size_t side) { return side < line.size() ? line[side] : ' '; }

bool IsBodyLine(std::string_view line, size_t parents) {
  if (line.empty()) return true;  // a blank context line whose blank was trimmed
  if (line[0] == '\\') return true;
  const std::string_view marks = line.substr(0, parents);
  return std::all_of(marks.begin(), marks.end(), [](char c) { return c == ' ' || c == '+' || c == '-'; });
}

// Sets the end and the counts of `hunk`. False when the body is not what the header says.
bool ReadBody(const std::vector<std::string_view>& lines, DiffHunk& hunk) {
  std::array<size_t, DiffHunk::kMaxParents + 1> left{};
  for (size_t side = 0; side <= hunk.parents; ++side) left[side] = hunk.ranges[side].count;
  const auto done = [&] { return std::all_of(left.begin(), left.end(), [](size_t count) { return count == 0; }); };
  size_t i = hunk.header + 1;
  for (; i < lines.size() && !done(); ++i) {
    const std::string_view line = lines[i];
    if (!IsBodyLine(line, hunk.parents)) return false;
    for (size_t side = 0; side <= hunk.parents; ++side) {
      if (!CountsFor(line, hunk.parents, side)) continue;
      if (left[side]-- == 0) return false;
    }
    const DiffLine kind = DiffLineKind(line, hunk.parents);
    hunk.added += kind == DiffLine::kAdded ? 1 : 0;
    hunk.removed += kind == DiffLine::kRemoved ? 1 : 0;
  }
  if (!done()) return false;
  if (i < lines.size() && lines[i].starts_with("\\ ")) ++i;
  hunk.end = i;
  return true;
}

// The path of a "--- " or "+++ " line: without "a/" or "b/", quotes and a timestamp.
std::string_view PathOf(std::string_view text) {
  text = text.substr(0, text.find('\t'));
  text = Trim(text);
  if (text.size() > 1 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
  if (text == "/dev/null") return {};
  if (text.size() > 2 && text[1] == '/' && std::string_view("abciow").find(text[0]) != std::string_view::npos)
    text.remove_prefix(2);
  return text;
}

// The path of "diff --git a/x b/x": the half behind the blank in the middle, else the last word.
std::string_view PathOfGitHeader(std::string_view line) {
  const std::string_view names = line.substr(line.find("--git ") + 6);
  const size_t middle = names.size() / 2;
  if (names.size() % 2 == 1 && names[middle] == ' ') return PathOf(names.substr(middle + 1));
  const size_t blank = names.rfind(' ');
  return PathOf(blank == std::string_view::npos ? names : names.substr(blank + 1));
}

class Parser {
 public:
  explicit Parser(const std::vector<std::string_view>& lines) : lines_(lines) {}

  ParsedDiff Parse() {
    for (size_t i = 0; i < lines_.size();) i = Next(i);
    Close();
    return std::move(diff_);
  }

 private:
  size_t Next(size_t i) {
    const std::string_view line = lines_[i];
    if (line.starts_with("diff --git ")) {
      Open(i, PathOfGitHeader(line));
    } else if (line.starts_with("diff --cc ") || line.starts_with("diff --combined ")) {
      Open(i, line.substr(line.find(' ', 6) + 1));
    } else if (line.starts_with("Index: ")) {
      Open(i, line.substr(7));
    } else if (line.starts_with("--- ") && i + 1 < lines_.size() && lines_[i + 1].starts_with("+++ ")) {
      ReadNames(i);
      return i + 2;
    } else if (line.starts_with("rename to ") || line.starts_with("copy to ")) {
      if (open_) diff_.files.back().path = line.substr(line.find(" to ") + 4);
    } else if (line.starts_with("rename from ") || line.starts_with("copy from ")) {
      if (open_) diff_.files.back().old_path = line.substr(line.find(" from ") + 6);
    } else if (line == "GIT binary patch") {
      return ReadPatch(i);
    } else if (line.starts_with("@@ -") || line.starts_with("@@@ -") || line.starts_with("@@@@ -")) {
      return ReadHunk(i);
    }
    return i + 1;
  }

  void Open(size_t i, std::string_view path) {
    Close();
    DiffFile& file = diff_.files.emplace_back();
    file.begin = i;
    file.path = path;
    file.first_hunk = diff_.hunks.size();
    open_ = true;
    named_ = false;
  }

  void Close() {
    if (!diff_.files.empty()) diff_.files.back().last_hunk = diff_.hunks.size();
    open_ = false;
  }

  void ReadNames(size_t i) {
    const std::string_view before = PathOf(lines_[i].substr(4));
    const std::string_view after = PathOf(lines_[i + 1].substr(4));
    if (!open_ || named_) Open(i, after.empty() ? before : after);
    DiffFile& file = diff_.files.back();
    file.path = after.empty() ? before : after;
    if (!before.empty() && before != file.path) file.old_path = before;
    named_ = true;
  }

  // "literal 123", lines of data, an empty line; once or twice.
  size_t ReadPatch(size_t i) {
    const size_t begin = ++i;
    for (int side = 0; side < 2 && i < lines_.size(); ++side) {
      if (!lines_[i].starts_with("literal ") && !lines_[i].starts_with("delta ")) break;
      while (i < lines_.size() && !lines_[i].empty() && lines_[i].find("--git ") == std::string_view::npos) ++i;
      if (i < lines_.size() && lines_[i].empty()) ++i;
    }
    if (open_) {
      diff_.files.back().patch_begin = begin;
      diff_.files.back().patch_end = i;
    }
    return i;
  }

  size_t ReadHunk(size_t i) {
    std::optional<DiffHunk> hunk = ReadHeader(lines_[i]);
    if (!hunk) return i + 1;
    hunk->header = i;
    if (!open_ || !ReadBody(lines_, *hunk)) {
      diff_.broken = true;
      return i + 1;
    }
    diff_.hunks.push_back(*hunk);
    return hunk->end;
  }

  const std::vector<std::string_view>& lines_;
  ParsedDiff diff_;
  bool open_ = false;   // files.back() takes hunks
  bool named_ = false;  // its "---" and "+++" were read
};

}  // namespace

DiffLine DiffLineKind(std::string_view line, size_t parents) {
  if (line.starts_with('\\')) return DiffLine::kNoNewline;
  const std::string_view marks = line.substr(0, parents);
  if (marks.find('-') != std::string_view::npos) return DiffLine::kRemoved;
  return marks.find('+') != std::string_view::npos ? DiffLine::kAdded : DiffLine::kContext;
}

bool CountsFor(std::string_view line, size_t parents, size_t side) {
  switch (DiffLineKind(line, parents)) {
    case DiffLine::kNoNewline:
      return false;
    case DiffLine::kRemoved:
      return side < parents && MarkAt(line, side) == '-';
    case DiffLine::kAdded:
      return side == parents || MarkAt(line, side) == ' ';
    case DiffLine::kContext:
      break;
  }
  return true;
}

std::string HunkHeader(const DiffHunk& hunk, const std::array<DiffRange, DiffHunk::kMaxParents + 1>& ranges,
                       std::string_view heading) {
  const std::string fence(hunk.parents + 1, '@');
  std::string header = fence;
  for (size_t side = 0; side <= hunk.parents; ++side) {
    header.append(side == hunk.parents ? " +" : " -").append(std::to_string(ranges[side].start));
    if (ranges[side].count != 1) header.append(",").append(std::to_string(ranges[side].count));
  }
  return header.append(" ").append(fence).append(heading);
}

ParsedDiff ParseDiff(const std::vector<std::string_view>& lines) { return Parser(lines).Parse(); }

}  // namespace headroom::text
