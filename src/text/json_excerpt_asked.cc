#include "text/json_excerpt_asked.h"

#include <algorithm>

#include "text/line_text.h"
#include "text/salience.h"
#include "text/words.h"

namespace headroom::text {
namespace {

constexpr double kQuestionWeight = 0.9;  // of terms that come from the question
constexpr size_t kMaxExact = 16;
constexpr size_t kMinExactBytes = 4;
constexpr size_t kMaxErrorBytes = 16 * 1024;

Query OfTheQuestion(Input input) {
  input.preamble = input.tool_arguments = {};
  return Query(input);
}

}  // namespace

JsonAsked::JsonAsked(const ExcerptInput& in) : question_(OfTheQuestion(in.input)) {
  for (const Term& term : in.query.terms()) {
    if (term.weight < kQuestionWeight) continue;
    words_.insert(term.text);
    if (term.exact && term.text.size() >= kMinExactBytes && exact_.size() < kMaxExact) exact_.push_back(term.text);
  }
}

bool JsonAsked::Key(std::string_view key) const {
  if (words_.empty()) return false;
  const std::string lower = LowerCase(key);
  if (words_.contains(lower)) return true;
  bool asked = false;
  ForEachPart(key, [&](std::string_view part) {
    const std::string small = LowerCase(part);
    asked = asked || (small.size() > 2 && words_.contains(Stem(small)));
  });
  return asked;
}

bool JsonAsked::Text(std::string_view text) const {
  if (SaysError(text.substr(0, kMaxErrorBytes))) return true;
  if (exact_.empty()) return false;
  const std::string lower = LowerCase(text);
  return std::any_of(exact_.begin(), exact_.end(),
                     [&](const std::string& term) { return lower.find(term) != std::string::npos; });
}

}  // namespace headroom::text
