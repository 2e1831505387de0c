#include <gtest/gtest.h>

#include <random>
#include <string>

#include "json/strings.h"
#include "text/excerpt.h"
#include "text/parts_excerpt_split.h"
#include "text/terminal_excerpt_reader_test.h"

namespace headroom::text {
namespace {

std::string N(size_t i) { return std::to_string(i); }

bool Has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

std::string Joined(const std::vector<Part>& parts) {
  std::string text;
  for (const Part& part : parts) text.append(part.text);
  return text;
}

std::string Pods(size_t rows) {
  std::string text = "NAME READY STATUS RESTARTS AGE\n";
  for (size_t i = 0; i < rows; ++i) {
    text += "web-" + N(1000 + i) + (i == 41 ? " 0/1 CrashLoop 212 1d\n" : " 1/1 Running " + N(i % 2) + " 25d\n");
  }
  return text;
}

constexpr std::string_view kQuestion = "Which pods are in trouble?";

std::string Excerpted(std::string_view text, std::string_view arguments = "{}") {
  const ExcerptCall call(text, kQuestion, "Bash", arguments);
  const std::optional<Excerpt> excerpt = ExcerptParts(call.in);
  return excerpt.has_value() ? excerpt->text : "";
}

TEST(SplitPartsTest, FindsTheBodyBetweenTags) {
  const std::string text = "<returncode>0</returncode>\n<output>\na\nb\n</output>\nlast\n";
  const std::vector<Part> parts = SplitParts(text, "");
  ASSERT_EQ(Joined(parts), text);
  ASSERT_EQ(parts.size(), 5u);
  EXPECT_EQ(parts[2].text, "a\nb\n");
  EXPECT_TRUE(parts[2].is_body);
  EXPECT_EQ(parts[2].first_line, 2u);
  EXPECT_FALSE(parts[1].is_body);
}

TEST(SplitPartsTest, FindsTheBodyBelowALabel) {
  const std::string text = "Exit code: 0\nWall time: 0.2 seconds\nOutput:\nx: 1\ny\n";
  const std::vector<Part> parts = SplitParts(text, "");
  ASSERT_EQ(Joined(parts), text);
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_EQ(parts[1].text, "x: 1\ny\n");
}

TEST(SplitPartsTest, FindsHeadingsThatTheCommandPrints) {
  const std::string text = "--- one ---\na\n--- two ---\nb\n";
  EXPECT_EQ(SplitParts(text, "{\"command\":\"echo '--- one ---'; a; echo '--- two ---'; b\"}").size(), 4u);
  EXPECT_EQ(SplitParts(text, "{\"command\":\"cat x.md\"}").size(), 1u);
}

TEST(SplitPartsTest, LeavesReportsWithRulesWhole) {
  const std::string text =
      "============================= test session starts ==============================\n"
      "a\n=================================== FAILURES ===================================\nb\n";
  EXPECT_EQ(SplitParts(text, "{\"command\":\"pytest\"}").size(), 1u);
}

TEST(SplitPartsTest, ClosesAFenceOnlyWithOneLikeIt) {
  const std::string text = "see:\n````\n```\ninside\n```\n````\nend\n";
  const std::vector<Part> parts = SplitParts(text, "");
  ASSERT_EQ(Joined(parts), text);
  ASSERT_EQ(parts.size(), 5u);
  EXPECT_EQ(parts[2].text, "```\ninside\n```\n");
  EXPECT_EQ(SplitParts("```\nnever closed\n", "").size(), 1u);
}

TEST(SplitPartsTest, JoinsToTheTextWhateverItIs) {
  const std::vector<std::string> lines = {"<output>",  "</output>", "<stderr>", "</stderr>", "```",          "```json",
                                          "=== a ===", "==> f <==", "$ ls",     "Output:",   "Exit code: 1", "text",
                                          "",          "[x]",       "\r",       "]}"};
  std::mt19937 random(3);
  for (size_t round = 0; round < 2000; ++round) {
    std::string text;
    for (size_t i = random() % 12; i > 0; --i) text += lines[random() % lines.size()] + (random() % 5 ? "\n" : "\r\n");
    if (random() % 2) text += lines[random() % lines.size()];
    const std::vector<Part> parts = SplitParts(text, "echo ===");
    ASSERT_EQ(Joined(parts), text);
    for (const Part& part : parts) {
      const size_t before = static_cast<size_t>(part.text.data() - text.data());
      EXPECT_EQ(part.first_line, static_cast<size_t>(std::count(
                                     text.begin(), text.begin() + static_cast<std::ptrdiff_t>(before), '\n')));
    }
  }
}

TEST(PartsExcerptTest, ExcerptsABodyUnderTheLineNumbersOfTheWhole) {
  const std::string text = "<returncode>0</returncode>\n<output>\n" + Pods(80) + "</output>\n";
  const std::string out = Excerpted(text);
  EXPECT_TRUE(out.starts_with("<returncode>0</returncode>\n<output>\nNAME READY"));
  EXPECT_TRUE(out.ends_with("</output>\n"));
  EXPECT_TRUE(Has(out, "web-1041 0/1 CrashLoop 212 1d\n"));
  EXPECT_EQ(FillGaps(out, text), "");
}

TEST(PartsExcerptTest, LeavesUntaggedFencesUntagged) {
  const std::string text = "The pods:\n\n```\n" + Pods(80) + "```\n\nAs you see, one is in trouble.\n";
  const std::string out = Excerpted(text);
  EXPECT_TRUE(out.starts_with("The pods:\n\n```\nNAME READY"));
  EXPECT_TRUE(out.ends_with("```\n\nAs you see, one is in trouble.\n"));
  EXPECT_EQ(FillGaps(out, text), "");
}

TEST(PartsExcerptTest, ExcerptsTheStringOfAWrapperInPlace) {
  const std::string stderr_text = "note: brackets ] } in \"strings\" do not count";
  const std::string text =
      "{ \"exit_code\": 0,  \"stdout\":" + json::Quote(Pods(80)) + ", \"stderr\": " + json::Quote(stderr_text) + " }";
  const std::string out = Excerpted(text);
  EXPECT_TRUE(out.starts_with("{ \"exit_code\": 0,  \"stdout\":\"NAME READY STATUS"));
  EXPECT_TRUE(out.ends_with(", \"stderr\": " + json::Quote(stderr_text) + " }"));
  const size_t begin = out.find(":\"NAME") + 2;
  const std::optional<std::string> inside = json::Unescape(out.substr(begin, out.find("\", \"stderr\"") - begin));
  ASSERT_TRUE(inside.has_value());
  EXPECT_EQ(FillGaps(*inside, Pods(80)), "");
}

TEST(PartsExcerptTest, LeavesDocumentsOfManyValuesToJson) {
  std::string text = "[";
  for (size_t i = 0; i < 100; ++i) text += (i ? "," : "") + json::Quote(Pods(60));
  EXPECT_EQ(Excerpted(text + "]"), "");
}

TEST(PartsExcerptTest, LeavesTextsOfOnePartToOthers) {
  EXPECT_EQ(Excerpted(Pods(80)), "");
  EXPECT_EQ(Excerpted(""), "");
  EXPECT_EQ(Excerpted("<output>\nshort\n</output>\n"), "");
}

TEST(PartsExcerptTest, StopsAtNestingWithoutEnd) {
  std::string text;
  for (size_t i = 0; i < 2000; ++i) text += "<output>\n";
  text += Pods(80);
  for (size_t i = 0; i < 2000; ++i) text += "</output>\n";
  Excerpted(text);
  std::string quoted = Pods(80);
  for (size_t i = 0; i < 6; ++i) quoted = "{\"output\":" + json::Quote(quoted) + "}";
  Excerpted(quoted);
}

}  // namespace
}  // namespace headroom::text
