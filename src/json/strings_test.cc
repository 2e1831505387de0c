#include "json/strings.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace headroom::json {
namespace {

TEST(UnescapeTest, DecodesEveryNamedEscape) {
  EXPECT_EQ(Unescape(R"(\"\\\/\b\f\n\r\tz)"), std::string("\"\\/\b\f\n\r\tz"));
}

TEST(UnescapeTest, JoinsSurrogatePairsAndKeepsLoneOnes) {
  EXPECT_EQ(Unescape(R"(\ud83d\ude00)"), std::string("\xf0\x9f\x98\x80"));
  EXPECT_EQ(Unescape(R"(a\ud83d b)"), std::string("a\xed\xa0\xbd b"));
  EXPECT_EQ(Unescape(R"(\ud83d\ud83d\ude00)"), std::string("\xed\xa0\xbd\xf0\x9f\x98\x80"));
  EXPECT_EQ(Unescape(R"(\ude00)"), std::string("\xed\xb8\x80"));
}

TEST(UnescapeTest, RefusesMalformedEscapes) {
  for (const char* text : {R"(\)", R"(\x)", R"(\u)", R"(\u12)", R"(\u12g4)", R"(a\u)"}) {
    EXPECT_FALSE(Unescape(text).has_value()) << text;
  }
}

TEST(QuoteTest, EscapesControlsQuotesAndLoneSurrogatesOnly) {
  EXPECT_EQ(Quote(std::string("\"\\/\b\f\n\r\t\x01\0\x7f", 11)), R"("\"\\/\b\f\n\r\t\u0001\u0000)"
                                                                 "\x7f\"");
  EXPECT_EQ(Quote("\xed\xa0\xbd"), R"("\ud83d")");
  EXPECT_EQ(Quote("\xed\x9f\xbf"), "\"\xed\x9f\xbf\"");  // U+D7FF, the last before the surrogates
  EXPECT_EQ(Quote("\xed"), "\"\xed\"");
}

TEST(QuoteTest, DecodesBackToTheSameText) {
  std::mt19937 random(7);
  const std::string alphabet[] = {"a", "\"",   "\\", "\n", "\x02", "\xc3\xa9", "\xf0\x9f\x98\x80", "\xed\xa0\xbd",
                                  "/", "u0041"};
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (size_t i = random() % 20; i > 0; --i) text += alphabet[random() % std::size(alphabet)];
    const std::string quoted = Quote(text);
    EXPECT_EQ(Unescape(std::string_view(quoted).substr(1, quoted.size() - 2)), text);
  }
}

}  // namespace
}  // namespace headroom::json
