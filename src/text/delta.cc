#include "text/delta.h"

#include <algorithm>

#include "base/hash.h"
#include "text/line_diff.h"
#include "text/line_numbers.h"

namespace headroom::text {
namespace {

// Equal lines before and behind a change.
constexpr size_t kContext = 2;

using Lines = std::vector<std::string_view>;

// What is compared: the lines of two texts, without their numbers where both
// have the same kind and agree in what stands around the numbered lines.
struct Pair {
  Lines before;
  Lines after;
  size_t first = 1;  // number of the first line of either
  bool numbered = false;
};

Pair PairOf(std::string_view before, std::string_view after) {
  Pair pair{LinesWithEnds(before), LinesWithEnds(after)};
  const std::optional<LineNumbers> was = FindLineNumbers(pair.before);
  const std::optional<LineNumbers> is = FindLineNumbers(pair.after);
  if (!was.has_value() || !is.has_value() || !was->SameForm(*is)) return pair;
  const auto at = [](size_t index) { return static_cast<std::ptrdiff_t>(index); };
  const Lines& b = pair.before;
  const Lines& a = pair.after;
  if (!std::equal(b.begin(), b.begin() + at(was->begin), a.begin())) return pair;
  if (!std::equal(b.begin() + at(was->end), b.end(), a.begin() + at(is->end), a.end())) return pair;
  return {WithoutNumbers(b, *was), WithoutNumbers(a, *is), was->first, true};
}

void AppendLine(char sign, std::string_view line, std::string* out) {
  out->push_back(sign);
  out->append(line);
  if (!line.ends_with('\n')) out->append("\n\\ No newline at end of file\n");
}

// "12,3"; of an empty range the line before it, as diff(1) writes it.
std::string Range(size_t first, size_t begin, size_t end) {
  const size_t start = first + begin - (begin == end ? 1 : 0);
  if (end - begin == 1) return std::to_string(start);
  return std::to_string(start) + "," + std::to_string(end - begin);
}

// One hunk over the changes [begin, end).
void AppendHunk(const Pair& pair, const std::vector<LineChange>& changes, size_t begin, size_t end, std::string* out) {
  const LineChange& head = changes[begin];
  const LineChange& tail = changes[end - 1];
  const size_t lead = std::min(kContext, head.before_begin);
  const size_t trail = std::min(kContext, pair.before.size() - tail.before_end);
  out->append("@@ -").append(Range(pair.first, head.before_begin - lead, tail.before_end + trail));
  out->append(" +").append(Range(pair.first, head.after_begin - lead, tail.after_end + trail)).append(" @@\n");
  size_t at = head.before_begin - lead;
  for (size_t i = begin; i < end; ++i) {
    for (; at < changes[i].before_begin; ++at) AppendLine(' ', pair.before[at], out);
    for (; at < changes[i].before_end; ++at) AppendLine('-', pair.before[at], out);
    for (size_t k = changes[i].after_begin; k < changes[i].after_end; ++k) AppendLine('+', pair.after[k], out);
  }
  for (; at < tail.before_end + trail; ++at) AppendLine(' ', pair.before[at], out);
}

size_t BytesOf(const Lines& lines, size_t begin, size_t end) {
  size_t bytes = 0;
  for (size_t i = begin; i < end; ++i) bytes += lines[i].size() + 1;
  return bytes;
}

bool Exceeds(const Pair& pair, const std::vector<LineChange>& changes, size_t max_bytes) {
  size_t bytes = 0;
  for (const LineChange& change : changes) {
    bytes += BytesOf(pair.before, change.before_begin, change.before_end);
    bytes += BytesOf(pair.after, change.after_begin, change.after_end);
    if (bytes > max_bytes) return true;
  }
  return false;
}

}  // namespace

std::optional<Delta> MakeDelta(std::string_view before, std::string_view after, size_t max_bytes,
                               const Expired& expired) {
  const Pair pair = PairOf(before, after);
  const std::optional<std::vector<LineChange>> changes = DiffLines(pair.before, pair.after, expired);
  if (!changes.has_value() || changes->empty() || Exceeds(pair, *changes, max_bytes)) return std::nullopt;
  Delta delta{{}, pair.numbered};
  for (size_t begin = 0; begin < changes->size();) {
    size_t end = begin + 1;
    while (end < changes->size() && (*changes)[end].before_begin - (*changes)[end - 1].before_end <= 2 * kContext)
      ++end;
    AppendHunk(pair, *changes, begin, end, &delta.hunks);
    begin = end;
  }
  delta.hunks.pop_back();
  if (delta.hunks.size() > max_bytes) return std::nullopt;
  return delta;
}

LineSketch::LineSketch(std::string_view text) : bytes_(text.size()) {
  Lines lines = LinesWithEnds(text);
  if (const std::optional<LineNumbers> numbers = FindLineNumbers(lines); numbers.has_value()) {
    lines = WithoutNumbers(lines, *numbers);
    bytes_ = BytesOf(lines, 0, lines.size()) - lines.size();
  }
  lines_.reserve(lines.size());
  for (const std::string_view line : lines) lines_.emplace_back(HashOf(line).low, static_cast<uint32_t>(line.size()));
  std::sort(lines_.begin(), lines_.end());
}

size_t LineSketch::SharedBytes(const LineSketch& other) const {
  size_t shared = 0;
  for (auto a = lines_.begin(), b = other.lines_.begin(); a != lines_.end() && b != other.lines_.end();) {
    if (*a == *b) {
      shared += a->second;
      ++a;
      ++b;
    } else if (*a < *b) {
      ++a;
    } else {
      ++b;
    }
  }
  return shared;
}

}  // namespace headroom::text
