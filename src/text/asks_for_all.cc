#include "text/asks_for_all.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string>
#include <vector>

#include "text/line_text.h"
#include "text/words.h"

namespace headroom::text {
namespace {

// An instruction is short; in what is longer, it stands at an end.
constexpr size_t kShortQuestion = 1200;
constexpr size_t kEndBytes = 400;
constexpr size_t kMaxWords = 400;
constexpr size_t kVerbReach = 4;  // words between a verb and its quantifier
constexpr size_t kNounReach = 5;  // words between a quantifier and what it is about
constexpr size_t kClauseReach = 12;
constexpr size_t kFormReach = 10;  // words between "turn this" and "a table"

using Words = std::vector<std::string>;

bool In(std::string_view word, std::initializer_list<std::string_view> list) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

// A sentence's words and commas, with reading beyond its ends.
class Sentence {
 public:
  explicit Sentence(Words words) : words_(std::move(words)) {}

  size_t size() const { return words_.size(); }
  std::string_view at(size_t i) const { return i < words_.size() ? std::string_view(words_[i]) : std::string_view(); }
  std::string_view before(size_t i, size_t steps = 1) const { return i >= steps ? at(i - steps) : std::string_view(); }

  // True where a clause begins: at the start, behind a comma, "and", "please", ...
  bool starts_clause(size_t i) const {
    return i == 0 || In(before(i), {",", "and", "please", "then", "also", "to", "you", "me", "now", "just"});
  }

  // True when one of `list` stands in the `reach` words before `i`, or behind it.
  bool near_before(size_t i, size_t reach, std::initializer_list<std::string_view> list) const {
    for (size_t step = 1; step <= std::min(reach, i) && words_[i - step] != ","; ++step) {
      if (In(words_[i - step], list) && !IsOtherSense(i - step)) return true;
    }
    return false;
  }
  bool near_behind(size_t i, size_t reach, std::initializer_list<std::string_view> list) const {
    for (size_t at = i + 1; at < std::min(words_.size(), i + 1 + reach) && words_[at] != ","; ++at) {
      if (In(words_[at], list)) return true;
    }
    return false;
  }

 private:
  // "find out", "see if": nothing is listed.
  bool IsOtherSense(size_t i) const {
    return (words_[i] == "find" || words_[i] == "see") && In(at(i + 1), {"out", "if"});
  }

  Words words_;
};

bool IsErrorWord(std::string_view word) {
  return word.starts_with("error") || word.starts_with("fail") || word.starts_with("exception") ||
         word.starts_with("warning") || word.starts_with("crash") || word.starts_with("panic") || word == "broken" ||
         word == "traceback" || word == "tracebacks" || word == "unhealthy" || word == "unusual";
}

// What the quantifier at `i` is about is an error: those are kept whatever is asked.
bool IsAboutErrors(const Sentence& s, size_t i) {
  for (size_t at = i + 1; at <= i + kNounReach && at < s.size() && s.at(at) != ","; ++at) {
    if (IsErrorWord(s.at(at))) return true;
  }
  return false;
}

bool HasListingVerb(const Sentence& s, size_t i, size_t reach = kVerbReach) {
  return s.near_before(
      i, reach,
      {"list",    "show",    "give",    "print",   "enumerate", "name",    "extract",   "return", "dump", "output",
       "include", "find",    "get",     "collect", "quote",     "report",  "tell",      "see",    "read", "write",
       "copy",    "display", "export",  "sum",     "add",       "count",   "total",     "sort",   "rank", "group",
       "need",    "want",    "provide", "compare", "describe",  "convert", "translate", "cite",   "state"});
}

// "all the time", "after all", "every 5 minutes", "each other": no quantity of things.
bool IsIdiom(const Sentence& s, size_t i) {
  const std::string_view next = s.at(i + 1);
  if (s.at(i) == "all") {
    if (In(s.before(i), {"at", "after", "above", "not", "almost", "nearly"})) return true;
    const bool of = s.before(i) == "of";
    if (of && In(s.before(i, 2), {"first", "best", "worst", "which", "what", "one", "some", "any", "none"}))
      return true;
    return In(next, {"right", "along", "over"}) ||
           (next == "the" && In(s.at(i + 2), {"time", "way", "same", "details", "information", "info"})) ||
           In(next, {"details", "information", "info", "about"});
  }
  if (s.at(i) == "every") {
    return next.empty() || IsDigit(next[0]) ||
           In(next, {"time", "now", "day", "hour", "minute", "second", "week", "month", "year", "other", "few"});
  }
  return s.at(i) == "each" && (next.empty() || In(next, {",", "other", "time", "and", "or"}));
}

// "every usage", "all callers": places to be changed, none may be missed, whatever the verb.
bool IsAboutPlaces(const Sentence& s, size_t i) {
  return s.near_behind(i, 3,
                       {"occurrence", "occurrences", "usage", "usages", "caller", "callers", "reference", "references",
                        "place", "places", "instance", "instances", "mention", "mentions"});
}

bool QuantifierAsks(const Sentence& s, size_t i) {
  if (!In(s.at(i), {"all", "every", "each", "everything"}) || IsIdiom(s, i) || IsAboutErrors(s, i)) return false;
  if (HasListingVerb(s, i) || IsAboutPlaces(s, i)) return true;
  if (i == 0) return s.at(0) != "each" && !s.near_behind(i, 12, {"is", "are", "was", "were", "does", "do", "fails"});
  // "Extract name and address for every user", "What is the status of each pod?", "what are all the orders".
  if (In(s.before(i), {"of", "for"}) && s.at(i) != "everything") {
    return HasListingVerb(s, i, kClauseReach) || In(s.at(0), {"what", "which"});
  }
  return s.at(i) == "all" && In(s.before(i), {"are", "were"}) && In(s.at(0), {"what", "who"});
}

bool WholeAsks(const Sentence& s, size_t i) {
  if (!In(s.at(i), {"entire", "whole", "complete", "full"}) || !HasListingVerb(s, i)) return false;
  return In(s.at(i + 1), {"list", "listing", "file", "page", "text", "document", "table", "output", "log", "content",
                          "contents", "response", "result", "set", "history", "transcript", "thread"});
}

// Counting what is listed; not the value that says how many are left or allowed.
bool CountAsks(const Sentence& s, size_t i) {
  if (s.at(i) == "how" && s.at(i + 1) == "many") {
    if (IsAboutErrors(s, i + 1) || In(s.before(i), {"returns", "return", "says"})) return false;
    if (In(s.at(i + 2), {"of", "times", "distinct", "different", "unique", "total"})) return true;
    if (s.near_behind(i + 1, 8, {"left",    "remaining", "remain", "allowed", "available", "free",  "per",  "can",
                                 "may",     "should",    "get",    "gets",    "take",      "takes", "took", "tokens",
                                 "seconds", "minutes",   "hours",  "days",    "bytes",     "count"})) {
      return false;
    }
    return s.near_behind(i + 1, 5, {"are", "were", "have", "has", "had", "exist", "contain", "match", "do", "did"});
  }
  if (s.at(i) == "count") {
    return i == 0 || s.at(i + 1) == "of" ||
           (s.starts_clause(i) &&
            In(s.at(i + 1), {"the", "all", "how", "each", "every", "up", "these", "those", "them"}));
  }
  return s.at(i) == "total" && s.at(i + 1) == "number" && s.at(i + 2) == "of";
}

bool SumAsks(const Sentence& s, size_t i) {
  // A function that is to be written or explained, "that returns the sum of".
  if (s.near_before(i, 3, {"returns", "return", "that", "computes"})) return false;
  const std::string_view word = s.at(i);
  const std::string_view next = s.at(i + 1);
  if (word == "add" && (next == "up" || s.near_behind(i, 6, {"together"}))) return true;
  if (word == "sum") return In(next, {"of", "the", "all", "over", "these", "them"});
  if (word == "total" || word == "totals") {
    if (In(next, {"per", "by", "across"}) || (next == "of" && In(s.at(i + 2), {"all", "these", "those", "them"}))) {
      return true;
    }
    return s.before(i) == "grand" || (s.before(i) == "in" && s.at(0) == "how") ||
           s.near_behind(i, kNounReach, {"across", "overall", "altogether"});
  }
  if (word == "average" || word == "median") return !In(s.before(i), {"load", "moving", "weighted"}) && next != "load";
  if (word == "mean") return s.before(i) == "the" && In(next, {"of", "value"});
  if (word == "breakdown") return In(next, {"by", "per", "of"});
  return In(word, {"percentage", "fraction", "proportion"}) && s.near_before(i, 2, {"what", "which"}) && next == "of";
}

// "Sort these by price", "Turn this into a table", "Compare the two lists".
bool RewriteAsks(const Sentence& s, size_t i) {
  const std::string_view word = s.at(i);
  const std::string_view next = s.at(i + 1);
  if (In(word, {"sort", "rank", "group", "tabulate"})) {
    return s.starts_clause(i) && In(next, {"the", "these", "this", "them", "those", "it", "by"});
  }
  if (In(word, {"turn", "convert", "transform", "reformat", "put", "make", "rewrite"})) {
    return In(next, {"this", "these", "it", "them", "the", "that"}) && s.near_behind(i, 6, {"into", "to", "as", "a"}) &&
           s.near_behind(i, kFormReach,
                         {"list", "table", "csv", "json", "yaml", "markdown", "spreadsheet", "chart", "timeline",
                          "bullets", "sheet", "calendar"});
  }
  if (word == "compare") {
    return In(next, {"these", "the", "both", "those"}) &&
           s.near_behind(i, 4,
                         {"two", "lists", "files", "versions", "outputs", "tables", "runs", "states", "results",
                          "snapshots", "responses", "listings"});
  }
  if (In(word, {"difference", "differences", "diff"})) {
    return next == "between" && In(s.at(i + 2), {"the", "these", "both", "those", "two", "them", "before"});
  }
  return (word == "changed" || word == "differs" || word == "changes") && s.near_before(i, 2, {"what"}) &&
         s.near_behind(i, 2, {"between"});
}

// "List the orders with their totals"; not "List the files that import x".
bool ListAsks(const Sentence& s, size_t i) {
  if (In(s.at(i), {"enumerate", "exhaustive", "exhaustively"})) return true;
  if (s.at(i) == "duplicates") return s.near_before(i, 5, {"any", "find", "which", "what", "list", "are"});
  if (s.at(i) == "without" && s.at(i + 1) == "exception") return true;
  if (s.at(i + 1) == "by" && s.at(i + 2) == s.at(i)) return In(s.at(i), {"one", "line"});
  if (s.at(i) != "list" || !s.starts_clause(i) || IsAboutErrors(s, i)) return false;
  if (!In(s.at(i + 1), {"the", "these", "those", "their", "them"})) return false;
  for (size_t at = i + 1; at < s.size() && s.at(at) != ","; ++at) {
    if (IsErrorWord(s.at(at)) || IsDigit(s.at(at)[0])) return false;
    if (In(s.at(at), {"that",  "which", "whose",    "where", "who",   "from",    "under",   "matching", "containing",
                      "above", "below", "over",     "top",   "first", "last",    "in",      "about",    "used",
                      "most",  "least", "relevant", "for",   "of",    "between", "related", "needed",   "main"})) {
      return false;
    }
  }
  return true;
}

bool SentenceAsks(const Sentence& s) {
  // Why something happens to all is asked about one cause.
  if (In(s.at(0), {"why"}) || (s.at(0) == "what" && In(s.at(1), {"caused", "causes"}))) return false;
  for (size_t i = 0; i < s.size(); ++i) {
    if (QuantifierAsks(s, i) || WholeAsks(s, i) || CountAsks(s, i) || SumAsks(s, i) || RewriteAsks(s, i) ||
        ListAsks(s, i)) {
      return true;
    }
  }
  return false;
}

// Set phrases of other languages, in small letters; those with a blank in front begin a word.
bool HasForeignPhrase(const std::string& folded) {
  static constexpr std::array<std::string_view, 61> kPhrases = {" liste alle",
                                                                " alle auf",
                                                                " zeige alle",
                                                                " zeig mir alle",
                                                                " nenne alle",
                                                                " gib alle",
                                                                " gib mir alle",
                                                                " wie viele",
                                                                " summiere",
                                                                " die summe",
                                                                " vollständige liste",
                                                                " sämtliche",
                                                                " jede zeile",
                                                                " jeden eintrag",
                                                                " alle zeilen",
                                                                " alle einträge",
                                                                " zähle",
                                                                " unterschiede zwischen",
                                                                " liste tous",
                                                                " liste toutes",
                                                                " listez",
                                                                " tous les ",
                                                                " toutes les ",
                                                                " combien de",
                                                                " la somme",
                                                                " liste complète",
                                                                " additionne",
                                                                " todos los ",
                                                                " todas las ",
                                                                " lista completa",
                                                                " cuántos",
                                                                " cuántas",
                                                                " la suma",
                                                                " suma los",
                                                                " todos os ",
                                                                " todas as ",
                                                                " quantos ",
                                                                " quantas ",
                                                                " a soma",
                                                                " tutti i ",
                                                                " tutte le ",
                                                                " elenco completo",
                                                                " quanti ",
                                                                " quante ",
                                                                " la somma",
                                                                " перечисли",
                                                                " полный список",
                                                                " сколько",
                                                                " сумму",
                                                                " всех ",
                                                                "所有",
                                                                "全部",
                                                                "每一",
                                                                "总共",
                                                                "合计",
                                                                "总和",
                                                                "すべて",
                                                                "全て",
                                                                "合計",
                                                                "모든",
                                                                "합계"};
  return std::any_of(kPhrases.begin(), kPhrases.end(),
                     [&](std::string_view phrase) { return folded.find(phrase) != std::string::npos; });
}

// The question without fenced code; of a long one its two ends, as two lines.
std::string WhatIsSaid(std::string_view question) {
  std::string said;
  for (size_t at = 0; at < question.size();) {
    const size_t open = question.find("```", at);
    said.append(question.substr(at, open - at)).append("\n");
    if (open == std::string_view::npos) break;
    const size_t close = question.find("```", open + 3);
    if (close == std::string_view::npos) break;
    at = close + 3;
  }
  if (said.size() <= kShortQuestion) return said;
  return said.substr(0, kEndBytes) + "\n" + said.substr(said.size() - kEndBytes);
}

bool EndsSentence(std::string_view text, size_t i) {
  if (text[i] == '\n' || text[i] == '?' || text[i] == '!' || text[i] == ';') return true;
  return text[i] == '.' && (i + 1 == text.size() || IsBlank(text[i + 1]) || text[i + 1] == '\n');
}

Sentence ReadSentence(std::string_view text) {
  Words words;
  size_t end = 0;
  ForEachWord(text, [&](const Word& word) {
    const size_t begin = static_cast<size_t>(word.text.data() - text.data());
    if (words.size() >= kMaxWords) return;
    if (!words.empty() && text.substr(end, begin - end).find(',') != std::string_view::npos) words.emplace_back(",");
    words.push_back(LowerCase(word.text));
    end = begin + word.text.size();
  });
  return Sentence(std::move(words));
}

// "list all errors", "fix every type error"; not "which of all these failed", "the reason for each
// failure", "each distinct error".
bool EveryErrorAsks(const Sentence& s, size_t i) {
  if (!In(s.at(i), {"all", "every", "each"}) || IsIdiom(s, i) || !IsAboutErrors(s, i)) return false;
  if (In(s.before(i), {"for", "of"}) || s.near_behind(i, 3, {"distinct", "different", "unique", "kind", "kinds"})) {
    return false;
  }
  return HasListingVerb(s, i) ||
         s.near_before(i, kVerbReach, {"fix", "repair", "resolve", "address", "correct", "silence"});
}

// True when `asks(sentence)` is for any sentence of what is said.
template <typename Asks>
bool AnySentence(std::string_view said, Asks&& asks) {
  for (size_t begin = 0, at = 0; at < said.size(); ++at) {
    if (!EndsSentence(said, at) && at + 1 < said.size()) continue;
    if (asks(ReadSentence(said.substr(begin, at + 1 - begin)))) return true;
    begin = at + 1;
  }
  return false;
}

// Only ends of a long text are looked at: where its fences stand is not worth reading it all.
std::string Said(std::string_view question) {
  if (question.size() > 64 * kShortQuestion) question = question.substr(question.size() - kShortQuestion);
  return WhatIsSaid(question);
}

}  // namespace

bool AsksForAll(std::string_view question) {
  const std::string said = Said(question);
  return AnySentence(said, SentenceAsks) || HasForeignPhrase(" " + Folded(said));
}

bool AsksForEveryError(std::string_view question) {
  return AnySentence(Said(question), [](const Sentence& s) {
    for (size_t i = 0; i < s.size(); ++i) {
      if (EveryErrorAsks(s, i)) return true;
    }
    return false;
  });
}

}  // namespace headroom::text
