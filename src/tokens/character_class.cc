#include "tokens/character_class.h"

namespace headroom::tokens {
namespace {

constexpr std::array<uint8_t, 128> MakeClassOfLetter() {
  std::array<uint8_t, 128> classes{};
  classes['U'] = kUpper;
  classes['L'] = kLower;
  classes['C'] = kCaseless;
  classes['M'] = kMark;
  classes['N'] = kNumber;
  classes['S'] = kSpace;
  classes['R'] = kLineEnd;
  classes['.'] = kOther;
  return classes;
}
constexpr std::array<uint8_t, 128> kClassOfLetter = MakeClassOfLetter();

constexpr bool IsContinuation(uint8_t byte) { return (byte & 0xc0) == 0x80; }

}  // namespace

CharacterClass ClassOf(uint32_t code_point) {
  if (code_point < internal::kTableEnd) {
    const uint8_t block = internal::kBlockOf[code_point / internal::kBlockSize];
    const char letter = internal::kBlockClasses[block][code_point % internal::kBlockSize];
    return static_cast<CharacterClass>(kClassOfLetter[static_cast<uint8_t>(letter)]);
  }
  // Of the planes above, only the variation selectors are not kOther.
  return code_point >= 0xe0100 && code_point <= 0xe01ef ? kMark : kOther;
}

namespace internal {

// Well-formed sequences: Unicode 16.0, table 3-7.
Character NonAsciiAt(const char* at, const char* end) {
  constexpr Character kInvalid = {kOther, 1};
  const size_t left = static_cast<size_t>(end - at);
  const auto byte = [at](size_t i) { return static_cast<uint8_t>(at[i]); };
  const uint8_t lead = byte(0);
  if (lead < 0xc2 || lead > 0xf4) return kInvalid;
  if (left < 2 || !IsContinuation(byte(1))) return kInvalid;
  uint32_t code_point = byte(1) & 0x3fu;
  if (lead < 0xe0) return {ClassOf((lead & 0x1fu) << 6 | code_point), 2};

  if (left < 3 || !IsContinuation(byte(2))) return kInvalid;
  code_point = code_point << 6 | (byte(2) & 0x3fu);
  if (lead < 0xf0) {
    code_point |= (lead & 0x0fu) << 12;
    const bool surrogate = code_point >= 0xd800 && code_point <= 0xdfff;
    if (code_point < 0x800 || surrogate) return kInvalid;
    return {ClassOf(code_point), 3};
  }

  if (left < 4 || !IsContinuation(byte(3))) return kInvalid;
  code_point = (code_point << 6 | (byte(3) & 0x3fu)) | (lead & 0x07u) << 18;
  if (code_point < 0x10000 || code_point > 0x10ffff) return kInvalid;
  return {ClassOf(code_point), 4};
}

}  // namespace internal
}  // namespace headroom::tokens
