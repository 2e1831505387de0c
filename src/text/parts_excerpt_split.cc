#include "text/parts_excerpt_split.h"

#include <algorithm>
#include <array>

#include "text/line_text.h"

namespace headroom::text {
namespace {

constexpr size_t kMaxHeadLines = 16;  // lines of a wrapper above its body
constexpr size_t kMaxTailLines = 8;   // and below
constexpr size_t kMaxFrameBytes = 200;
constexpr size_t kMinHeadings = 2;
constexpr size_t kMaxRule = 8;  // of "===" around a heading; test reports draw longer ones

// The lines of a text with their ends.
std::vector<std::string_view> WholeLines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    const size_t length = end == std::string_view::npos ? text.size() : end + 1;
    lines.push_back(text.substr(0, length));
    text.remove_prefix(length);
  }
  return lines;
}

std::string_view Bare(std::string_view line) {
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r' || IsBlank(line.back()))) line.remove_suffix(1);
  return line;
}

// Marks frame lines; what lies between two is a body.
using Frames = std::vector<bool>;

// The fence a line opens or closes with: three or more back quotes or tildes; 0 for none.
size_t FenceOf(std::string_view line, char* mark) {
  const std::string_view text = Trim(line);
  if (line.size() - text.size() > 3 || text.empty() || (text[0] != '`' && text[0] != '~')) return 0;
  const size_t length = std::min(text.find_first_not_of(text[0]), text.size());
  *mark = text[0];
  return length >= 3 ? length : 0;
}

// Fenced blocks; a fence closes with as many marks and nothing behind them, and one that
// does not close is none.
bool FindFences(const std::vector<std::string_view>& lines, Frames* frames) {
  bool any = false;
  for (size_t i = 0; i < lines.size(); ++i) {
    char mark = 0;
    const size_t open = FenceOf(Bare(lines[i]), &mark);
    if (open == 0) continue;
    size_t end = i + 1;
    for (; end < lines.size(); ++end) {
      char other = 0;
      const std::string_view line = Bare(lines[end]);
      if (FenceOf(line, &other) >= open && other == mark &&
          Trim(line).find_first_not_of(mark) == std::string_view::npos) {
        break;
      }
    }
    if (end == lines.size()) return any;
    (*frames)[i] = (*frames)[end] = true;
    any = true;
    i = end;
  }
  return any;
}

bool NamesOutput(std::string_view name) {
  static constexpr std::array<std::string_view, 8> kWords = {"out",      "err",     "result",   "log",
                                                             "response", "console", "terminal", "content"};
  return std::any_of(kWords.begin(), kWords.end(),
                     [&](std::string_view word) { return name.find(word) != std::string_view::npos; });
}

// "stdout" of "<stdout>" and of "</stdout>", also with attributes; "" where the line is no such tag.
std::string_view TagOf(std::string_view line, bool* closes) {
  if (line.size() < 5 || line.size() > kMaxFrameBytes || line[0] != '<' || line.back() != '>') return {};
  line.remove_prefix(1);
  *closes = line[0] == '/';
  if (*closes) line.remove_prefix(1);
  size_t length = 0;
  while (length < line.size() && (IsLetter(line[length]) || line[length] == '-' || line[length] == '_')) ++length;
  const bool ends = line[length] == '>' ? length + 1 == line.size() : line[length] == ' ' && !*closes;
  if (!ends || line.substr(length).find('<') != std::string_view::npos) return {};
  return line.substr(0, length);
}

// Tags of wrappers on lines of their own, opened and closed.
bool FindTags(const std::vector<std::string_view>& lines, Frames* frames) {
  struct Open {
    std::string_view name;
    size_t line;
  };
  std::vector<Open> open;
  bool any = false;
  for (size_t i = 0; i < lines.size(); ++i) {
    bool closes = false;
    const std::string_view name = TagOf(Bare(lines[i]), &closes);
    if (name.empty() || !NamesOutput(name)) continue;
    if (!closes) {
      if (open.size() < 16) open.push_back({name, i});
      continue;
    }
    if (open.empty() || open.back().name != name) continue;
    (*frames)[open.back().line] = (*frames)[i] = true;
    open.pop_back();
    any = true;
  }
  return any;
}

// "Output:", "STDERR:", "Stdout: text" of wrappers that name the streams.
bool IsStreamLabel(std::string_view line) {
  static constexpr std::array<std::string_view, 6> kLabels = {
      "output:", "stdout:", "stderr:", "result:", "logs:", "error:"};
  const std::string lower = LowerCase(line.substr(0, 12));
  return std::any_of(kLabels.begin(), kLabels.end(), [&](std::string_view label) { return lower == label; });
}

// "Exit code: 1", "Wall time: 0.2 s", "[exit status 3]": a word or some, then a value.
bool IsField(std::string_view line) {
  if (line.empty() || line.size() > kMaxFrameBytes) return line.empty();
  if (line.front() == '[' && line.back() == ']') return true;
  const size_t colon = line.find(':');
  if (colon != std::string_view::npos && colon > 0 && colon < 40 && IsLetter(line[0])) {
    return line.substr(0, colon).find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ _-") ==
           std::string_view::npos;
  }
  return line.starts_with("Process exited with") || line.starts_with("Command ");
}

// A head of fields that ends in "Output:", and fields behind the body.
bool FindLabels(const std::vector<std::string_view>& lines, Frames* frames) {
  size_t label = lines.size();
  for (size_t i = 0; i < std::min(lines.size(), kMaxHeadLines) && IsField(Bare(lines[i])); ++i) {
    if (IsStreamLabel(Bare(lines[i]))) label = i;
  }
  if (label == lines.size()) return false;
  for (size_t i = 0; i <= label; ++i) (*frames)[i] = true;
  for (size_t i = label + 1; i < lines.size(); ++i) {
    if (IsStreamLabel(Bare(lines[i]))) (*frames)[i] = true;
  }
  for (size_t i = lines.size(); i > label + 1 && i + kMaxTailLines > lines.size() && IsField(Bare(lines[i - 1])); --i) {
    (*frames)[i - 1] = true;
  }
  return true;
}

// The sign of a heading that a command prints between its steps: "=== x ===", "--- x ---",
// "## x", "==> x <==", "$ command"; "" for other lines.
std::string_view HeadingSign(std::string_view line) {
  if (line.size() < 3 || line.size() > kMaxFrameBytes) return {};
  if (line.starts_with("==> ")) return line.ends_with(" <==") ? "==> " : std::string_view{};
  if (line.starts_with("$ ")) return "$ ";
  const char c = line[0];
  if (c != '=' && c != '-' && c != '#' && c != '*') return {};
  const size_t rule = line.find_first_not_of(c);
  if (rule == std::string_view::npos || rule > kMaxRule || rule < 2) return {};
  const bool closed = line.size() > 2 * rule && line[line.size() - 1] == c && line[line.size() - 2] == c;
  if (c == '#') return line[rule] == ' ' ? line.substr(0, rule) : std::string_view{};
  return closed && (rule >= 2) ? line.substr(0, rule) : std::string_view{};
}

// Headings of one sign. Hashes and dashes also stand in documents and diffs: they count
// where the command prints them.
bool FindHeadings(const std::vector<std::string_view>& lines, std::string_view arguments, Frames* frames) {
  std::vector<std::pair<size_t, std::string_view>> headings;
  for (size_t i = 0; i < lines.size(); ++i) {
    const std::string_view sign = HeadingSign(Bare(lines[i]));
    if (!sign.empty()) headings.emplace_back(i, sign);
  }
  if (headings.size() < kMinHeadings) return false;
  const std::string_view sign = headings.front().second;
  const bool printed =
      arguments.find(sign) != std::string_view::npos && arguments.find("echo") != std::string_view::npos;
  const bool known = sign.starts_with("==") || sign == "$ " || sign.starts_with("**");
  // A transcript and files shown by head begin with their heading.
  const bool at_start = headings.front().first <= 1;
  if (!printed && !(known && at_start)) return false;
  size_t found = 0;
  for (const auto& [line, one] : headings) {
    if (one != sign) continue;
    (*frames)[line] = true;
    ++found;
  }
  return found >= kMinHeadings;
}

std::vector<Part> Join(std::string_view text, const std::vector<std::string_view>& lines, const Frames& frames) {
  std::vector<Part> parts;
  size_t offset = 0;
  for (size_t i = 0; i < lines.size();) {
    size_t end = i;
    size_t bytes = 0;
    while (end < lines.size() && frames[end] == frames[i]) bytes += lines[end++].size();
    parts.push_back({text.substr(offset, bytes), i, !frames[i]});
    offset += bytes;
    i = end;
  }
  return parts;
}

}  // namespace

std::vector<Part> SplitParts(std::string_view text, std::string_view arguments) {
  const std::vector<std::string_view> lines = WholeLines(text);
  Frames frames(lines.size());
  bool found = FindTags(lines, &frames) || FindLabels(lines, &frames);
  if (!found) {
    std::fill(frames.begin(), frames.end(), false);
    found = FindHeadings(lines, arguments, &frames);
  }
  if (!found) {
    std::fill(frames.begin(), frames.end(), false);
    found = FindFences(lines, &frames);
  }
  if (!found) return {{text, 0, true}};
  std::vector<Part> parts = Join(text, lines, frames);
  if (parts.size() > kMaxParts) return {{text, 0, true}};
  return parts;
}

}  // namespace headroom::text
