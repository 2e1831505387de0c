#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <regex>
#include <string>
#include <vector>

#include "text/excerpt.h"
#include "text/line_text.h"
#include "text/prose_excerpt_shape.h"
#include "text/prose_excerpt_units.h"

namespace headroom::text {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::optional<Excerpt> ExcerptOf(std::string_view text, std::string_view question, double share = 0.3,
                                 size_t first_line = 1) {
  const Input input{.text = text, .tool_name = "Bash", .tool_arguments = "", .question = question, .gaps = true};
  const Query query(input);
  const Expired expired;
  return ExcerptProse(
      {.input = input, .text = text, .first_line = first_line, .query = query, .share = share, .expired = expired});
}

std::vector<std::string> HeadingsOf(std::string_view text) {
  const LineText split = SplitLines(text);
  std::vector<std::string> headings;
  for (const ProseUnit& unit : ReadProse(split.lines)) {
    if (unit.heading > 0) headings.push_back(std::to_string(unit.heading) + " " + std::string(split.lines[unit.begin]));
  }
  return headings;
}

std::string Sentences(std::string_view about, int count) {
  std::string text;
  for (int i = 0; i < count; ++i) {
    text.append("The matter of ").append(about).append(" is explained here at some length and with care.\n");
  }
  return text + "\n";
}

std::string Manual() {
  return "# Manual\n\nRead this before you use the program for the first time.\n\n## Installing\n\n" +
         Sentences("installing", 30) +
         "## Timeouts\n\nThe client waits 30 seconds.\n\n```\nset timeout 30\n  # no heading\n```\n\n## Changes\n\n" +
         Sentences("changes", 40) + "## Licence\n\n" + Sentences("rights", 20);
}

TEST(ProseUnitsTest, HeadingsOfManyKindsAreRead) {
  EXPECT_THAT(HeadingsOf("# A\n\ntext\n\n### B ###\n\n```\n# no\n```\n"), ElementsAre("1 # A", "3 ### B ###"));
  EXPECT_THAT(HeadingsOf("4.17.2 / 2021-12-16\n===================\n\n  * Fix it\n\nUse\n---\n\ntext\n"),
              ElementsAre("1 4.17.2 / 2021-12-16", "2 Use"));
  EXPECT_THAT(
      HeadingsOf("NAME\n       x - do it\n\nEXIT STATUS\n       The number is 0.\n\n   Inner part\n       Text.\n"),
      ElementsAre("1 NAME", "1 EXIT STATUS", "2    Inner part"));
  EXPECT_THAT(HeadingsOf("4.2 Limits of use\n\nText that goes on.\n\n1. Press the button.\n2. Wait.\n"),
              ElementsAre("3 4.2 Limits of use"));
  EXPECT_THAT(HeadingsOf("Usage: x [options]\n\nOptions:\n  -a  all of it\n  -b  both\n"), ElementsAre("2 Options:"));
  EXPECT_THAT(HeadingsOf("Summary\n\nIt broke at noon, and nobody knew.\n\nImpact\n\nNone was seen.\n"),
              ElementsAre("2 Summary", "2 Impact"));
  EXPECT_THAT(HeadingsOf("<result rank=\"1\">\n#### Types\n\ntext\n</result>\n"),
              ElementsAre("1 <result rank=\"1\">", "4 #### Types"));
}

TEST(ProseUnitsTest, UnitsCoverTheLines) {
  for (const std::string& text : {Manual(), std::string("a\n\n\nb"), std::string("\n\n"),
                                  std::string("- a\n  b\n\n  c\n- d\n"), std::string("```\nnever closed\n\n# x\n")}) {
    const LineText split = SplitLines(text);
    size_t at = 0;
    for (const ProseUnit& unit : ReadProse(split.lines)) {
      EXPECT_EQ(unit.begin, at);
      EXPECT_GT(unit.end, unit.begin);
      at = unit.end;
    }
    EXPECT_EQ(at, split.lines.size());
  }
}

TEST(ProseUnitsTest, AnItemHasWhatIsIndentedBelowIt) {
  const LineText split =
      SplitLines("-i, --interactive\n\tLists what is done.\n\n\tMore of it.\n-m, --merge\n\tMerges.\n");
  const std::vector<ProseUnit> units = ReadProse(split.lines);
  ASSERT_EQ(units.size(), 2U);
  EXPECT_EQ(units[0].end, 4U);
}

TEST(ProseUnitsTest, DataAndProgramsAreNoProse) {
  const auto reads = [](std::string_view text) {
    const LineText split = SplitLines(text);
    return ReadsAsProse(split.lines, ReadProse(split.lines), false);
  };
  EXPECT_TRUE(reads(Manual()));
  EXPECT_TRUE(reads("  -a, --all   all\n  -b   both\n      --color  in colour\n"));
  EXPECT_FALSE(reads("name: x\nports:\n  - 80\n  - 443\nimage: y\n"));
  EXPECT_FALSE(reads("int main() {\n  return 0;\n}\n"));
  EXPECT_FALSE(reads("[core]\n# a comment\neditor = vi\n\n[user]\nname = x\n"));
}

TEST(ProseExcerptTest, TheSectionAskedForStaysWholeWithAllHeadings) {
  const std::string text = ExcerptOf(Manual(), "What does it say under \"Timeouts\"?")->text;
  EXPECT_THAT(text,
              HasSubstr("## Timeouts\n\nThe client waits 30 seconds.\n\n```\nset timeout 30\n  # no heading\n```\n"));
  EXPECT_THAT(text, HasSubstr("## Installing\n... lines 6-37 omitted ...\n## Timeouts"));
  EXPECT_THAT(text, HasSubstr("## Changes\n... lines "));
  EXPECT_THAT(text, HasSubstr("## Licence\n... lines "));
}

TEST(ProseExcerptTest, GapsCountFromTheLineThePartBeginsAt) {
  EXPECT_THAT(ExcerptOf(Manual(), "What does \"Timeouts\" say?", 0.3, 101)->text,
              HasSubstr("... lines 106-137 omitted ..."));
}

TEST(ProseExcerptTest, AnOptionIsFoundByItsEntry) {
  std::string help = "Usage: tool [options]\n\nOptions:\n";
  for (int i = 0; i < 200; ++i)
    help +=
        "  --setting-" + std::to_string(i) + " <value>   adjusts the part with the number " + std::to_string(i) + "\n";
  help += "  --onto <base>    starts from another base\n";
  for (int i = 200; i < 300; ++i)
    help += "  --setting-" + std::to_string(i) + " <value>   like --onto, for part " + std::to_string(i) + "\n";
  const std::optional<Excerpt> excerpt = ExcerptOf(help, "What does --onto do?", 0.1);
  ASSERT_TRUE(excerpt.has_value());
  EXPECT_THAT(excerpt->text, HasSubstr("--onto <base>    starts from another base"));
  EXPECT_THAT(excerpt->text, HasSubstr("Usage: tool"));
}

TEST(ProseExcerptTest, WhereNothingIsSingledOutAllStays) {
  EXPECT_FALSE(ExcerptOf(Manual(), "What is this about?").has_value());
  EXPECT_FALSE(ExcerptOf(Manual(), "").has_value());
  EXPECT_FALSE(ExcerptOf(Manual(), "List all rights and every change.").has_value());
}

TEST(ProseExcerptTest, ATaskCutsNoHelpText) {
  std::string help = "Usage: tool [options]\n\nOptions:\n";
  for (int i = 0; i < 300; ++i) {
    help += "  --setting-" + std::to_string(i) + " <value>   adjusts the part " + std::to_string(i) +
            (i % 40 == 0 ? " to continue or fix the problem of a task\n" : " of the machine\n");
  }
  EXPECT_FALSE(ExcerptOf(help, "Please continue with the task and fix the problem.").has_value());
  EXPECT_FALSE(ExcerptOf(help, "Why is there still a problem?").has_value());
  EXPECT_TRUE(ExcerptOf(help, "What does --setting-17 do?").has_value());
}

TEST(ProseExcerptTest, FindingsOfACommandStayWhole) {
  std::string findings;
  for (int i = 0; i < 60; ++i) {
    findings += "\nIn sh/b.sh line " + std::to_string(i) +
                ":\ncd $TARGET\n^--------^ SC2164 (warning): Use 'cd ... || exit' in case the cd fails.\n"
                "Did you mean to write the following line there?\n";
  }
  EXPECT_FALSE(ExcerptOf(findings, "Which findings are about 'line 7'?").has_value());
}

TEST(ProseExcerptTest, OfAFileThatIsReadTheHeadingsStayWhereTheModelOpensGaps) {
  std::string text;
  for (size_t line = 1; line <= 400; ++line) {
    std::string prose = "Sentence " + std::to_string(line) + " tells something of its part.";
    if (line % 40 == 1) prose = "# Part " + std::to_string(line / 40);
    if (line % 4 == 2) prose.clear();
    text += "    " + std::to_string(line) + "\t" + prose + "\n";
  }
  Input input{.text = text, .tool_name = "Read", .tool_arguments = R"({"file_path": "docs/a.md"})"};
  input.question = "Please continue with the task.";
  input.gaps = input.fold_reads = true;
  EXPECT_FALSE(Compress(input).has_value()) << "nobody singled a part out";
  input.opens_gaps = true;
  const std::optional<Rendition> cut = Compress(input);
  ASSERT_TRUE(cut.has_value());
  EXPECT_EQ(cut->rule, "prose_excerpt");
  EXPECT_LT(cut->text.size(), text.size() / 3);
  for (size_t part = 0; part < 10; ++part) {
    EXPECT_NE(cut->text.find("\t# Part " + std::to_string(part) + "\n"), std::string::npos) << part;
  }
  EXPECT_NE(cut->text.find("    361\t# Part 9\n... lines 362-400 omitted ...\n"), std::string::npos) << cut->text;
}

TEST(ProseExcerptTest, AShortTextStays) {
  EXPECT_FALSE(
      ExcerptOf("# A\n\n" + Sentences("a", 3) + "# B\n\n" + Sentences("b", 3), "What says \"A\"?").has_value());
  const std::string memo = "Summary\n\n" + Sentences("outages", 20) + "Remedy\n\n" + Sentences("restarts", 20);
  EXPECT_FALSE(ExcerptOf(memo, "Which restarts helped against outages of length?").has_value());
}

TEST(ProseExcerptTest, SectionsInChineseAreFound) {
  std::string text;
  for (const char* about : {"安装", "超时", "代理", "证书"}) {
    text += std::string("## ") + about + "设置\n\n";
    for (int i = 0; i < 30; ++i)
      text += std::string("这一段详细说明") + about + "的各种情况和注意事项，请仔细阅读之后再操作。\n";
    text += "\n";
  }
  const std::optional<Excerpt> excerpt = ExcerptOf(text, "“超时设置”里写了什么？");
  ASSERT_TRUE(excerpt.has_value());
  EXPECT_THAT(excerpt->text, HasSubstr("详细说明超时的"));
  EXPECT_THAT(excerpt->text, Not(HasSubstr("详细说明代理的")));
}

// Kept lines are the source's own, in order; with the gaps they make the source again.
TEST(ProseExcerptTest, KeptLinesAndGapsMakeTheSource) {
  std::mt19937 random(5);
  static const char* const kWords[] = {"server", "waits", "timeout",     "30",  "seconds", "for", "a",
                                       "reply",  "from",  "PoolManager", "and", "retries", "3",   "times"};
  for (int round = 0; round < 200; ++round) {
    std::string text;
    for (int line = 0; line < 300; ++line) {
      switch (random() % 12) {
        case 0:
          text += "\n## Part " + std::to_string(line) + " of it\n\n";
          break;
        case 1:
          text += "\n";
          break;
        case 2:
          text += "- ";
          [[fallthrough]];
        default:
          for (size_t words = 3 + random() % 12; words > 0; --words) text += std::string(kWords[random() % 14]) + " ";
          text += std::to_string(line) + "\n";
      }
    }
    const std::string question = "What says \"Part " + std::to_string(random() % 300) + " of it\" about PoolManager?";
    const std::optional<Excerpt> excerpt = ExcerptOf(text, question, 0.2);
    if (!excerpt.has_value()) continue;
    const LineText source = SplitLines(text);
    static const std::regex kGap(R"(\.\.\. lines? (\d+)(?:-(\d+))? omitted \.\.\.)");
    size_t at = 0;
    size_t kept = 0;
    for (const std::string_view line : SplitLines(excerpt->text).lines) {
      std::match_results<std::string_view::const_iterator> gap;
      if (std::regex_match(line.begin(), line.end(), gap, kGap)) {
        ASSERT_EQ(std::stoul(gap[1].str()), at + 1);
        at = gap[2].matched ? std::stoul(gap[2].str()) : at + 1;
      } else {
        ASSERT_LT(at, source.lines.size());
        EXPECT_EQ(line, source.lines[at++]);
        ++kept;
      }
    }
    EXPECT_EQ(at, source.lines.size());
    EXPECT_EQ(excerpt->omitted.kept, kept);
    EXPECT_EQ(excerpt->omitted.total, source.lines.size());
    EXPECT_EQ(excerpt->text, ExcerptOf(text, question, 0.2)->text);
  }
}

TEST(ProseExcerptTest, LineEndsStay) {
  std::string text = Manual();
  std::string crlf;
  for (const char c : text) crlf += c == '\n' ? "\r\n" : std::string(1, c);
  const std::string excerpt = ExcerptOf(crlf, "What does \"Timeouts\" say?")->text;
  EXPECT_THAT(excerpt, HasSubstr("## Timeouts\r\n\r\nThe client waits 30 seconds.\r\n"));
}

TEST(ProseExcerptTest, HostileTextsEndSoon) {
  (void)ExcerptOf(std::string(10 << 20, 'a'), "\"a\"?");
  std::string lines;
  for (int i = 0; i < 1'000'000; ++i) lines += i % 3 == 0 ? "\n" : "a\n";
  (void)ExcerptOf(lines, "\"a\"?");
  std::string headings;
  for (int i = 0; i < 200'000; ++i) headings += "# timeout of part\n\n";
  (void)ExcerptOf(headings, "\"timeout of part\"?");
  std::string items;
  for (int i = 0; i < 300'000; ++i) items += "- a\n\n";
  (void)ExcerptOf(items, "a?");
  (void)ExcerptOf("\xff\xfe\n# \x80\n\n" + std::string(4000, '\xe4'), "\"\x80\"?");
}

}  // namespace
}  // namespace headroom::text
