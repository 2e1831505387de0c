// The two split rules as scans.
//
// A regular expression engine tries the alternatives in order and, within one,
// gives characters back until the rest fits. What that comes to, alternative by
// alternative:
//
//   words     An optional character that is neither letter, number nor line end,
//             then letters. cl100k takes any letters. o200k takes capitals before
//             small letters and stops where a small letter is followed by a
//             capital. Caseless letters and marks ("both" below) count as either.
//             Its first alternative wants [upper both]* [lower both]+. After the
//             longest run of upper and both comes either a lower letter, and the
//             match goes on, or not, and the engine gives characters back until
//             the last one given back is a both: the match ends just after the
//             last both of the run. With no both in the run it fails, and the
//             second alternative takes the whole run.
//   numbers   Up to three at a time.
//   signs     An optional space, then all that is neither white space, letter nor
//             number, then line ends (o200k: and slashes).
//   white     A run with a line end in it stops after the last line end. A run at
//             the end of the text is one piece. Else the last character of the
//             run is left to the next piece ("\s+(?!\S)"), if the run has two.
//
// A mark can be the optional first character of a word, a part of a word, or a
// sign; the order of the attempts decides, and the code keeps that order.

#include "tokens/split.h"

#include <cstdint>

#include "tokens/character_class.h"

namespace headroom::tokens {
namespace {

constexpr uint8_t kBoth = kCaseless | kMark;

// The end of the longest run of characters with a class in `classes`.
const char* RunEnd(const char* at, const char* end, uint8_t classes) {
  while (at < end) {
    const Character c = CharacterAt(at, end);
    if ((c.classes & classes) == 0) break;
    at += c.size;
  }
  return at;
}

// The end of (?i:'s|'t|'re|'ve|'m|'ll|'d) at `at`, or `at`. Folding case makes
// U+017F (long s, C5 BF) an s.
const char* ContractionEnd(const char* at, const char* end) {
  if (end - at < 2 || *at != '\'') return at;
  const auto letter = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; };
  switch (letter(at[1])) {
    case 's':
    case 't':
    case 'm':
    case 'd':
      return at + 2;
    case 'r':
    case 'v':
      return end - at > 2 && letter(at[2]) == 'e' ? at + 3 : at;
    case 'l':
      return end - at > 2 && letter(at[2]) == 'l' ? at + 3 : at;
    case '\xc5':
      return end - at > 2 && at[2] == '\xbf' ? at + 3 : at;
    default:
      return at;
  }
}

const char* NumberEnd(const char* at, const char* end) {
  for (int count = 0; count < 3 && at < end; ++count) {
    const Character c = CharacterAt(at, end);
    if (c.classes != kNumber) break;
    at += c.size;
  }
  return at;
}

const char* WhiteSpaceEnd(const char* begin, const char* end) {
  const char* after_line_end = nullptr;
  const char* last = begin;
  const char* at = begin;
  while (at < end) {
    const Character c = CharacterAt(at, end);
    if ((c.classes & (kSpace | kLineEnd)) == 0) break;
    last = at;
    at += c.size;
    if (c.classes == kLineEnd) after_line_end = at;
  }
  if (after_line_end != nullptr) return after_line_end;
  return at == end || last == begin ? at : last;
}

// The signs that start at `begin`, or after one space there; `begin` if none.
template <bool kSlashes>
const char* SignsEnd(const char* begin, const char* end) {
  const char* signs = *begin == ' ' ? begin + 1 : begin;
  const char* at = RunEnd(signs, end, kOther | kMark);
  if (at == signs) return begin;
  while (at < end && (*at == '\r' || *at == '\n' || (kSlashes && *at == '/'))) ++at;
  return at;
}

// Where o200k's two word alternatives end when their letters start at `begin`;
// nullptr where one does not match.
struct WordEnds {
  const char* first;
  const char* second;
};

WordEnds O200kWord(const char* begin, const char* end) {
  const char* after_both = nullptr;
  const char* at = begin;
  while (at < end) {
    const Character c = CharacterAt(at, end);
    if ((c.classes & (kUpper | kBoth)) == 0) {
      if (c.classes != kLower) break;
      const char* stop = RunEnd(at + c.size, end, kLower | kBoth);
      return {stop, stop};
    }
    at += c.size;
    if (c.classes & kBoth) after_both = at;
  }
  return {after_both, at == begin ? nullptr : at};
}

}  // namespace

const char* O200kPieceEnd(const char* begin, const char* end) {
  const Character c = CharacterAt(begin, end);
  if (c.classes & kLetter) {
    const WordEnds word = O200kWord(begin, end);
    return ContractionEnd(word.first != nullptr ? word.first : word.second, end);
  }
  if (c.classes == kNumber) return NumberEnd(begin, end);
  if (c.classes == kLineEnd) return WhiteSpaceEnd(begin, end);

  const WordEnds word = O200kWord(begin + c.size, end);
  if (word.first != nullptr) return ContractionEnd(word.first, end);
  // A mark is a word by itself before the second alternative is tried.
  if (c.classes == kMark) return ContractionEnd(O200kWord(begin, end).first, end);
  if (word.second != nullptr) return ContractionEnd(word.second, end);
  const char* signs = SignsEnd<true>(begin, end);
  return signs != begin ? signs : WhiteSpaceEnd(begin, end);
}

const char* Cl100kPieceEnd(const char* begin, const char* end) {
  const Character c = CharacterAt(begin, end);
  if (c.classes & kLetter) return RunEnd(begin + c.size, end, kLetter);
  if (c.classes == kNumber) return NumberEnd(begin, end);
  if (c.classes == kLineEnd) return WhiteSpaceEnd(begin, end);

  const char* contraction = ContractionEnd(begin, end);
  if (contraction != begin) return contraction;
  const char* letters = begin + c.size;
  const char* word = RunEnd(letters, end, kLetter);
  if (word != letters) return word;
  const char* signs = SignsEnd<false>(begin, end);
  return signs != begin ? signs : WhiteSpaceEnd(begin, end);
}

}  // namespace headroom::tokens
