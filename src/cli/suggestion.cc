#include "cli/suggestion.h"

#include <algorithm>

namespace headroom::cli {
namespace {

constexpr size_t kMostLetters = 64;

// The restricted Damerau-Levenshtein distance, row by row.
size_t Distance(std::string_view a, std::string_view b) {
  std::vector<size_t> before(b.size() + 1);
  std::vector<size_t> row(b.size() + 1);
  std::vector<size_t> next(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    next[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const bool same = a[i - 1] == b[j - 1];
      next[j] = std::min({row[j] + 1, next[j - 1] + 1, row[j - 1] + (same ? 0 : 1)});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) next[j] = std::min(next[j], before[j - 2] + 1);
    }
    before.swap(row);
    row.swap(next);
  }
  return row[b.size()];
}

}  // namespace

std::string Nearest(std::string_view word, const std::vector<std::string>& candidates) {
  if (word.empty() || word.size() > kMostLetters) return "";
  const size_t limit = std::max<size_t>(2, word.size() / 3);
  std::string nearest;
  size_t least = limit + 1;
  for (const std::string& candidate : candidates) {
    if (candidate.size() > kMostLetters) continue;
    const size_t distance = Distance(word, candidate);
    if (distance >= least || distance >= word.size()) continue;
    least = distance;
    nearest = candidate;
  }
  return nearest;
}

std::string UnknownName(std::string_view noun, std::string_view word, const std::vector<std::string>& candidates) {
  std::string sentence = "unknown ";
  sentence.append(noun).append(" '").append(word).append("'");
  const std::string nearest = Nearest(word, candidates);
  return nearest.empty() ? sentence : sentence + " (did you mean '" + nearest + "'?)";
}

}  // namespace headroom::cli
