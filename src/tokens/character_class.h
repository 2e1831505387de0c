// What the split rules ask of a character: letter by case, mark, number, white
// space, line end, or the rest.
//
// Text is UTF-8. A byte that starts no valid sequence (a stray continuation, an
// overlong form, half a surrogate pair, a truncated end) is one character of
// class kOther and size 1, as U+FFFD would be, so any bytes can be split.
//
// Cost: a table read for ASCII, two for the rest.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace headroom::tokens {

// One bit per class; a character has exactly one. The sets are the regular
// expressions' categories.
enum CharacterClass : uint8_t {
  kUpper = 1,     // \p{Lu} \p{Lt}
  kLower = 2,     // \p{Ll}
  kCaseless = 4,  // \p{Lm} \p{Lo}
  kMark = 8,      // \p{M}
  kNumber = 16,   // \p{N}
  kSpace = 32,    // \s without line ends
  kLineEnd = 64,  // \r \n
  kOther = 128,   // everything else
  kLetter = kUpper | kLower | kCaseless,
};

struct Character {
  uint8_t classes;  // one CharacterClass bit
  uint8_t size;     // bytes, 1..4
};

namespace internal {

inline constexpr uint32_t kBlockSize = 128;
inline constexpr uint32_t kTableEnd = 0x32400;
extern const uint8_t kBlockOf[];
extern const char kBlockClasses[][kBlockSize + 1];

constexpr std::array<uint8_t, 128> MakeAsciiClasses() {
  std::array<uint8_t, 128> classes{};
  for (size_t c = 0; c < 128; ++c) {
    if (c >= 'A' && c <= 'Z') {
      classes[c] = kUpper;
    } else if (c >= 'a' && c <= 'z') {
      classes[c] = kLower;
    } else if (c >= '0' && c <= '9') {
      classes[c] = kNumber;
    } else if (c == '\r' || c == '\n') {
      classes[c] = kLineEnd;
    } else if (c == ' ' || c == '\t' || c == '\v' || c == '\f') {
      classes[c] = kSpace;
    } else {
      classes[c] = kOther;
    }
  }
  return classes;
}
inline constexpr std::array<uint8_t, 128> kAsciiClasses = MakeAsciiClasses();

Character NonAsciiAt(const char* at, const char* end);

}  // namespace internal

// The class of a code point (Unicode 16.0).
CharacterClass ClassOf(uint32_t code_point);

// The character that starts at `at`; requires at < end.
inline Character CharacterAt(const char* at, const char* end) {
  const uint8_t byte = static_cast<uint8_t>(*at);
  if (byte < 0x80) return {internal::kAsciiClasses[byte], 1};
  return internal::NonAsciiAt(at, end);
}

}  // namespace headroom::tokens
