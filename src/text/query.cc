#include "text/query.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "text/line_text.h"
#include "text/tool_arguments.h"
#include "text/words.h"

namespace headroom::text {
namespace {

constexpr size_t kMaxSourceBytes = 16 * 1024;  // of each source
constexpr size_t kMinTermBytes = 2;
constexpr size_t kMaxTermBytes = 200;

// What the sources are worth beside the question.
constexpr double kPreamble = 0.5;
constexpr double kArguments = 0.4;

// Collects terms; the highest weight of a term counts.
class Terms {
 public:
  void Add(std::string text, double weight, bool exact) {
    if (text.size() < kMinTermBytes || text.size() > kMaxTermBytes) return;
    Term& term = terms_[text];
    term.exact = term.exact || exact;
    term.weight = std::max(term.weight, weight);
    term.text = std::move(text);
  }

  std::vector<Term> Heaviest(size_t count) {
    std::vector<Term> all;
    all.reserve(terms_.size());
    for (auto& [text, term] : terms_) all.push_back(std::move(term));
    std::stable_sort(all.begin(), all.end(), [](const Term& a, const Term& b) { return a.weight > b.weight; });
    if (all.size() > count) all.resize(count);
    return all;
  }

 private:
  std::map<std::string, Term> terms_;  // ordered: the same terms in the same order, always
};

// Strings in quotes, back quotes or typographic quotes, on one line.
void AddQuoted(std::string_view text, double weight, Terms& terms) {
  for (size_t at = 0; at < text.size(); ++at) {
    const char quote = text[at];
    if (quote != '"' && quote != '`' && quote != '\'') continue;
    if (quote == '\'' && at > 0 && (IsLetter(text[at - 1]) || IsDigit(text[at - 1]))) continue;  // don't
    const size_t end = text.find(quote, at + 1);
    if (end == std::string_view::npos) continue;
    const std::string_view inside = text.substr(at + 1, end - at - 1);
    if (inside.size() < 2 || inside.find('\n') != std::string_view::npos) continue;
    terms.Add(LowerCase(inside), 3.0 * weight, true);
    at = end;
  }
}

void AddSource(std::string_view text, double weight, Terms& terms) {
  text = text.substr(0, kMaxSourceBytes);
  AddQuoted(text, weight, terms);
  ForEachWord(text, [&](const Word& word) {
    if (word.shape != WordShape::kPlain) {
      terms.Add(LowerCase(word.text), 2.0 * weight, true);
      ForEachPart(word.text, [&](std::string_view part) {
        if (part.size() > 2 && !IsStopWord(LowerCase(part))) terms.Add(Stem(LowerCase(part)), 0.7 * weight, false);
      });
      return;
    }
    std::string lower = LowerCase(word.text);
    if (!IsStopWord(lower)) terms.Add(Stem(lower), weight, false);
  });
}

bool AsksForAll(std::string_view question) {
  static constexpr std::array<std::string_view, 22> kPhrases = {" all ",          " every ",
                                                                " each ",         " everything ",
                                                                " list the ",     " how many ",
                                                                " count ",        " sum ",
                                                                " total of ",     " add up ",
                                                                " complete list", " full list",
                                                                " in full ",      " without exception",
                                                                " compare ",      " difference between ",
                                                                " enumerate ",    " exhaustive",
                                                                " which ones ",   " any others ",
                                                                " entire ",       " average "};
  std::string text = " " + LowerCase(question) + " ";
  for (char& c : text) {
    if (c == '\n' || c == ',' || c == '.' || c == '?' || c == '!' || c == ':' || c == ';' || c == '(' || c == ')')
      c = ' ';
  }
  return std::any_of(kPhrases.begin(), kPhrases.end(),
                     [&](std::string_view phrase) { return text.find(phrase) != std::string::npos; });
}

}  // namespace

Query::Query(const Input& input) {
  const std::string question = WithoutInjectedBlocks(input.question);
  Terms terms;
  AddSource(question, 1.0, terms);
  AddSource(input.preamble, kPreamble, terms);
  for (const Argument& argument : ReadArguments(input.tool_arguments)) {
    for (const std::string& value : argument.values) AddSource(value, kArguments, terms);
  }
  terms_ = terms.Heaviest(kMaxTerms);
  exhaustive_ = AsksForAll(question);
}

}  // namespace headroom::text
