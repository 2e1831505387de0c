// Counts how often each term of a query stands in each unit of a text.
//
// Nearly no word of a text is a term, so each is first looked up by its first two
// bytes in a bit set; only what passes is stemmed, split and hashed.
//
// Thread-compatible.

#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "text/query.h"
#include "text/words.h"

namespace headroom::text {

class TermCounter {
 public:
  // `terms` must outlive it.
  TermCounter(const std::vector<Term>& terms, size_t units);

  // Counts the terms in `text`, the unit number `unit`. Units come in ascending order. Cost: O(bytes).
  void Add(size_t unit, std::string_view text);

  struct InUnit {
    uint32_t unit;
    uint32_t times;
  };
  const std::vector<InUnit>& units_with(size_t term) const { return by_term_[term]; }
  size_t words_of(size_t unit) const { return words_[unit]; }

 private:
  // A term with something between its words, found by its first word.
  struct Phrase {
    uint32_t term;
    size_t lead;  // bytes before its first word
  };

  void AddPhrase(uint32_t term);
  bool MayStart(size_t at) const;
  void CountWord(const Word& word, size_t at);
  void CountIdentifier(const Word& word, size_t at);
  void CountPhrasesAt(size_t at);
  void Count(std::string_view word);
  void Hit(uint32_t term);

  const std::vector<Term>& terms_;
  std::vector<std::vector<InUnit>> by_term_;
  std::vector<uint32_t> words_;
  std::bitset<1 << 16> starts_;
  std::unordered_map<std::string_view, uint32_t> index_;
  std::vector<Phrase> phrases_;
  std::vector<uint32_t> markings_;  // terms without a word in them: "=>", "--"
  std::string lower_;               // the unit, case folded
  uint32_t unit_ = 0;
};

}  // namespace headroom::text
