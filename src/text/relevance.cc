#include "text/relevance.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <unordered_map>

#include "text/words.h"

namespace headroom::text {
namespace {

constexpr double kK1 = 1.2;
constexpr double kB = 0.5;  // units of one text are of a kind: length says less than in a library
constexpr size_t kNamedShare = 20;
constexpr size_t kNamedFloor = 3;

// How often each term stands in each unit, sparse.
struct Hits {
  std::vector<std::vector<std::pair<uint32_t, uint32_t>>> by_term;  // (unit, times), units ascending
  std::vector<uint32_t> words;                                      // of each unit
};

class Counter {
 public:
  Counter(const std::vector<Term>& terms, size_t units) : terms_(terms) {
    hits_.by_term.resize(terms.size());
    hits_.words.resize(units);
    for (uint32_t i = 0; i < terms.size(); ++i) {
      // What has a blank in it is no word of a unit: it is searched for.
      if (terms[i].exact && terms[i].text.find_first_of(" ()[]{}<>=,;'\"$") != std::string::npos) {
        phrases_.push_back(i);
      } else {
        index_.emplace(terms[i].text, i);
      }
    }
  }

  void Add(uint32_t unit, std::string_view text) {
    unit_ = unit;
    lower_.assign(text);
    for (char& c : lower_) c = Lower(c);
    ForEachWord(text, [&](const Word& word) {
      ++hits_.words[unit_];
      const size_t at = static_cast<size_t>(word.text.data() - text.data());
      const std::string_view lower = std::string_view(lower_).substr(at, word.text.size());
      if (word.shape == WordShape::kPlain) {
        Count(StemOf(lower));
        if (StemOf(lower).size() != lower.size()) Count(lower);
        return;
      }
      Count(lower);
      ForEachPart(word.text, [&](std::string_view part) {
        const size_t part_at = static_cast<size_t>(part.data() - text.data());
        if (part.size() < word.text.size()) Count(StemOf(std::string_view(lower_).substr(part_at, part.size())));
      });
    });
    for (const uint32_t phrase : phrases_) {
      if (lower_.find(terms_[phrase].text) != std::string::npos) Hit(phrase);
    }
  }

  const Hits& hits() const { return hits_; }

 private:
  void Count(std::string_view word) {
    const auto found = index_.find(word);
    if (found != index_.end()) Hit(found->second);
  }

  void Hit(uint32_t term) {
    auto& units = hits_.by_term[term];
    if (units.empty() || units.back().first != unit_) units.emplace_back(unit_, 0);
    ++units.back().second;
  }

  const std::vector<Term>& terms_;
  Hits hits_;
  std::unordered_map<std::string_view, uint32_t> index_;
  std::vector<uint32_t> phrases_;
  std::string lower_;
  uint32_t unit_ = 0;
};

}  // namespace

Relevance::Relevance(const Query& query, const std::vector<std::string_view>& units)
    : scores_(units.size()), named_(units.size()) {
  if (query.empty() || units.empty()) return;
  Counter counter(query.terms(), units.size());
  for (size_t i = 0; i < units.size(); ++i) counter.Add(static_cast<uint32_t>(i), units[i]);
  const Hits& hits = counter.hits();
  double mean = 0;
  for (const uint32_t words : hits.words) mean += words;
  mean = std::max(1.0, mean / static_cast<double>(units.size()));
  const double n = static_cast<double>(units.size());
  const size_t few = std::max(kNamedFloor, units.size() / kNamedShare);
  for (size_t t = 0; t < query.terms().size(); ++t) {
    const auto& in_units = hits.by_term[t];
    const double df = static_cast<double>(in_units.size());
    const double idf = std::log((n + 1) / (df + 0.5));
    if (idf <= 0.05) continue;
    const Term& term = query.terms()[t];
    for (const auto& [unit, times] : in_units) {
      const double length = kK1 * (1 - kB + kB * hits.words[unit] / mean);
      scores_[unit] += term.weight * idf * times * (kK1 + 1) / (times + length);
      if (term.exact && in_units.size() <= few) named_[unit] = true;
    }
  }
  const double best = *std::max_element(scores_.begin(), scores_.end());
  if (best > 0) {
    for (double& score : scores_) score /= best;
  }
}

}  // namespace headroom::text
