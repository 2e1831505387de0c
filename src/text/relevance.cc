#include "text/relevance.h"

#include <algorithm>
#include <cmath>

namespace headroom::text {
namespace {

constexpr double kK1 = 1.2;
constexpr double kB = 0.5;        // units of one text are of a kind: length says less than in a library
constexpr double kMinIdf = 0.05;  // a term that nearly every unit has
constexpr size_t kNamedShare = 20;
constexpr size_t kNamedFloor = 3;

}  // namespace

Relevance::Relevance(const Query& query, const std::vector<std::string_view>& units)
    : scores_(units.size()), named_(units.size()) {
  if (query.empty() || units.empty()) return;
  TermCounter counter(query.terms(), units.size());
  for (size_t i = 0; i < units.size(); ++i) counter.Add(i, units[i]);
  Score(query, counter);
}

Relevance::Relevance(const Query& query, const TermCounter& counter, size_t units) : scores_(units), named_(units) {
  if (!query.empty() && units > 0) Score(query, counter);
}

void Relevance::Score(const Query& query, const TermCounter& counter) {
  double words = 0;
  for (size_t i = 0; i < scores_.size(); ++i) words += static_cast<double>(counter.words_of(i));
  const double n = static_cast<double>(scores_.size());
  const double mean = std::max(1.0, words / n);
  const size_t few = std::max(kNamedFloor, scores_.size() / kNamedShare);
  for (size_t t = 0; t < query.terms().size(); ++t) {
    const Term& term = query.terms()[t];
    const auto& with = counter.units_with(t);
    const double idf = std::log((n + 1) / (static_cast<double>(with.size()) + 0.5));
    if (idf <= kMinIdf) continue;
    for (const auto& [unit, times] : with) {
      const double length = kK1 * (1 - kB + kB * static_cast<double>(counter.words_of(unit)) / mean);
      scores_[unit] += term.weight * idf * times * (kK1 + 1) / (times + length);
      if (term.exact && with.size() <= few) named_[unit] = true;
    }
  }
  const double best = *std::max_element(scores_.begin(), scores_.end());
  if (best > 0) {
    for (double& score : scores_) score /= best;
  }
}

}  // namespace headroom::text
