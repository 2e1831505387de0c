#include "text/gaps.h"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <optional>
#include <system_error>

#include "text/line_text.h"

namespace headroom::text {
namespace {

constexpr std::string_view kGapOpen = "... ";
constexpr std::string_view kGapClose = " ...";
constexpr size_t kMarkBytes = 96;  // unit, numbers and "omitted" stand in them

// Takes a number off the front; 0 where there is none, SIZE_MAX where it is larger than any count.
size_t TakeNumber(std::string_view& text) {
  const size_t digits = LeadingDigits(text);
  size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + digits, number);
  text.remove_prefix(digits);
  return error == std::errc::result_out_of_range ? SIZE_MAX : number;
}

// "line 7 omitted", "lines 12-424 omitted (3 hits)": what stands between the dots.
std::optional<Gap> ReadGap(std::string_view inside) {
  const size_t blank = inside.find(' ');
  if (blank == std::string_view::npos) return std::nullopt;
  Gap gap{.unit = inside.substr(0, blank)};
  std::string_view rest = inside.substr(blank + 1);
  if (LeadingDigits(rest) == 0) return std::nullopt;
  gap.first = gap.last = TakeNumber(rest);
  if (rest.starts_with('-')) {
    rest.remove_prefix(1);
    gap.last = TakeNumber(rest);
  }
  return rest.starts_with(" omitted") ? std::optional(gap) : std::nullopt;
}

}  // namespace

std::string GapMark(std::string_view unit, size_t first, size_t last, std::string_view note) {
  std::string mark(kGapOpen);
  const bool one = first == last;
  mark.append(one && unit.ends_with('s') ? unit.substr(0, unit.size() - 1) : unit);
  mark.append(" ").append(std::to_string(first));
  if (!one) mark.append("-").append(std::to_string(last));
  mark.append(" omitted");
  if (!note.empty()) mark.append(" (").append(note).append(")");
  return mark.append(kGapClose);
}

std::vector<Gap> GapsIn(std::string_view rendition, size_t limit) {
  std::vector<Gap> gaps;
  for (size_t at = rendition.find(kGapOpen); at != std::string_view::npos && gaps.size() < limit;
       at = rendition.find(kGapOpen, at + 1)) {
    const std::string_view near = rendition.substr(at + kGapOpen.size(), kMarkBytes);
    if (const std::optional<Gap> gap = ReadGap(near.substr(0, near.find('\n')))) gaps.push_back(*gap);
  }
  return gaps;
}

bool ImitatesGapMarks(std::string_view text) { return !GapsIn(text, 1).empty(); }

std::string ClosingMarker(const Omission& omitted, std::string_view id) {
  std::string marker = "[" + std::to_string(omitted.total) + " ";
  marker.append(omitted.unit).append(" compressed to ").append(std::to_string(omitted.kept));
  return marker.append(". Retrieve more: hash=").append(id).append("]");
}

bool EndsInClosingMarker(std::string_view text) {
  static constexpr std::string_view kMiddle = ". Retrieve more: hash=";
  while (!text.empty() && (IsBlank(text.back()) || text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  const size_t newline = text.rfind('\n');
  const std::string_view line = newline == std::string_view::npos ? text : text.substr(newline + 1);
  return line.starts_with('[') && line.ends_with(']') && line.find(" compressed to ") != std::string_view::npos &&
         line.find(kMiddle) != std::string_view::npos;
}

LineSelection::LineSelection(const std::vector<std::string_view>& lines, size_t first_line)
    : lines_(lines), first_line_(first_line), kept_(lines.size()), score_(lines.size()), cost_(lines.size()) {
  for (size_t i = 0; i < lines.size(); ++i) {
    cost_[i] = static_cast<uint32_t>(EstimateTokens(lines[i]) + 1);
    total_tokens_ += cost_[i];
  }
}

void LineSelection::Keep(size_t line) {
  if (line < kept_.size()) kept_[line] = true;
}

void LineSelection::KeepRange(size_t begin, size_t end) {
  for (size_t i = begin; i < std::min(end, kept_.size()); ++i) kept_[i] = true;
}

void LineSelection::Offer(size_t line, double score) {
  if (line < score_.size()) score_[line] = std::max(score_[line], score);
}

void LineSelection::Fill(size_t tokens) {
  std::vector<size_t> order;
  for (size_t i = 0; i < score_.size(); ++i) {
    if (!kept_[i] && score_[i] > 0) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return score_[a] > score_[b]; });
  size_t spent = this->tokens();
  for (const size_t line : order) {
    if (spent + cost_[line] > tokens) continue;
    kept_[line] = true;
    spent += cost_[line];
  }
}

size_t LineSelection::count() const { return static_cast<size_t>(std::count(kept_.begin(), kept_.end(), true)); }

size_t LineSelection::tokens() const {
  size_t sum = 0;
  for (size_t i = 0; i < cost_.size(); ++i) sum += kept_[i] ? cost_[i] : 0;
  return sum;
}

void LineSelection::CloseSmallGaps() {
  for (size_t begin = 0; begin < kept_.size();) {
    size_t end = begin;
    size_t saved = 0;
    for (; end < kept_.size() && !kept_[end]; ++end) saved += cost_[end];
    if (saved <= kGapMarkTokens + 2) KeepRange(begin, end);
    begin = end + 1;
  }
}

std::string LineSelection::Render(std::string_view ending, bool ends_with_newline) {
  CloseSmallGaps();
  std::string out;
  bool first = true;
  for (size_t i = 0; i < lines_.size(); ++i) {
    size_t end = i;
    while (end < lines_.size() && !kept_[end]) ++end;
    if (!first) out.append(ending);
    first = false;
    if (end > i) {
      out.append(GapMark("lines", first_line_ + i, first_line_ + end - 1));
      i = end - 1;
    } else {
      out.append(lines_[i]);
    }
  }
  if (ends_with_newline) out.append(ending);
  return out;
}

}  // namespace headroom::text
