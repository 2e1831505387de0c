// What stands out in a text by itself, whatever is asked.
//
//   severity      ERROR, panic:, "failed: 3", Traceback, but not "0 errors", "error: null"
//   templates     lines that differ in numbers and ids only; a rare one stands out
//   outliers      numbers far from the median (median absolute deviation)
//   change points where the level of a series moves, clean steps included
//
// Thread-compatible.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace headroom::text {

enum class Severity : uint8_t { kNone, kDebug, kInfo, kWarning, kError };

// What a line of a log says of itself: by a level word where there is one, else by error
// words in it. "0 errors", "no error", "error: null" are none. Cost: O(line).
Severity SeverityOf(std::string_view line);

// True when a value (not a key) tells of an error: "Connection refused", "FAILED",
// "timeout after 30s"; "", "none", "0 failed", "no errors" do not. Cost: O(value).
bool SaysError(std::string_view value);

// Groups lines by what they have in common, in the manner of Drain (He et al. 2017):
// tokens with digits are variable, lines of the same number of tokens and the
// same leading constant tokens meet. Streaming; the same lines in the same order give the
// same ids. Memory: O(templates), at most kMaxTemplates; past that lines share the last.
class TemplateMiner {
 public:
  static constexpr size_t kMaxTemplates = 20'000;

  // The template of `line`, a number from 0 in order of first sight. Cost: O(line).
  size_t Add(std::string_view line);
  size_t size() const { return counts_.size(); }
  size_t count(size_t id) const { return counts_[id]; }

 private:
  std::unordered_map<uint64_t, size_t> ids_;
  std::vector<size_t> counts_;
};

// Indices of values whose distance from the median is more than `deviations` times the
// scaled median absolute deviation (1.4826 MAD); with a MAD of 0, those that differ from a
// median that more than half of the values have. Cost: O(n).
std::vector<size_t> Outliers(std::span<const double> values, double deviations = 5.0);

// First indices of a new level in a series, clean steps included. At least five values stand on
// either side. Cost: O(n log n).
std::vector<size_t> ChangePoints(std::span<const double> values);

}  // namespace headroom::text
