#include "text/row_terms.h"

#include <unordered_map>

namespace headroom::text {
namespace {

std::vector<Term> TermsOfQuestion(Input input) {
  input.preamble = input.tool_arguments = {};
  return Query(input).terms();
}

// `terms` and those of `more` that are not among them; `places` of the latter.
std::vector<Term> Joined(std::vector<Term> terms, const std::vector<Term>& more, std::vector<size_t>& places) {
  std::unordered_map<std::string, size_t> known;
  for (size_t i = 0; i < terms.size(); ++i) known.emplace(terms[i].text, i);
  for (const Term& term : more) {
    const auto [found, is_new] = known.emplace(term.text, terms.size());
    if (is_new) terms.push_back(term);
    places.push_back(found->second);
  }
  return terms;
}

}  // namespace

RowTerms::RowTerms(const std::vector<std::string_view>& rows, const ExcerptInput& in)
    : of_question_(TermsOfQuestion(in.input)),
      all_(Joined(in.query.terms(), of_question_, places_)),
      counter_(all_, rows.size()) {
  if (all_.empty()) return;
  for (size_t i = 0; i < rows.size(); ++i) counter_.Add(i, rows[i]);
}

}  // namespace headroom::text
