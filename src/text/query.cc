#include "text/query.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "text/asks_for_all.h"
#include "text/line_text.h"
#include "text/tool_arguments.h"
#include "text/words.h"

namespace headroom::text {
namespace {

// Of each source, half from its start and half from its end: what is asked stands at either.
constexpr size_t kMaxSourceBytes = 16 * 1024;
constexpr size_t kMinTermBytes = 2;
constexpr size_t kMaxTermBytes = 200;
constexpr size_t kMaxQuotedBytes = 2000;  // a quote that ends later is looked at no further

// What the sources are worth beside the question.
constexpr double kPreamble = 0.5;
constexpr double kArguments = 0.4;
constexpr double kAskedBefore = 1.5;  // asked for again and again, though not now
constexpr double kPasted = 0.6;       // code in fences: what the question is about rather than what it asks

// What kinds of terms are worth beside a plain word.
constexpr double kQuoted = 3.0;
constexpr double kIdentifier = 2.0;
constexpr double kLastSegment = 1.5;  // http.js of lib/adapters/http.js
constexpr double kPart = 0.7;
constexpr double kOfInstructions = 0.5;
// A term said again is meant more: by this much of the natural logarithm of how often.
constexpr double kRepetition = 0.3;

// Collects terms; the highest weight of a term counts.
class Terms {
 public:
  void Add(std::string text, double weight, bool exact) {
    if (text.size() < kMinTermBytes || text.size() > kMaxTermBytes) return;
    Entry& entry = terms_[text];
    if (entry.times++ == 0) entry.order = terms_.size();
    entry.term.exact = entry.term.exact || exact;
    entry.term.weight = std::max(entry.term.weight, weight);
    entry.term.text = std::move(text);
  }

  // Of the same weight, those that came first.
  std::vector<Term> Heaviest(size_t count) {
    std::vector<Entry> all;
    all.reserve(terms_.size());
    for (auto& [text, entry] : terms_) {
      entry.term.weight *= 1 + kRepetition * std::log(static_cast<double>(entry.times));
      all.push_back(std::move(entry));
    }
    std::sort(all.begin(), all.end(), [](const Entry& a, const Entry& b) {
      return a.term.weight != b.term.weight ? a.term.weight > b.term.weight : a.order < b.order;
    });
    if (all.size() > count) all.resize(count);
    std::vector<Term> heaviest;
    heaviest.reserve(all.size());
    for (Entry& entry : all) heaviest.push_back(std::move(entry.term));
    return heaviest;
  }

 private:
  struct Entry {
    Term term;
    size_t times = 0;
    size_t order = 0;
  };
  std::map<std::string, Entry> terms_;  // ordered: the same terms in the same order, always
};

struct QuotePair {
  std::string_view open;
  std::string_view close;
};

constexpr std::array<QuotePair, 10> kQuotes = {{{"\"", "\""},
                                                {"`", "`"},
                                                {"'", "'"},
                                                {"“", "”"},
                                                {"‘", "’"},
                                                {"„", "“"},
                                                {"«", "»"},
                                                {"「", "」"},
                                                {"『", "』"},
                                                {"《", "》"}}};

// Strings in quotes, on one line. An apostrophe ("don't", "users'") opens and closes none.
void AddQuoted(std::string_view text, double weight, Terms& terms) {
  const auto in_word = [&](size_t at) { return at < text.size() && (IsLetter(text[at]) || IsDigit(text[at])); };
  for (size_t at = 0; at < text.size(); ++at) {
    const auto pair = std::find_if(kQuotes.begin(), kQuotes.end(),
                                   [&](const QuotePair& quotes) { return text.substr(at).starts_with(quotes.open); });
    if (pair == kQuotes.end() || (pair->open == "'" && at > 0 && in_word(at - 1))) continue;
    const size_t begin = at + pair->open.size();
    const std::string_view near = text.substr(begin, kMaxQuotedBytes);
    const std::string_view line = near.substr(0, near.find('\n'));
    size_t length = line.find(pair->close);
    while (length != std::string_view::npos && pair->close == "'" && in_word(begin + length + 1)) {
      length = line.find(pair->close, length + 1);
    }
    if (length == std::string_view::npos) continue;
    const std::string_view inside = Trim(line.substr(0, length));
    if (inside.size() >= kMinTermBytes) {
      terms.Add(Folded(inside), kQuoted * weight, true);
      at = begin + length + pair->close.size() - 1;
    }
  }
}

// Words that questions are phrased with. They count where the text has them rarely, but for less.
bool IsOfInstructions(std::string_view lower) {
  static constexpr std::array<std::string_view, 32> kWords = {
      "answer",        "code",   "command", "content",  "describe", "detail", "details", "document",
      "documentation", "exact",  "example", "examples", "explain",  "file",   "files",   "given",
      "include",       "info",   "line",    "lines",    "name",     "names",  "output",  "page",
      "point",         "result", "section", "step",     "text",     "thing",  "value",   "values"};
  return std::binary_search(kWords.begin(), kWords.end(), lower);
}

void AddIdentifier(std::string_view word, WordShape shape, double weight, bool question, Terms& terms) {
  // "limit": 50 of a call is no 50 that was asked for.
  const bool tells = question || shape != WordShape::kNumber || word.size() > 2;
  terms.Add(Folded(word), kIdentifier * weight, tells);
  const size_t slash = word.find_last_of("/\\");
  if (slash != std::string_view::npos && slash + 1 < word.size()) {
    const std::string_view last = word.substr(slash + 1);
    terms.Add(Folded(last), kLastSegment * weight, ShapeOf(last) != WordShape::kPlain);
  }
  ForEachPart(word, [&](std::string_view part) {
    const std::string lower = Folded(part);
    if (part.size() > 2 && part.size() < word.size() && !IsStopWord(lower))
      terms.Add(Stem(lower), kPart * weight, false);
  });
}

// "--onto": the option rather than the word.
bool IsLongOption(std::string_view text, size_t at) {
  return at >= 2 && text[at - 1] == '-' && text[at - 2] == '-' &&
         (at == 2 || !(IsWordByte(text[at - 3]) || text[at - 3] == '-'));
}

void AddWords(std::string_view text, double weight, bool question, Terms& terms) {
  AddQuoted(text, weight, terms);
  ForEachWord(text, [&](const Word& word) {
    if (IsLongOption(text, static_cast<size_t>(word.text.data() - text.data()))) {
      terms.Add("--" + Folded(word.text), kIdentifier * weight, true);
    }
    if (word.shape == WordShape::kUnspaced) {
      ForEachPair(word.text, [&](std::string_view pair) { terms.Add(std::string(pair), weight, false); });
    } else if (word.shape != WordShape::kPlain) {
      AddIdentifier(word.text, word.shape, weight, question, terms);
    } else {
      const std::string lower = Folded(word.text);
      if (IsStopWord(lower)) return;
      terms.Add(Stem(lower), IsOfInstructions(lower) ? kOfInstructions * weight : weight, false);
    }
  });
}

void AddSource(std::string_view source, double weight, bool question, Terms& terms) {
  std::string ends;
  if (source.size() > kMaxSourceBytes) {
    ends.append(source.substr(0, kMaxSourceBytes / 2)).append("\n");
    ends.append(source.substr(source.size() - kMaxSourceBytes / 2));
    source = ends;
  }
  for (size_t at = 0; at < source.size();) {
    const size_t open = source.find("```", at);
    AddWords(source.substr(at, open - at), weight, question, terms);
    if (open == std::string_view::npos) break;
    const size_t close = std::min(source.find("```", open + 3), source.size());
    AddWords(source.substr(open + 3, close - open - 3), kPasted * weight, question, terms);
    at = std::min(close + 3, source.size());
  }
}

}  // namespace

Query::Query(const Input& input) {
  const std::string question = WithoutInjectedBlocks(input.question);
  Terms terms;
  AddSource(question, 1.0, true, terms);
  AddSource(input.preamble, kPreamble, false, terms);
  for (const Argument& argument : ReadArguments(input.tool_arguments)) {
    for (const std::string& value : argument.values) AddSource(value, kArguments, false, terms);
  }
  ForEachWord(input.asked_before, [&](const Word& word) { terms.Add(Folded(word.text), kAskedBefore, true); });
  terms_ = terms.Heaviest(kMaxTerms);
  exhaustive_ = AsksForAll(question);
  every_error_ = AsksForEveryError(question);
}

}  // namespace headroom::text
