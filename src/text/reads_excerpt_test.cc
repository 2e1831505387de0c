#include "text/reads_excerpt.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace headroom::text {
namespace {

using ::testing::HasSubstr;

std::string Rows(std::string_view before, std::string_view after, int first, int count) {
  std::string rows;
  for (int i = first; i < first + count; ++i) rows.append(before).append(std::to_string(i)).append(after).append("\n");
  return rows;
}

TEST(ReadsExcerptTest, EachRangeOfACommandIsAPart) {
  const std::string text = "a\nb\n---\nc\nd\ne\n";
  const auto parts = SplitReads(
      {.text = text,
       .tool_name = "Bash",
       .tool_arguments = R"({"command": "cd x && sed -n '1,2p' a.cc; echo ---; nl -ba b.py | sed -n '5,7p'"})"});
  ASSERT_EQ(parts.size(), 3U);
  EXPECT_EQ(parts[0].text, "a\nb\n");
  EXPECT_EQ(parts[1].text, "---\n");
  EXPECT_EQ(parts[1].command, "");
  EXPECT_EQ(parts[2].text, "c\nd\ne\n");
  EXPECT_THAT(parts[2].command, HasSubstr("'nl' '-ba' 'b.py' | 'sed' '-n' '5,7p'"));
}

TEST(ReadsExcerptTest, WhereTheRangesAreNotTheTextNothingIsSplit) {
  for (const std::string_view command :
       {R"({"command": "sed -n '1,2p' a; sed -n '1,3p' b"})", R"({"command": "sed -n '1,2p' a; sed -n '1,1p' b"})",
        R"({"command": "cat a; sed -n '1,2p' b"})", R"({"command": "sed -n '1,4p' a"})",
        R"({"command": "sed -n '1,2p' a; sed -n '9,2p' b"})", R"({"command": "sed -n '1,2p' a b; sed -n '1,2p' c"})"}) {
    EXPECT_TRUE(SplitReads({.text = "a\nb\nc\nd\n", .tool_name = "Bash", .tool_arguments = command}).empty())
        << command;
  }
}

TEST(ReadsExcerptTest, EachFileFoldsInItsLanguageWithItsOwnNumbers) {
  const std::string text = "int Alpha(int a) {\n" + Rows("  x += y + ", ";", 1, 298) + "}\n" + "def beta():\n" +
                           Rows("    z = y + ", "", 1, 299);
  Input input{.text = text,
              .tool_name = "Bash",
              .tool_arguments = R"({"command": "sed -n '401,700p' a.cc; sed -n '1,300p' b.py"})"};
  input.question = "what is there";
  input.gaps = input.fold_reads = true;
  const std::optional<Rendition> cut = Compress(input);
  ASSERT_TRUE(cut.has_value());
  EXPECT_THAT(cut->text, HasSubstr("int Alpha(int a) {\n  ... lines 402-699 omitted ...\n}\n"
                                   "def beta():\n    ... lines 2-300 omitted ...\n[600 lines compressed to 3. "));
}

}  // namespace
}  // namespace headroom::text
