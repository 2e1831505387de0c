// What a question wants of search results.
//
//   "Where is prompt() defined?"         the definition of prompt
//   "Who calls it?", "rename it"         every use
//   "How does the pool time out?"        hits outside tests first
//
// Thread-compatible.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "text/query.h"
#include "text/search_excerpt_definitions.h"

namespace headroom::text {

class SearchQuestion {
 public:
  SearchQuestion(const Query& query, std::string_view question);

  // Where something is used is asked: a hit that is left out would be missed.
  bool wants_uses() const { return wants_uses_; }

  // "How long", "which default", "what limit": a number answers.
  bool wants_amount() const { return wants_amount_; }

  // The definition is of a name that the question or the search says, or of a name
  // made of its words. Cost: O(name and terms).
  bool Asks(const Definition& definition) const;

  // The question's words that parts of `text` are short for ("int" for integer, "max" for maximum), by
  // their index below words(), each once. Cost: O(text).
  std::vector<size_t> ShortFor(std::string_view text) const;
  size_t words() const { return words_.size(); }

  // A test, an example or a fixture, and the question speaks of none.
  bool IsBeside(std::string_view path) const;

 private:
  std::vector<std::string> names_;     // lower case, sorted: identifiers and words as written
  std::vector<std::string> words_;     // stems of plain words of the question, sorted
  std::vector<std::string> searched_;  // stems of what the call looked for and the model said, sorted
  bool wants_uses_ = false;
  bool wants_amount_ = false;
  bool speaks_of_tests_ = false;
};

}  // namespace headroom::text
