// A word is looked up, then its neighbours are asked:
//
//   "0 errors", "no test failed"     a zero or a negation within two words before: nothing happened
//   "errors: 0", "error": null       a key: its value decides
//   "test_error.py", "on-error"      part of a path or an identifier: a name
//   "error handler"                  a thing that is named after errors
//
// Counter-examples: "java.lang.NullPointerException" is part of a name and tells all
// the same; "timeout=30" is a setting, "timeout after 30 s" an event.

#include "text/severity_words.h"

#include <algorithm>
#include <array>

#include "text/line_text.h"
#include "text/words.h"

namespace headroom::text {
namespace {

constexpr size_t kMaxWord = 24;  // longer words are known by their ends only

constexpr std::array<std::string_view, 97> kErrorWords = {
    "abort",        "aborted",      "aborting",     "assertionerror", "broken",
    "cannot",       "corrupt",      "corrupted",    "corruption",     "crash",
    "crashed",      "crashes",      "crashing",     "crashloopback",  "critical",
    "deadlock",     "denied",       "died",         "eacces",         "eaddrinuse",
    "econnrefused", "econnreset",   "eexist",       "eintegrity",     "eio",
    "emerg",        "emergency",    "enoent",       "enomem",         "enospc",
    "enotfound",    "eperm",        "epipe",        "eresolve",       "err",
    "error",        "errored",      "errors",       "etimedout",      "exceeded",
    "exception",    "exceptions",   "fail",         "failed",         "failing",
    "fails",        "failure",      "failures",     "fatal",          "forbidden",
    "illegal",      "incompatible", "incorrect",    "invalid",        "killed",
    "malformed",    "mismatch",     "oom",          "oomkilled",      "overflow",
    "overflowed",   "panic",        "panicked",     "refused",        "rejected",
    "rejecting",    "rejects",      "rollback",     "segfault",       "segmentation",
    "severe",       "sigabrt",      "sigbus",       "sigill",         "sigkill",
    "sigsegv",      "sigterm",      "timeout",      "timeouts",       "traceback",
    "unable",       "unauthorized", "unavailable",  "uncaught",       "undefined",
    "underflow",    "unexpected",   "unhandled",    "unreachable",    "unrecoverable",
    "unresolved",   "unroutable",   "unsuccessful", "violated",       "violates",
    "violation",    "violations"};

constexpr std::array<std::string_view, 28> kWarningWords = {
    "conflict", "conflicts",  "degraded", "deprecated", "deprecation", "disabled", "discarded",
    "dropped",  "dropping",   "expired",  "fallback",   "ignoring",    "lost",     "missing",
    "obsolete", "overloaded", "retried",  "retry",      "retrying",    "skipping", "slow",
    "stale",    "throttled",  "unknown",  "unstable",   "warn",        "warning",  "warnings"};

constexpr std::array<std::string_view, 10> kNegations = {"0",   "any",  "if",  "never",   "no",
                                                         "non", "none", "not", "without", "zero"};

// What is named after errors and happens without one.
constexpr std::array<std::string_view, 24> kNamedAfter = {
    "boundary", "budget", "budgets", "correction", "detection", "handler",   "handlers",  "handling",
    "level",    "log",    "logger",  "logging",    "logs",      "margin",    "page",      "pages",
    "policy",   "rate",   "rates",   "recovery",   "reporter",  "reporting", "threshold", "tracking"};

// For each first letter the lengths of the words that begin with it, as bits: most words of a
// line are none of ours and are known by this alone.
using LengthsByLetter = std::array<uint32_t, 26>;

constexpr LengthsByLetter KnownLengths() {
  LengthsByLetter lengths{};
  for (const std::string_view word : kErrorWords) lengths[static_cast<size_t>(word[0] - 'a')] |= 1U << word.size();
  for (const std::string_view word : kWarningWords) lengths[static_cast<size_t>(word[0] - 'a')] |= 1U << word.size();
  return lengths;
}

constexpr LengthsByLetter kKnownLengths = KnownLengths();

bool MayBeKnown(std::string_view word) {
  if (word.empty() || word.size() > kMaxWord || !IsLetter(word[0])) return false;
  return (kKnownLengths[static_cast<size_t>(Lower(word[0]) - 'a')] >> word.size() & 1U) != 0;
}

template <size_t N>
bool IsOneOf(const std::array<std::string_view, N>& words, std::string_view lower) {
  return std::binary_search(words.begin(), words.end(), lower);
}

// A word in lower case; empty when it is longer than any that is known.
class Lowered {
 public:
  explicit Lowered(std::string_view word) : size_(word.size() <= kMaxWord ? word.size() : 0) {
    for (size_t i = 0; i < size_; ++i) bytes_[i] = Lower(word[i]);
  }
  std::string_view text() const { return {bytes_.data(), size_}; }

 private:
  std::array<char, kMaxWord> bytes_;
  size_t size_;
};

bool EndsInAnyCase(std::string_view word, std::string_view end) {
  if (word.size() < end.size()) return false;
  word.remove_prefix(word.size() - end.size());
  for (size_t i = 0; i < end.size(); ++i) {
    if (Lower(word[i]) != end[i]) return false;
  }
  return true;
}

bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }

// "ValueError", "NullPointerException": the name of a class of errors.
bool IsErrorClass(std::string_view word) {
  return word.size() > 5 && IsUpper(word[0]) && (word.ends_with("Error") || word.ends_with("Exception"));
}

Tone ToneOfWord(std::string_view word) {
  if (MayBeKnown(word)) {
    const Lowered lower(word);
    if (IsOneOf(kErrorWords, lower.text())) return Tone::kError;
    if (IsOneOf(kWarningWords, lower.text())) return Tone::kWarning;
  }
  if (word.size() < 7) return Tone::kNeutral;
  const char last = Lower(word.back());
  if (last != 'r' && last != 'n' && last != 'g') return Tone::kNeutral;  // ...error, ...exception, ...warning
  if (IsErrorClass(word) || EndsInAnyCase(word, "exception") || EndsInAnyCase(word, "error")) return Tone::kError;
  if (IsUpper(word[0]) && word.ends_with("Warning")) return Tone::kWarning;
  return Tone::kNeutral;
}

// "rate_limit_error", "ERR_CONNECTION_REFUSED", "error_count": the tone of the part that tells.
Tone ToneOfIdentifier(std::string_view word) {
  if (word.starts_with("ERR_") || word.starts_with("ERROR_")) return Tone::kError;
  const size_t last = word.rfind('_');
  return ToneOfWord(word.substr(last + 1));
}

// Whether one of the parts of a key is an error word: "error_count", "num_failed".
Tone ToneOfKey(std::string_view word) {
  Tone tone = Tone::kNeutral;
  for (size_t at = 0; at <= word.size();) {
    const size_t end = std::min(word.find('_', at), word.size());
    tone = std::max(tone, ToneOfWord(word.substr(at, end - at)));
    at = end + 1;
  }
  return tone;
}

bool IsQuote(char c) { return c == '"' || c == '\'' || c == '`'; }

size_t SkipBlanks(std::string_view text, size_t at) {
  while (at < text.size() && IsBlank(text[at])) ++at;
  return at;
}

enum class Value { kNotAKey, kNothing, kNumber, kSomething };

bool IsZero(std::string_view number) {
  return number.find_first_not_of("0.,%") == std::string_view::npos && number.find('0') != std::string_view::npos;
}

// What "null", "0", "[]" at the start of `value` come to.
Value ReadValue(std::string_view value) {
  static constexpr std::array<std::string_view, 9> kNothings = {"null", "none", "nil", "false", "undefined",
                                                                "n/a",  "no",   "off", "ok"};
  if (value.empty()) return Value::kSomething;  // "Error:" above what it is about
  const bool quoted = IsQuote(value[0]);
  if (quoted) value.remove_prefix(1);
  if (value.empty()) return Value::kSomething;
  if (quoted && IsQuote(value[0])) return Value::kNothing;
  if (value.starts_with("[]") || value.starts_with("{}") || value == "-") return Value::kNothing;
  if (value[0] == '\\' && value.size() > 1 && value[1] == '"') return ReadValue(value.substr(1));
  if (IsDigit(value[0])) {
    size_t end = 1;
    while (end < value.size() && (IsWordByte(value[end]) || value[end] == '.')) ++end;
    return IsZero(value.substr(0, end)) ? Value::kNothing : Value::kNumber;
  }
  size_t end = 0;
  while (end < value.size() && (IsWordByte(value[end]) || value[end] == '/')) ++end;
  const bool alone = end == value.size() || value[end] != ' ' || SkipBlanks(value, end) == value.size() ||
                     value.find('=', end) != std::string_view::npos;
  const Lowered lower(value.substr(0, end));
  const bool nothing = std::find(kNothings.begin(), kNothings.end(), lower.text()) != kNothings.end();
  return alone && nothing ? Value::kNothing : Value::kSomething;
}

// What stands behind "error" as its value: behind ':' or '=', in brackets, or as a bare number.
Value ValueBehind(std::string_view text, size_t end) {
  size_t at = end;
  if (at < text.size() && text[at] == '\\') ++at;
  if (at < text.size() && IsQuote(text[at])) ++at;
  at = SkipBlanks(text, at);
  if (at >= text.size()) return Value::kNotAKey;
  if (text[at] == ':' || text[at] == '=') {
    const bool twice = at + 1 < text.size() && (text[at + 1] == text[at] || text[at + 1] == '>');
    if (twice) return Value::kNotAKey;
    return ReadValue(text.substr(SkipBlanks(text, at + 1)));
  }
  const bool bracket = text[at] == '(' && at + 1 < text.size() && IsDigit(text[at + 1]);
  if (!bracket && !IsDigit(text[at])) return Value::kNotAKey;
  size_t last = at + (bracket ? 1 : 0);
  const size_t first = last;
  while (last < text.size() && IsDigit(text[last])) ++last;
  const bool whole = last == text.size() || !IsWordByte(text[last]);
  return whole && IsZero(text.substr(first, last - first)) ? Value::kNothing : Value::kNotAKey;
}

// The word that ends before `at`, blanks between them skipped; empty behind any other byte.
std::string_view WordBefore(std::string_view text, size_t at) {
  size_t end = at;
  while (end > 0 && IsBlank(text[end - 1])) --end;
  if (end == at) return {};
  size_t begin = end;
  while (begin > 0 && end - begin < kMaxWord && (IsWordByte(text[begin - 1]) || text[begin - 1] == '/')) --begin;
  return text.substr(begin, end - begin);
}

bool IsDenied(std::string_view text, size_t begin) {
  const std::string_view first = WordBefore(text, begin);
  if (first.empty()) return false;
  if (IsOneOf(kNegations, Lowered(first).text())) return true;
  if (IsDigit(first[0])) return IsZero(first.substr(0, first.find('/')));
  const std::string_view second = WordBefore(text, static_cast<size_t>(first.data() - text.data()));
  if (second.empty() || ToneOfWord(first) != Tone::kNeutral) return false;
  const Lowered lower(second);
  return lower.text() == "0" || lower.text() == "no" || lower.text() == "without" || lower.text() == "zero";
}

// The word is a part of a path, a file name, a call chain or a hyphenated word.
bool IsPartOfName(std::string_view text, size_t begin, size_t end) {
  const auto word_at = [&](size_t at) { return at < text.size() && IsWordByte(text[at]); };
  if (begin > 0) {
    const char before = text[begin - 1];
    if (before == '/' || before == '\\' || before == '$' || before == '@') return true;
    if ((before == '.' || before == '-') && begin > 1 && (IsWordByte(text[begin - 2]) || text[begin - 2] == '-'))
      return true;
    if (before == ':' && begin > 1 && text[begin - 2] == ':') return true;
  }
  if (end < text.size()) {
    const char after = text[end];
    if (after == '/' || (after == '\\' && word_at(end + 2))) return true;
    if ((after == '.' || after == '-') && word_at(end + 1)) return true;
    if (after == ':' && end + 1 < text.size() && text[end + 1] == ':') return true;
  }
  return false;
}

bool IsNamedAfter(std::string_view text, size_t end) {
  const size_t begin = SkipBlanks(text, end);
  if (begin == end) return false;
  size_t last = begin;
  while (last < text.size() && IsWordByte(text[last])) ++last;
  return IsOneOf(kNamedAfter, Lowered(text.substr(begin, last - begin)).text());
}

// "timeout=30", "retry: 3", "disabled=1" are settings; their numbers count nothing.
bool IsSetting(std::string_view word) {
  static constexpr std::array<std::string_view, 7> kSettings = {"critical", "rollback", "sigkill", "sigterm",
                                                                "timeout",  "timeouts", "unknown"};
  return IsOneOf(kSettings, Lowered(word).text());
}

Tone ToneOfPart(std::string_view text, size_t begin, size_t end, std::string_view word) {
  const bool is_class =
      IsErrorClass(word) &&
      (end >= text.size() || text[end] != '.' || end + 1 >= text.size() || !IsLetter(text[end + 1])) &&
      (end + 1 >= text.size() || text[end] != '/');
  return is_class && begin > 0 && text[begin - 1] == '.' ? Tone::kError : Tone::kNeutral;
}

Tone ToneOfSnake(std::string_view text, size_t begin, size_t end, std::string_view word) {
  switch (ValueBehind(text, end)) {
    case Value::kNothing:
      return Tone::kNeutral;
    case Value::kNumber:
      return IsSetting(word.substr(word.rfind('_') + 1)) ? Tone::kNeutral : ToneOfKey(word);
    case Value::kSomething:
      return Tone::kNeutral;
    case Value::kNotAKey:
      break;
  }
  const bool upper =
      IsUpper(word[0]) && std::none_of(word.begin(), word.end(), [](char c) { return c >= 'a' && c <= 'z'; });
  const bool is_value = begin > 0 && (IsQuote(text[begin - 1]) || text[begin - 1] == '=');
  return upper || is_value ? ToneOfIdentifier(word) : Tone::kNeutral;
}

}  // namespace

Tone ToneOf(std::string_view text, size_t begin, size_t end) {
  const std::string_view word = text.substr(begin, end - begin);
  if (word.size() < 3) return Tone::kNeutral;
  const bool snake = word.find('_') != std::string_view::npos;
  const Tone tone = snake ? ToneOfKey(word) : ToneOfWord(word);
  if (tone == Tone::kNeutral) return tone;
  if (IsPartOfName(text, begin, end)) return ToneOfPart(text, begin, end, word);
  if (snake) return ToneOfSnake(text, begin, end, word);
  const Value value = ValueBehind(text, end);
  if (value == Value::kNothing) return Tone::kNeutral;
  if (value == Value::kNumber && (tone == Tone::kWarning || IsSetting(word))) {
    return EndsInAnyCase(word, "warnings") ? tone : Tone::kNeutral;
  }
  if (IsDenied(text, begin) || IsNamedAfter(text, end)) return Tone::kNeutral;
  return tone;
}

}  // namespace headroom::text
