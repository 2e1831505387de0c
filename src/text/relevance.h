// How well each unit of a text (line, row, section) fits what is asked.
//
// BM25 (Robertson, Zaragoza 2009) over the units of the text at hand: a term
// that few units have says more than one that all have. Identifiers count as
// themselves, by what stands between their joints (http.js in lib/http.js:12) and
// by their parts (camelCase, snake_case); an exact term weighs more than a word, and
// quoted strings are found wherever they begin at a word, whatever blanks stand in them.
// Counter-example: a word of the question that every line has (IDF near 0) tells
// nothing and scores nothing.
//
// Cost: O(bytes of the units); bench/relevance. Thread-compatible.

#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "text/query.h"
#include "text/term_counter.h"

namespace headroom::text {

class Relevance {
 public:
  Relevance(const Query& query, const std::vector<std::string_view>& units);
  // `counter` has counted so many units; its first terms are the query's.
  Relevance(const Query& query, const TermCounter& counter, size_t units);

  // 0: nothing in common. 1: the best unit of this text.
  double score(size_t unit) const { return scores_[unit]; }

  // The unit holds an exact term that at most one in twenty units (or three) have: an id,
  // a path, a number or a quoted string that was asked for.
  bool named(size_t unit) const { return named_[unit]; }

 private:
  void Score(const Query& query, const TermCounter& counter);

  std::vector<double> scores_;
  std::vector<bool> named_;
};

}  // namespace headroom::text
