#include "text/diff_excerpt_focus.h"

#include <algorithm>
#include <array>

#include "text/line_text.h"
#include "text/named_paths.h"
#include "text/words.h"

namespace headroom::text {
namespace {

constexpr size_t kMaxQuestion = 16 * 1024;
constexpr size_t kTaskWords = 150;
constexpr size_t kMaxLines = 16;  // line numbers of a question that are looked up
constexpr size_t kAround = 3;     // lines: "around line 554" of a hunk that begins at 556

bool IsWholeChange(std::string_view question) {
  static constexpr std::array<std::string_view, 24> kPhrases = {
      "review this",   "review the",     "review my",     "review it",      "review these",    "code review",
      "please review", "what changed",   "what has chan", "what's changed", "what does this",  "what do these",
      "summarize",     "summarise",      "summary",       "overview",       "commit message",  "release note",
      "changelog",     "describe the c", "explain this",  "explain the c",  "walk me through", "side effect"};
  const std::string lower = LowerCase(question.substr(0, kMaxQuestion));
  return std::any_of(kPhrases.begin(), kPhrases.end(),
                     [&](std::string_view phrase) { return lower.find(phrase) != std::string::npos; });
}

// A long text is a task: the places in it were not said of this diff.
bool IsTask(std::string_view question) {
  size_t words = 0;
  ForEachWord(question.substr(0, kMaxQuestion), [&](const Word&) { ++words; });
  return words > kTaskWords;
}

// Numbers behind "line", "lines", "L" or "file.ext:"; "120-140" is a range.
std::vector<DiffRange> AskedLines(std::string_view question) {
  std::vector<DiffRange> asked;
  const std::string lower = LowerCase(question.substr(0, kMaxQuestion));
  const auto is_word = [&](size_t at) { return at < lower.size() && IsWordByte(lower[at]); };
  for (size_t at = 0; at < lower.size() && asked.size() < kMaxLines;) {
    if (!IsDigit(lower[at]) || (at > 0 && IsDigit(lower[at - 1]))) {
      ++at;
      continue;
    }
    size_t before = at;
    while (before > 0 && std::string_view(" #~\t").find(lower[before - 1]) != std::string_view::npos) --before;
    const std::string_view lead = std::string_view(lower).substr(0, before);
    const bool letter = lead.ends_with('l') && before == at && !(before > 1 && is_word(before - 2));
    const bool behind_path = lead.ends_with(':') && before == at && before > 1 && is_word(before - 2);
    const bool named = lead.ends_with("line") || lead.ends_with("lines") || letter || behind_path;
    const auto read = [&](size_t from) {
      size_t value = 0;
      for (const char c : std::string_view(lower).substr(
               from, std::min<size_t>(LeadingDigits(std::string_view(lower).substr(from)), 9)))
        value = value * 10 + static_cast<size_t>(c - '0');
      return value;
    };
    const size_t first = read(at);
    at += LeadingDigits(std::string_view(lower).substr(at));
    if (!named) continue;
    size_t last = first;
    const std::string_view rest = std::string_view(lower).substr(at);
    for (const std::string_view dash : {"-", " to ", "\u2013"}) {
      if (rest.starts_with(dash)) last = std::max(first, read(at + dash.size()));
    }
    asked.push_back({first, std::min<size_t>(last - first + 1, 2000)});
  }
  return asked;
}

size_t Distance(const DiffRange& hunk, const DiffRange& asked) {
  const size_t hunk_end = hunk.start + std::max<size_t>(hunk.count, 1);
  const size_t asked_end = asked.start + asked.count;
  if (asked.start >= hunk_end) return asked.start - hunk_end + 1;
  return hunk.start >= asked_end ? hunk.start - asked_end + 1 : 0;
}

size_t Distance(const DiffHunk& hunk, const DiffRange& asked) {
  size_t least = Distance(hunk.ranges[0], asked);
  for (size_t side = 1; side <= hunk.parents; ++side) least = std::min(least, Distance(hunk.ranges[side], asked));
  return least;
}

}  // namespace

DiffFocus::DiffFocus(const Query& query, std::string_view question, const ParsedDiff& diff)
    : named_(diff.files.size()), pointed_(diff.hunks.size()) {
  const std::string asked = WithoutInjectedBlocks(question);
  whole_ = IsTask(asked);
  if (whole_) return;
  NameFiles(query, diff);
  for (const DiffRange& lines : AskedLines(asked)) PointAt(lines, diff);
  whole_ = IsWholeChange(asked);
}

void DiffFocus::NameFiles(const Query& query, const ParsedDiff& diff) {
  for (size_t i = 0; i < diff.files.size(); ++i) {
    const DiffFile& file = diff.files[i];
    if (NamesPath(query, file.path) || NamesPath(query, file.old_path)) named_[i] = any_named_ = true;
  }
}

void DiffFocus::PointAt(const DiffRange& lines, const ParsedDiff& diff) {
  for (size_t file = 0; file < diff.files.size(); ++file) {
    if (any_named_ && !named_[file]) continue;
    size_t nearest = 0;
    size_t least = static_cast<size_t>(-1);
    for (size_t i = diff.files[file].first_hunk; i < diff.files[file].last_hunk; ++i) {
      const size_t distance = Distance(diff.hunks[i], lines);
      if (distance <= kAround) pointed_[i] = any_pointed_ = true;
      if (distance < least) {
        least = distance;
        nearest = i;
      }
    }
    if (any_named_ && least != static_cast<size_t>(-1)) pointed_[nearest] = any_pointed_ = true;
  }
}

}  // namespace headroom::text
