#include "text/salience.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/hash.h"
#include "text/line_text.h"
#include "text/words.h"

namespace headroom::text {
namespace {

bool IsErrorWord(std::string_view lower) {
  static constexpr std::array<std::string_view, 30> kWords = {
      "abort",    "aborted",  "alert",    "assertionerror", "cannot",    "crash",      "crashed",  "critical",
      "denied",   "emerg",    "error",    "errors",         "exception", "fail",       "failed",   "failing",
      "fails",    "failure",  "failures", "fatal",          "invalid",   "panic",      "panicked", "refused",
      "rejected", "segfault", "timeout",  "traceback",      "undefined", "unreachable"};
  return std::binary_search(kWords.begin(), kWords.end(), lower) ||
         (lower.size() > 5 && (lower.ends_with("error") || lower.ends_with("exception")));
}

bool IsNegation(std::string_view lower) {
  return lower == "0" || lower == "no" || lower == "without" || lower == "zero" || lower == "none" || lower == "not";
}

}  // namespace

bool SaysError(std::string_view value) {
  std::string before;
  bool says = false;
  ForEachWord(value, [&](const Word& word) {
    std::string lower = LowerCase(word.text);
    if (IsErrorWord(lower) && !IsNegation(before)) {
      // "errors: 0", "error=null", "failed: none" say that there is none.
      size_t after = static_cast<size_t>(word.text.data() - value.data()) + word.text.size();
      while (after < value.size() &&
             (value[after] == ':' || value[after] == '=' || value[after] == ' ' || value[after] == '"'))
        ++after;
      const std::string_view rest = value.substr(after);
      const bool none = (rest.starts_with('0') && (rest.size() == 1 || !IsWordByte(rest[1]))) ||
                        rest.starts_with("null") || rest.starts_with("none") || rest.starts_with("None") ||
                        rest.starts_with("false");
      says = says || !none;
    }
    before = std::move(lower);
  });
  return says;
}

Severity SeverityOf(std::string_view line) {
  Severity level = Severity::kNone;
  size_t words = 0;
  ForEachWord(line.substr(0, 200), [&](const Word& word) {
    if (level != Severity::kNone || ++words > 8) return;
    const std::string lower = LowerCase(word.text);
    if (lower == "info" || lower == "notice" || lower == "information") level = Severity::kInfo;
    if (lower == "debug" || lower == "trace") level = Severity::kDebug;
    if (lower == "warn" || lower == "warning") level = Severity::kWarning;
  });
  if (level == Severity::kInfo || level == Severity::kDebug) return level;
  return SaysError(line) ? Severity::kError : level;
}

size_t TemplateMiner::Add(std::string_view line) {
  Hasher128 hasher;
  ForEachWord(line, [&](const Word& word) {
    const bool variable = std::any_of(word.text.begin(), word.text.end(), IsDigit);
    hasher.Add(variable ? std::string_view("*") : word.text);
  });
  const uint64_t key = hasher.Finish().low;
  const auto found = ids_.find(key);
  if (found != ids_.end()) {
    ++counts_[found->second];
    return found->second;
  }
  if (counts_.size() == kMaxTemplates) {
    ++counts_.back();
    return kMaxTemplates - 1;
  }
  ids_.emplace(key, counts_.size());
  counts_.push_back(1);
  return counts_.size() - 1;
}

std::vector<size_t> Outliers(std::span<const double> values, double deviations) {
  std::vector<size_t> found;
  if (values.size() < 5) return found;
  const auto middle = [](std::vector<double> sorted) {
    const auto at = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
    std::nth_element(sorted.begin(), at, sorted.end());
    return *at;
  };
  const double median = middle({values.begin(), values.end()});
  std::vector<double> distances;
  distances.reserve(values.size());
  for (const double value : values) distances.push_back(std::abs(value - median));
  const double limit = deviations * 1.4826 * middle(distances);
  for (size_t i = 0; i < values.size(); ++i) {
    if (distances[i] > limit) found.push_back(i);
  }
  return found;
}

std::vector<size_t> ChangePoints(std::span<const double> values) {
  constexpr size_t kSide = 5;
  std::vector<size_t> found;
  for (size_t i = kSide; i + kSide <= values.size(); ++i) {
    const auto [low_min, low_max] = std::minmax_element(values.begin() + static_cast<std::ptrdiff_t>(i - kSide),
                                                        values.begin() + static_cast<std::ptrdiff_t>(i));
    const auto [high_min, high_max] = std::minmax_element(values.begin() + static_cast<std::ptrdiff_t>(i),
                                                          values.begin() + static_cast<std::ptrdiff_t>(i + kSide));
    const double gap = std::max(*high_min - *low_max, *low_min - *high_max);
    const double spread = std::max(*low_max - *low_min, *high_max - *high_min);
    if (gap > 0 && gap > spread && (found.empty() || i >= found.back() + kSide)) found.push_back(i);
  }
  return found;
}

}  // namespace headroom::text
