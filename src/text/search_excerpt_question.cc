#include "text/search_excerpt_question.h"

#include <algorithm>
#include <array>

#include "text/line_text.h"
#include "text/words.h"

namespace headroom::text {
namespace {

constexpr size_t kMaxQuestion = 16 * 1024;
constexpr double kAskedWeight = 0.7;  // words and parts of identifiers of the question itself

bool AsksForUses(std::string_view lower) {
  static constexpr std::array<std::string_view, 26> kPhrases = {
      "who calls",  "who uses",      "what calls",      "what uses",  "calls it",  "calls to ",     "called from",
      "called by",  "call site",     "callers",         "caller of",  "used by",   "uses of",       "usages",
      "usage of",   "references to", "referenced",      "occurrence", "rename",    "replace every", "replace all",
      "depends on", "depend on",     "which files use", "is it used", "get rid of"};
  const bool said = std::any_of(kPhrases.begin(), kPhrases.end(),
                                [&](std::string_view phrase) { return lower.find(phrase) != std::string_view::npos; });
  if (said) return true;
  // "Where is X used?", "where do we call X?", in one sentence.
  for (size_t at = lower.find("where"); at != std::string_view::npos; at = lower.find("where", at + 5)) {
    const std::string_view sentence = lower.substr(at, std::min(lower.find_first_of("?!\n;", at), at + 160) - at);
    for (const std::string_view verb :
         {" used", " called", " call ", " use ", " invoked", " imported", " referenced"}) {
      if (sentence.find(verb) != std::string_view::npos || sentence.ends_with(verb.substr(0, verb.size() - 1)))
        return true;
    }
  }
  return false;
}

bool AsksForAmount(std::string_view lower) {
  static constexpr std::array<std::string_view, 17> kPhrases = {
      "how long",     "how many",  "how much",   "how large", "how big",  "how often",
      "how deep",     "default",   "limit",      "maximum",   "minimum",  "what number",
      "which number", "what size", "which port", "what port", "threshold"};
  return std::any_of(kPhrases.begin(), kPhrases.end(),
                     [&](std::string_view phrase) { return lower.find(phrase) != std::string_view::npos; });
}

}  // namespace

SearchQuestion::SearchQuestion(const Query& query, std::string_view question) {
  const std::string lower = LowerCase(WithoutInjectedBlocks(question.substr(0, kMaxQuestion)));
  wants_uses_ = AsksForUses(lower);
  wants_amount_ = AsksForAmount(lower);
  speaks_of_tests_ = lower.find("test") != std::string::npos || lower.find("spec") != std::string::npos ||
                     lower.find("example") != std::string::npos;
  for (const Term& term : query.terms()) {
    if (term.exact) names_.push_back(term.text);
    if (term.exact) continue;
    (term.weight >= kAskedWeight ? words_ : searched_).push_back(term.text);
  }
  std::sort(names_.begin(), names_.end());
  std::sort(words_.begin(), words_.end());
  std::sort(searched_.begin(), searched_.end());
}

bool SearchQuestion::Asks(const Definition& definition) const {
  if (definition.name.empty()) return false;
  const std::string lower = LowerCase(definition.name);
  if (std::binary_search(names_.begin(), names_.end(), lower)) return true;
  const std::string stem = Stem(lower);
  if (std::binary_search(words_.begin(), words_.end(), stem)) return true;
  if (std::binary_search(searched_.begin(), searched_.end(), stem)) return true;
  // "command's error class" asks for CommandError, not for every ...Error: all its parts are said.
  size_t parts = 0;
  bool all = true;
  ForEachPart(definition.name, [&](std::string_view part) {
    if (part.size() < 3) return;
    ++parts;
    all = all && std::binary_search(words_.begin(), words_.end(), Stem(LowerCase(part)));
  });
  return all && parts > 1;
}

std::vector<size_t> SearchQuestion::ShortFor(std::string_view text) const {
  std::vector<size_t> found;
  std::string lower;
  ForEachPart(text, [&](std::string_view part) {
    if (part.size() < 3 || part.size() > 12) return;
    lower.assign(part);
    for (char& c : lower) c = Lower(c);
    const auto word = std::lower_bound(words_.begin(), words_.end(), lower);
    if (word == words_.end() || !word->starts_with(lower) || word->size() < lower.size() + 2) return;
    const auto index = static_cast<size_t>(word - words_.begin());
    if (std::find(found.begin(), found.end(), index) == found.end()) found.push_back(index);
  });
  return found;
}

bool SearchQuestion::IsBeside(std::string_view path) const {
  if (speaks_of_tests_) return false;
  const std::string lower = LowerCase(path);
  bool beside = false;
  ForEachPart(lower, [&](std::string_view part) {
    beside = beside || part == "test" || part == "tests" || part == "spec" || part == "specs" || part == "example" ||
             part == "examples" || part == "fixture" || part == "fixtures" || part == "benchmark" ||
             part == "benchmarks" || part == "mock" || part == "mocks" || part == "testdata";
  });
  return beside;
}

}  // namespace headroom::text
