// In which rows of a table the terms of the query stand, and which of them are the question's own: rows are read once
// for both.
//
// Thread-compatible.

#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "text/excerpt.h"
#include "text/query.h"
#include "text/term_counter.h"

namespace headroom::text {

class RowTerms {
 public:
  // Refers to `in`. Cost: O(bytes of the rows).
  RowTerms(const std::vector<std::string_view>& rows, const ExcerptInput& in);
  RowTerms(const RowTerms&) = delete;
  RowTerms& operator=(const RowTerms&) = delete;

  // Its first terms are those of the query, in their order.
  const TermCounter& counter() const { return counter_; }

  // What the model said and called with was for all of the result; this is not in it.
  const std::vector<Term>& of_question() const { return of_question_; }
  const std::vector<TermCounter::InUnit>& rows_with(size_t of_question) const {
    return counter_.units_with(places_[of_question]);
  }

 private:
  const std::vector<Term> of_question_;
  std::vector<size_t> places_;  // of the question's terms among all
  const std::vector<Term> all_;
  TermCounter counter_;
};

}  // namespace headroom::text
