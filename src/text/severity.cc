#include "text/severity.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "text/line_text.h"
#include "text/severity_words.h"
#include "text/words.h"

namespace headroom::text {
namespace {

constexpr size_t kHeadBytes = 200;  // a line's level stands in its head
constexpr size_t kHeadWords = 12;

struct Level {
  std::string_view name;
  Severity severity;
};

constexpr std::array<Level, 27> kLevels = {
    {{"alert", Severity::kError},      {"crit", Severity::kError},    {"critical", Severity::kError},
     {"debug", Severity::kDebug},      {"emerg", Severity::kError},   {"emergency", Severity::kError},
     {"eror", Severity::kError},       {"err", Severity::kError},     {"error", Severity::kError},
     {"fatal", Severity::kError},      {"fine", Severity::kDebug},    {"finer", Severity::kDebug},
     {"finest", Severity::kDebug},     {"help", Severity::kInfo},     {"info", Severity::kInfo},
     {"information", Severity::kInfo}, {"log", Severity::kInfo},      {"note", Severity::kInfo},
     {"notice", Severity::kInfo},      {"panic", Severity::kError},   {"severe", Severity::kError},
     {"trace", Severity::kDebug},      {"verbose", Severity::kDebug}, {"warn", Severity::kWarning},
     {"warning", Severity::kWarning},  {"wrn", Severity::kWarning},   {"inf", Severity::kInfo}}};

// First letters of the names, as bits.
constexpr uint32_t FirstLetters() {
  uint32_t letters = 0;
  for (const Level& level : kLevels) letters |= 1U << (level.name[0] - 'a');
  return letters;
}

constexpr uint32_t kFirstLetters = FirstLetters();

Severity LevelNamed(std::string_view word) {
  if (word.size() < 3 || word.size() > 11) return Severity::kNone;
  const auto letter = static_cast<uint32_t>(Lower(word[0]) - 'a');
  if (letter > 25 || (kFirstLetters >> letter & 1U) == 0) return Severity::kNone;
  for (const Level& level : kLevels) {
    if (level.name.size() != word.size() || level.name[0] != Lower(word[0])) continue;
    size_t i = 1;
    while (i < word.size() && Lower(word[i]) == level.name[i]) ++i;
    if (i == word.size()) return level.severity;
  }
  return Severity::kNone;
}

bool IsUpperWord(std::string_view word) {
  return std::all_of(word.begin(), word.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

char At(std::string_view text, size_t at) { return at < text.size() ? text[at] : '\n'; }

// A level word says a line's level when it is set off from what surrounds it: in capitals, in
// brackets, before a colon, first of the line or behind the time; "more info about" is none.
bool IsSetOff(std::string_view line, size_t begin, size_t end) {
  const char before = begin == 0 ? '\n' : line[begin - 1];
  const char after = At(line, end);
  if (before == '_' || before == '.' || before == '/' || before == '-' || after == '_' || after == '/') return false;
  if ((after == '.' || after == '-' || after == '=') && IsWordByte(At(line, end + 1))) return false;
  const std::string_view word = line.substr(begin, end - begin);
  if (IsUpperWord(word)) return true;
  const bool opened =
      before == '[' || before == '<' || before == '(' || before == '|' || before == '=' || before == '"';
  const bool closed = after == ']' || after == '>' || after == ')' || after == '|' || after == '"' || after == '[';
  if (opened && (closed || before == '=' || before == '[')) return true;
  if (after == ':' && At(line, end + 1) != ':') return true;
  const bool alone = after == '\t' || (after == ' ' && (At(line, end + 1) == ' ' || At(line, end + 1) == '-'));
  if (begin == 0) return alone;
  const bool behind_time =
      begin >= 2 && IsBlank(before) && (IsDigit(line[begin - 2]) || line[begin - 2] == 'Z' || line[begin - 2] == ']');
  return behind_time && IsBlank(after);
}

// "<3>...", "E1124 10:00:01", "E, [2026-", "[E] ...", "01-02 10:00:01.000  7  9 E Tag: ..." .
Severity LevelOfLetter(char letter) {
  switch (letter) {
    case 'F':
    case 'E':
    case 'C':
      return Severity::kError;
    case 'W':
      return Severity::kWarning;
    case 'I':
    case 'N':
      return Severity::kInfo;
    case 'D':
    case 'V':
    case 'T':
      return Severity::kDebug;
    default:
      return Severity::kNone;
  }
}

Severity LevelOfMark(std::string_view line) {
  if (line.size() < 4) return Severity::kNone;
  if (line[0] == '<' && IsDigit(line[1])) {
    const size_t digits = LeadingDigits(line.substr(1, 4));
    if (digits > 3 || At(line, 1 + digits) != '>') return Severity::kNone;
    const int code = (line[digits] - '0' + (digits > 1 ? (line[digits - 1] - '0') * 10 : 0) +
                      (digits > 2 ? (line[digits - 2] - '0') * 100 : 0)) %
                     8;
    if (code <= 3) return Severity::kError;
    return code == 4 ? Severity::kWarning : code == 7 ? Severity::kDebug : Severity::kInfo;
  }
  if (LeadingDigits(line.substr(1)) == 4 && At(line, 5) == ' ' && IsDigit(At(line, 6))) return LevelOfLetter(line[0]);
  if (line[1] == ',' && line[2] == ' ' && line[3] == '[') return LevelOfLetter(line[0]);
  if (IsDigit(line[0]) && LeadingDigits(line) == 2 && line[2] == '-') {
    for (size_t at = 18; at + 2 < std::min<size_t>(line.size(), 48); ++at) {
      if (line[at] == ' ' && (line[at + 2] == ' ' || line[at + 2] == '/') && IsDigit(line[at - 1])) {
        const Severity level = LevelOfLetter(line[at + 1]);
        if (level != Severity::kNone) return level;
      }
    }
  }
  const size_t open = line.substr(0, 64).find('[');
  if (open != std::string_view::npos && At(line, open + 2) == ']') return LevelOfLetter(line[open + 1]);
  return Severity::kNone;
}

// The value of "level":"error", level=warn, "severity":"ERROR", "level":50 wherever it stands.
Severity LevelOfField(std::string_view line) {
  if (line.find('=') == std::string_view::npos && line.find('"') == std::string_view::npos) return Severity::kNone;
  for (const std::string_view key :
       {std::string_view("level"), std::string_view("severity"), std::string_view("lvl")}) {
    const size_t found = line.find(key);
    if (found == std::string_view::npos) continue;
    size_t at = found + key.size();
    if (At(line, at) == '\\') ++at;
    if (At(line, at) == '"') ++at;
    if (At(line, at) != ':' && At(line, at) != '=') continue;
    ++at;
    while (IsBlank(At(line, at)) || At(line, at) == '"' || At(line, at) == '\\') ++at;
    if (LeadingDigits(line.substr(at, 3)) == 2 && key == "level") {
      const char tens = line[at];
      return tens >= '5'   ? Severity::kError
             : tens == '4' ? Severity::kWarning
             : tens == '3' ? Severity::kInfo
                           : Severity::kDebug;
    }
    size_t end = at;
    while (end < line.size() && IsLetter(line[end])) ++end;
    const Severity level = LevelNamed(line.substr(at, end - at));
    if (level != Severity::kNone) return level;
  }
  return Severity::kNone;
}

Severity LevelOf(std::string_view line) {
  if (const Severity mark = LevelOfMark(line); mark != Severity::kNone) return mark;
  const std::string_view head = line.substr(0, kHeadBytes);
  size_t words = 0;
  for (size_t at = 0; at < head.size() && words < kHeadWords;) {
    if (!IsLetter(head[at])) {
      at += 1;
      continue;
    }
    size_t end = at + 1;
    while (end < head.size() && IsWordByte(head[end])) ++end;
    // "INFO[0042]" counts, "INFO7" does not.
    const Severity level = LevelNamed(head.substr(at, end - at));
    if (level != Severity::kNone && IsSetOff(line, at, end) && (at == 0 || !IsWordByte(head[at - 1]))) {
      if (level != Severity::kError || ToneOf(line, at, end) != Tone::kNeutral || At(line, end) == ']') return level;
    }
    ++words;
    at = end;
  }
  return LevelOfField(line);
}

std::string_view NextWord(std::string_view text, size_t at) {
  while (at < text.size() && IsBlank(text[at])) ++at;
  size_t end = at;
  while (end < text.size() && (IsWordByte(text[end]) || text[end] == '\'')) ++end;
  return text.substr(at, end - at);
}

bool SameWord(std::string_view word, std::string_view lower) {
  return word.size() == lower.size() &&
         std::equal(word.begin(), word.end(), lower.begin(), [](char a, char b) { return Lower(a) == b; });
}

// "exit code 2", "exited with 137", "exit status: 1", "Error 2"; zero is success.
bool SaysBadExit(std::string_view text, size_t end) {
  size_t at = end;
  while (at < text.size() && at < end + 24 && !IsDigit(text[at]) && text[at] != '\n') ++at;
  const std::string_view between = text.substr(end, at - end);
  const bool of_exit = between.find("code") != std::string_view::npos ||
                       between.find("status") != std::string_view::npos ||
                       between.find("with") != std::string_view::npos;
  return of_exit && At(text, at) >= '1' && At(text, at) <= '9' && (at == 0 || text[at - 1] != '.');
}

// Two words that only together tell: "not found", "timed out", "could not", "no such".
Tone ToneOfPhrase(std::string_view text, std::string_view word, size_t end) {
  const auto next_is = [&](std::string_view lower) { return SameWord(NextWord(text, end), lower); };
  switch (Lower(word[0])) {
    case 'c':
      if (SameWord(word, "could") && next_is("not")) return Tone::kError;
      if (SameWord(word, "core") && next_is("dumped")) return Tone::kError;
      break;
    case 'd':
      if ((SameWord(word, "does") || SameWord(word, "did")) && next_is("not")) return Tone::kWarning;
      break;
    case 'e':
      if ((SameWord(word, "exit") || SameWord(word, "exited")) && SaysBadExit(text, end)) return Tone::kError;
      break;
    case 'n':
      if (SameWord(word, "not") && (next_is("found") || next_is("permitted"))) return Tone::kWarning;
      if (SameWord(word, "no") && next_is("such")) return Tone::kError;
      break;
    case 'o':
      if (SameWord(word, "out") && next_is("of") && text.substr(end).starts_with(" of memory")) return Tone::kError;
      break;
    case 't':
      if (SameWord(word, "timed") && next_is("out")) return Tone::kError;
      if (SameWord(word, "terminate") && next_is("called")) return Tone::kError;
      break;
    default:
      break;
  }
  return Tone::kNeutral;
}

// "HTTP/1.1" 503, status=500: the server's own fault; 4xx is a warning.
Tone ToneOfStatus(std::string_view text, size_t at) {
  const auto is_code = [&](size_t from) {
    return LeadingDigits(text.substr(from, 4)) == 3 && !IsWordByte(At(text, from + 3)) && At(text, from + 3) != '.';
  };
  size_t from = at;
  while (from < text.size() && from < at + 16 && text[from] != ' ') ++from;
  if (At(text, from) != ' ' || !is_code(from + 1)) return Tone::kNeutral;
  if (text[from + 1] == '5') return Tone::kError;
  return text[from + 1] == '4' ? Tone::kWarning : Tone::kNeutral;
}

Tone ToneOfText(std::string_view text) {
  Tone tone = Tone::kNeutral;
  for (size_t at = 0; at < text.size() && tone != Tone::kError;) {
    if (!IsLetter(text[at])) {
      at += 1;
      continue;
    }
    size_t end = at + 1;
    while (end < text.size() && IsWordByte(text[end])) ++end;
    if (at == 0 || !IsWordByte(text[at - 1])) {
      const std::string_view word = text.substr(at, end - at);
      tone = std::max({tone, ToneOf(text, at, end), ToneOfPhrase(text, word, end)});
      if (word == "HTTP" && At(text, end) == '/') tone = std::max(tone, ToneOfStatus(text, end));
    }
    at = end;
  }
  return tone;
}

bool StartsWithAny(std::string_view line, const auto& starts) {
  return std::any_of(starts.begin(), starts.end(),
                     [&](std::string_view start) { return line[0] == start[0] && line.starts_with(start); });
}

}  // namespace

bool SaysPassed(std::string_view line) {
  static constexpr std::array<std::string_view, 12> kStarts = {
      "PASSED ",       "ok ",           "ok\t",          "--- PASS:", "[       OK ]", "[  PASSED  ]",
      "\xe2\x9c\x93 ", "\xe2\x9c\x94 ", "\xe2\x88\x9a ", "PASS ",     "PASS: ",       "XPASS "};
  static constexpr std::array<std::string_view, 4> kEnds = {"... ok", " PASSED", " ... OK", "... passed"};
  line = Trim(line);
  if (line.empty()) return false;
  static constexpr std::string_view kFirst = "Po-[X\xe2";
  if (kFirst.find(line[0]) != std::string_view::npos && StartsWithAny(line, kStarts)) return true;
  static constexpr std::string_view kLast = "kDKd]c";
  if (kLast.find(line.back()) == std::string_view::npos) return false;
  if (line.ends_with("%]")) {  // pytest -v: "test_a.py::test_b PASSED [ 12%]"
    const size_t open = line.rfind('[');
    if (open != std::string_view::npos) line = TrimRight(line.substr(0, open));
  }
  if (std::any_of(kEnds.begin(), kEnds.end(), [&](std::string_view end) { return line.ends_with(end); })) return true;
  // ctest: "3/9 Test #3: name .......   Passed    0.01 sec"
  return line.ends_with(" sec") && line.find("   Passed ") != std::string_view::npos;
}

bool SaysError(std::string_view value) { return ToneOfText(value) == Tone::kError; }

bool SaysWarning(std::string_view value) { return ToneOfText(value) == Tone::kWarning; }

Severity SeverityOf(std::string_view line) {
  if (SaysPassed(line)) return Severity::kInfo;
  const Severity level = LevelOf(line);
  if (level == Severity::kInfo || level == Severity::kDebug || level == Severity::kError) return level;
  const Tone tone = ToneOfText(line);
  if (tone == Tone::kError) return Severity::kError;
  return tone == Tone::kWarning ? Severity::kWarning : level;
}

}  // namespace headroom::text
