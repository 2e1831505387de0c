#include "text/words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace headroom::text {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> WordsOf(std::string_view text) {
  std::vector<std::string> words;
  ForEachWord(text, [&](const Word& word) { words.emplace_back(word.text); });
  return words;
}

std::vector<std::string> PartsOf(std::string_view word) {
  std::vector<std::string> parts;
  ForEachPart(word, [&](std::string_view part) { parts.emplace_back(part); });
  return parts;
}

std::vector<std::string> PairsOf(std::string_view run) {
  std::vector<std::string> pairs;
  ForEachPair(run, [&](std::string_view pair) { pairs.emplace_back(pair); });
  return pairs;
}

TEST(WordsTest, JointsStandInsideAWordOnly) {
  EXPECT_THAT(WordsOf("setProxy() in ./lib/http.js, at 10.0.0.7:443."),
              ElementsAre("setProxy", "in", "lib/http.js", "at", "10.0.0.7:443"));
  EXPECT_THAT(WordsOf("--max-time=5 a-"), ElementsAre("max-time", "5", "a"));
}

TEST(WordsTest, PunctuationOfAnyScriptEndsAWord) {
  EXPECT_THAT(WordsOf("“proxy”—naïve café…"), ElementsAre("proxy", "naïve", "café"));
  EXPECT_THAT(WordsOf("«Ошибка»: диск"), ElementsAre("Ошибка", "диск"));
}

TEST(WordsTest, ScriptsWithoutBlanksComeAsRuns) {
  EXPECT_THAT(WordsOf("把pool_size改为40。重启后，正常"),
              ElementsAre("把", "pool_size", "改为", "40", "重启后", "正常"));
  EXPECT_THAT(PairsOf("重启后"), ElementsAre("重启", "启后"));
  EXPECT_THAT(PairsOf("改"), ElementsAre("改"));
  EXPECT_THAT(PairsOf(""), IsEmpty());
}

TEST(WordsTest, BrokenUtf8IsOfWordsAndEndsNothing) {
  EXPECT_THAT(WordsOf("a\xff b \xe4\xb8"), ElementsAre("a\xff", "b", "\xe4\xb8"));
}

TEST(WordsTest, ShapesTellIdentifiersFromWords) {
  EXPECT_EQ(ShapeOf("Proxy"), WordShape::kPlain);
  EXPECT_EQ(ShapeOf("PROXY"), WordShape::kPlain);
  EXPECT_EQ(ShapeOf("setProxy"), WordShape::kIdentifier);
  EXPECT_EQ(ShapeOf("HTTPs"), WordShape::kIdentifier);
  EXPECT_EQ(ShapeOf("a_b"), WordShape::kIdentifier);
  EXPECT_EQ(ShapeOf("http.js"), WordShape::kIdentifier);
  EXPECT_EQ(ShapeOf("v2"), WordShape::kIdentifier);
  EXPECT_EQ(ShapeOf("10.5"), WordShape::kNumber);
  EXPECT_EQ(ShapeOf("重启"), WordShape::kUnspaced);
}

TEST(WordsTest, IdentifiersSplitAtCasesDigitsAndJoints) {
  EXPECT_THAT(PartsOf("setHTTPProxy"), ElementsAre("set", "HTTP", "Proxy"));
  EXPECT_THAT(PartsOf("max_body/http2-v10.a"), ElementsAre("max", "body", "http", "2", "v", "10", "a"));
  EXPECT_THAT(PartsOf("XMLHttpRequest"), ElementsAre("XML", "Http", "Request"));
}

TEST(WordsTest, FormsOfAWordMeet) {
  for (const char* form : {"fail", "fails", "failed", "failing"}) EXPECT_EQ(Stem(form), "fail") << form;
  for (const char* form : {"configure", "configured", "configuration"}) EXPECT_EQ(Stem(form), "configur") << form;
  for (const char* form : {"retry", "retries"}) EXPECT_EQ(Stem(form), "retr") << form;
  for (const char* form : {"run", "runs", "running"}) EXPECT_EQ(Stem(form), "run") << form;
  for (const char* form : {"fix", "fixes", "fixed", "fixing"}) EXPECT_EQ(Stem(form), "fix") << form;
  for (const char* form : {"connect", "connection", "connections"}) EXPECT_EQ(Stem(form), "connect") << form;
  for (const char* form : {"bus", "string", "speed", "process", "version"}) EXPECT_FALSE(Stem(form).empty()) << form;
  EXPECT_NE(Stem("string"), "str");
  EXPECT_NE(Stem("speed"), "spe");
}

TEST(WordsTest, CapitalsOfOtherAlphabetsFold) { EXPECT_EQ(Folded("ÀÉÖ×ß ΑΩ АЯЁ Ab"), "àéö×ß αω аяё ab"); }

TEST(InjectedBlocksTest, AreLeftOutWhereverTheyStand) {
  EXPECT_EQ(WithoutInjectedBlocks("<system-reminder>\nall files\n</system-reminder>\nWhy?"), "\nWhy?");
  EXPECT_EQ(WithoutInjectedBlocks("Why <ide_selection path=\"a\">x < y</ide_selection>here?"), "Why here?");
  EXPECT_EQ(WithoutInjectedBlocks("Fix it<environment_context><cwd>/x</cwd></environment_context>"), "Fix it");
}

TEST(InjectedBlocksTest, ABlockWithoutAnEndReachesToTheEnd) {
  EXPECT_EQ(WithoutInjectedBlocks("Why? <system-reminder> all of it"), "Why? ");
}

TEST(InjectedBlocksTest, OtherTagsAreTheUsersOwn) {
  const std::string text = "<pr_description>a < b</pr_description> <b>x</b> <system-reminderx>";
  EXPECT_EQ(WithoutInjectedBlocks(text), text);
}

TEST(InjectedBlocksTest, ATextOfNothingElseStays) {
  EXPECT_EQ(WithoutInjectedBlocks("<env>x</env>\n"), "<env>x</env>\n");
}

}  // namespace
}  // namespace headroom::text
