// Words of a text, as questions and units are compared by.
//
//   setProxy() in http.js at 10.0.0.7:443      setProxy in http.js at 10.0.0.7:443
//   parts of setHTTPProxy: set HTTP Proxy; of a_b/c-1.d: a b c 1 d
//   “配置proxy”，重启                            配置 proxy 重启
//
// Punctuation of any script ends a word. Scripts that write no blanks between words
// (Chinese, Japanese, Thai, ...) come as whole runs; ForEachPair cuts them.
//
// Thread-safe.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "text/line_text.h"

namespace headroom::text {

enum class WordShape : uint8_t {
  kPlain,       // letters of one case, or a capital first: "proxy", "Proxy"
  kIdentifier,  // letters and digits mixed, camelCase, snake_case, a path, a version, a host
  kNumber,      // digits, with separators
  kUnspaced,    // a run of a script that has no blanks between words
};

struct Word {
  std::string_view text;
  WordShape shape;
};

// Bytes that words are made of; bytes above 127 may be.
constexpr bool IsWordByte(char c) {
  return IsLetter(c) || IsDigit(c) || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}
// Bytes that join words into one identifier when they stand between word bytes.
constexpr bool IsJoint(char c) { return c == '.' || c == '/' || c == '-' || c == ':' || c == '@' || c == '\\'; }

// What a byte may be in a word; the traits of a word's bytes tell its shape.
inline constexpr uint8_t kLowerTrait = 1;
inline constexpr uint8_t kUpperTrait = 2;
inline constexpr uint8_t kDigitTrait = 4;
inline constexpr uint8_t kUnderscoreTrait = 8;
inline constexpr uint8_t kJointTrait = 16;
inline constexpr uint8_t kBeyondAsciiTrait = 32;
inline constexpr uint8_t kAsciiWord = kLowerTrait | kUpperTrait | kDigitTrait | kUnderscoreTrait;

constexpr std::array<uint8_t, 256> ByteTraits() {
  std::array<uint8_t, 256> traits{};
  for (size_t byte = 0; byte < traits.size(); ++byte) {
    const char c = static_cast<char>(byte);
    if (c >= 'a' && c <= 'z') traits[byte] = kLowerTrait;
    if (c >= 'A' && c <= 'Z') traits[byte] = kUpperTrait;
    if (IsDigit(c)) traits[byte] = kDigitTrait;
    if (c == '_') traits[byte] = kUnderscoreTrait;
    if (IsJoint(c)) traits[byte] = kJointTrait;
    if (byte >= 0x80) traits[byte] = kBeyondAsciiTrait;
  }
  return traits;
}
inline constexpr std::array<uint8_t, 256> kByteTraits = ByteTraits();
constexpr uint8_t TraitsOf(char c) { return kByteTraits[static_cast<unsigned char>(c)]; }

enum class CharacterKind : uint8_t { kBreak, kWord, kUnspaced };
struct Character {
  CharacterKind kind;
  uint8_t bytes;  // 1 to 4
};

// The character at a byte above 127. What is no UTF-8 is a word of one byte. Cost: O(1).
Character CharacterAt(std::string_view text, size_t at);

// One past the word (not unspaced) that begins at `at`; *rest has the traits of its bytes but the first.
inline size_t EndOfWord(std::string_view text, size_t at, uint8_t* rest) {
  const auto word_bytes = [&](size_t i) -> size_t {
    const uint8_t traits = TraitsOf(text[i]);
    if ((traits & kAsciiWord) != 0) return 1;
    if (traits != kBeyondAsciiTrait) return 0;
    const Character character = CharacterAt(text, i);
    return character.kind == CharacterKind::kWord ? character.bytes : 0;
  };
  size_t end = at + word_bytes(at);
  while (end < text.size()) {
    const uint8_t traits = TraitsOf(text[end]);
    if ((traits & kAsciiWord) != 0) {
      ++end;
    } else if (traits == kJointTrait && end + 1 < text.size() && word_bytes(end + 1) > 0) {
      ++end;
    } else if (traits == kBeyondAsciiTrait && word_bytes(end) > 0) {
      end += word_bytes(end);
    } else {
      break;
    }
    *rest |= traits;
  }
  return end;
}

// One past the run of unspaced characters that begins at `at`.
inline size_t EndOfUnspaced(std::string_view text, size_t at) {
  while (at < text.size() && TraitsOf(text[at]) == kBeyondAsciiTrait) {
    const Character character = CharacterAt(text, at);
    if (character.kind != CharacterKind::kUnspaced) break;
    at += character.bytes;
  }
  return at;
}

constexpr WordShape ShapeOfTraits(uint8_t first, uint8_t rest) {
  constexpr uint8_t kSmall = kLowerTrait | kBeyondAsciiTrait;
  const uint8_t all = first | rest;
  if ((all & kDigitTrait) != 0) {
    return (all & (kSmall | kUpperTrait)) != 0 ? WordShape::kIdentifier : WordShape::kNumber;
  }
  const bool mixed = (rest & kUpperTrait) != 0 && (all & kSmall) != 0;
  return (all & (kUnderscoreTrait | kJointTrait)) != 0 || mixed ? WordShape::kIdentifier : WordShape::kPlain;
}

WordShape ShapeOf(std::string_view word);

// Calls `found(Word)` for each word in order. Cost: O(bytes).
template <typename Found>
void ForEachWord(std::string_view text, Found&& found) {
  for (size_t at = 0; at < text.size();) {
    const uint8_t first = TraitsOf(text[at]);
    if ((first & (kAsciiWord | kBeyondAsciiTrait)) == 0) {
      ++at;
      continue;
    }
    if (first == kBeyondAsciiTrait) {
      const Character character = CharacterAt(text, at);
      if (character.kind == CharacterKind::kBreak) {
        at += character.bytes;
        continue;
      }
      if (character.kind == CharacterKind::kUnspaced) {
        const size_t end = EndOfUnspaced(text, at);
        found(Word{text.substr(at, end - at), WordShape::kUnspaced});
        at = end;
        continue;
      }
    }
    uint8_t rest = 0;
    const size_t end = EndOfWord(text, at, &rest);
    found(Word{text.substr(at, end - at), ShapeOfTraits(first, rest)});
    at = end;
  }
}

// Calls `found(std::string_view)` for each part of an identifier: split at joints, at
// '_', between cases and between letters and digits. Cost: O(bytes).
template <typename Found>
void ForEachPart(std::string_view word, Found&& found) {
  constexpr uint8_t kSmall = kLowerTrait | kBeyondAsciiTrait;
  const auto kind = [&](size_t i) -> uint8_t {
    const uint8_t traits = TraitsOf(word[i]);
    return (traits & kSmall) != 0 ? kSmall : traits & (kUpperTrait | kDigitTrait);
  };
  for (size_t at = 0; at < word.size();) {
    const uint8_t first = kind(at);
    if (first == 0) {
      ++at;
      continue;
    }
    size_t end = at + 1;
    while (end < word.size() && kind(end) == first) ++end;
    if (first == kUpperTrait && end < word.size() && kind(end) == kSmall) {
      // The last capital belongs to the small letters behind it: HTTP Proxy.
      if (end - at > 1) {
        --end;
      } else {
        while (end < word.size() && kind(end) == kSmall) ++end;
      }
    }
    found(word.substr(at, end - at));
    at = end;
  }
}

// Calls `found(std::string_view)` for each two neighbouring characters of an unspaced run; for
// a run of one character once with that. Cost: O(bytes).
template <typename Found>
void ForEachPair(std::string_view run, Found&& found) {
  size_t before = 0;
  size_t at = run.empty() ? 0 : CharacterAt(run, 0).bytes;
  if (at >= run.size() && !run.empty()) found(run);
  while (at < run.size()) {
    const size_t end = at + CharacterAt(run, at).bytes;
    found(run.substr(before, end - before));
    before = at;
    at = end;
  }
}

// Makes letters small in place: ASCII, Latin-1, Greek and Cyrillic. The length stays. Cost: O(bytes).
void FoldCase(std::string* text);
std::string Folded(std::string_view text);

// A word of the language rather than of the matter: "the", "what", "please". Requires lower case.
bool IsStopWord(std::string_view lower);

// The word without a plural, verb or noun ending, so that "fails", "failed", "failing" and
// "configure", "configuration" meet. Requires lower case.
std::string_view StemOf(std::string_view lower);
inline std::string Stem(std::string_view lower) { return std::string(StemOf(lower)); }

// `text` without blocks that clients inject beside what the user wrote: <system-reminder>...</system-reminder>,
// <environment_context>, IDE selections. A block without an end reaches to the end of the text. Where
// nothing else would be left, `text` itself. Cost: O(bytes).
std::string WithoutInjectedBlocks(std::string_view text);

}  // namespace headroom::text
