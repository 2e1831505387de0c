#include "tokens/split.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "tokens/character_class.h"

namespace headroom::tokens {
namespace {

using testing::ElementsAre;

std::vector<std::string> Pieces(PieceEndFn piece_end, std::string_view text) {
  // An exact-size buffer, so that a sanitizer sees a read past the end.
  const std::vector<char> copy(text.begin(), text.end());
  const char* const end = copy.data() + copy.size();
  std::vector<std::string> pieces;
  for (const char* at = copy.data(); at != end;) {
    const char* const stop = piece_end(at, end);
    pieces.emplace_back(at, stop);
    at = stop;
  }
  return pieces;
}

TEST(SplitTest, O200kKeepsContractionsAndCutsBeforeACapital) {
  EXPECT_THAT(Pieces(O200kPieceEnd, "I've set up getHTTPServer!\n"),
              ElementsAre("I've", " set", " up", " get", "HTTPServer", "!\n"));
}

TEST(SplitTest, Cl100kCutsContractionsOffAndKeepsMixedCase) {
  EXPECT_THAT(Pieces(Cl100kPieceEnd, "I've set up getHTTPServer!\n"),
              ElementsAre("I", "'ve", " set", " up", " getHTTPServer", "!\n"));
}

TEST(SplitTest, LeavesTheLastBlankOfARunToTheNextPiece) {
  for (PieceEndFn piece_end : {O200kPieceEnd, Cl100kPieceEnd}) {
    EXPECT_THAT(Pieces(piece_end, "a   b"), ElementsAre("a", "  ", " b"));
    EXPECT_THAT(Pieces(piece_end, "a \n  b  "), ElementsAre("a", " \n", " ", " b", "  "));
    EXPECT_THAT(Pieces(piece_end, "a\t\t1"), ElementsAre("a", "\t", "\t", "1"));
  }
}

TEST(SplitTest, TakesNumbersByThrees) {
  EXPECT_THAT(Pieces(O200kPieceEnd, "12345 6"), ElementsAre("123", "45", " ", "6"));
}

TEST(SplitTest, OnlyO200kAddsSlashesAfterLineEndsToSigns) {
  EXPECT_THAT(Pieces(O200kPieceEnd, "!\n//x"), ElementsAre("!\n//", "x"));
  EXPECT_THAT(Pieces(Cl100kPieceEnd, "!\n//x"), ElementsAre("!\n", "//", "x"));
}

TEST(SplitTest, ReadsBytesThatAreNotUtf8AsSigns) {
  EXPECT_THAT(Pieces(O200kPieceEnd, "1\xff\xfe\x80 a\xc3"), ElementsAre("1", "\xff\xfe\x80", " a", "\xc3"));
}

TEST(CharacterClassTest, AsciiShortcutEqualsTheTable) {
  for (int c = 0; c < 128; ++c) {
    const char byte = static_cast<char>(c);
    EXPECT_EQ(CharacterAt(&byte, &byte + 1).classes, ClassOf(static_cast<uint32_t>(c))) << c;
  }
}

TEST(CharacterClassTest, DecodesOnlyWellFormedSequences) {
  const auto at = [](std::string_view text) { return CharacterAt(text.data(), text.data() + text.size()); };
  EXPECT_EQ(at("\xc3\xa9").classes, kLower);          // U+00E9
  EXPECT_EQ(at("\xe4\xb8\xad").classes, kCaseless);   // U+4E2D
  EXPECT_EQ(at("\xf0\x90\x90\x80").classes, kUpper);  // U+10400
  EXPECT_EQ(at("\xf3\xa0\x84\x80").classes, kMark);   // U+E0100
  EXPECT_EQ(at("\xf4\x8f\xbf\xbf").size, 4);          // U+10FFFF
  for (const char* bad : {"\x80", "\xc1\x81", "\xc3", "\xc3x", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xe4\xb8",
                          "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xf0\x90\x90"}) {
    EXPECT_EQ(at(bad).size, 1) << testing::PrintToString(bad);
    EXPECT_EQ(at(bad).classes, kOther) << testing::PrintToString(bad);
  }
}

}  // namespace
}  // namespace headroom::tokens
