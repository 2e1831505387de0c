// Words of a text, as questions and units are compared by.
//
//   setProxy() in http.js at 10.0.0.7:443      setProxy http.js 10.0.0.7:443
//   parts of setProxy: set Proxy; of a_b/c-1.d: a b c 1 d
//
// Thread-safe.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "text/line_text.h"

namespace headroom::text {

enum class WordShape : uint8_t {
  kPlain,       // letters of one case, or a capital first: "proxy", "Proxy"
  kIdentifier,  // letters and digits mixed, camelCase, snake_case, a path, a version, a host
  kNumber,      // digits, with separators
};

struct Word {
  std::string_view text;
  WordShape shape;
};

// Bytes that words are made of; bytes above 127 are.
constexpr bool IsWordByte(char c) {
  return IsLetter(c) || IsDigit(c) || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}
// Bytes that join words into one identifier when they stand between word bytes.
constexpr bool IsJoint(char c) { return c == '.' || c == '/' || c == '-' || c == ':' || c == '@' || c == '\\'; }

WordShape ShapeOf(std::string_view word);

// Calls `found(Word)` for each word in order. Cost: O(bytes).
template <typename Found>
void ForEachWord(std::string_view text, Found&& found) {
  for (size_t at = 0; at < text.size();) {
    if (!IsWordByte(text[at])) {
      ++at;
      continue;
    }
    size_t end = at + 1;
    while (end < text.size() &&
           (IsWordByte(text[end]) || (IsJoint(text[end]) && end + 1 < text.size() && IsWordByte(text[end + 1])))) {
      ++end;
    }
    const std::string_view word = text.substr(at, end - at);
    found(Word{word, ShapeOf(word)});
    at = end;
  }
}

// Calls `found(std::string_view)` for each part of an identifier: split at joints, at
// '_', between cases and between letters and digits. Cost: O(bytes).
template <typename Found>
void ForEachPart(std::string_view word, Found&& found) {
  const auto kind = [](char c) {
    if (c >= 'A' && c <= 'Z') return 1;
    if (IsDigit(c)) return 2;
    return IsWordByte(c) && c != '_' ? 3 : 0;
  };
  for (size_t at = 0; at < word.size();) {
    if (kind(word[at]) == 0) {
      ++at;
      continue;
    }
    size_t end = at + 1;
    while (end < word.size() &&
           (kind(word[end]) == kind(word[end - 1]) || (end - at == 1 && kind(word[at]) == 1 && kind(word[end]) == 3))) {
      ++end;
    }
    found(word.substr(at, end - at));
    at = end;
  }
}

// A word of the language rather than of the matter: "the", "what", "please". Requires lower case.
bool IsStopWord(std::string_view lower);

// The word without a plural or verb ending, so that "fails", "failed", "failing" meet. Requires lower case.
std::string_view StemOf(std::string_view lower);
inline std::string Stem(std::string_view lower) { return std::string(StemOf(lower)); }

// `text` without blocks that clients inject beside what the user wrote: <system-reminder>...</system-reminder>
// and the like. Cost: O(bytes).
std::string WithoutInjectedBlocks(std::string_view text);

}  // namespace headroom::text
