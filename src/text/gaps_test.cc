#include "text/gaps.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace headroom::text {
namespace {

std::string Line(int i) { return "line " + std::to_string(i) + " says one thing and another, at some length"; }

std::vector<std::string> Source(int count) {
  std::vector<std::string> lines;
  for (int i = 1; i <= count; ++i) lines.push_back(Line(i));
  return lines;
}

std::vector<std::string_view> Views(const std::vector<std::string>& lines) { return {lines.begin(), lines.end()}; }

TEST(GapMarkTest, SaysWhichUnitsAreLeftOut) {
  EXPECT_EQ(GapMark("lines", 12, 424), "... lines 12-424 omitted ...");
  EXPECT_EQ(GapMark("lines", 7, 7), "... line 7 omitted ...");
  EXPECT_EQ(GapMark("rows", 1, 2, "3 with status=ok"), "... rows 1-2 omitted (3 with status=ok) ...");
}

TEST(GapMarkTest, IsRecognisedInASource) {
  EXPECT_TRUE(ImitatesGapMarks("a\n... lines 12-424 omitted ...\nb"));
  EXPECT_TRUE(ImitatesGapMarks("  ... line 7 omitted (x) ..."));
  EXPECT_FALSE(ImitatesGapMarks("loading ... done\n... and so on ..."));
  EXPECT_FALSE(ImitatesGapMarks("... lines omitted ..."));
}

TEST(GapMarkTest, TellsItsUnitsBack) {
  const std::string text =
      "a\n" + GapMark("lines", 12, 424) + "\nb " + GapMark("rows", 7, 7, "x") + "\n... and so on ...";
  EXPECT_EQ(GapsIn(text, 9), (std::vector<Gap>{{"lines", 12, 424}, {"row", 7, 7}}));
  EXPECT_EQ(GapsIn(text, 1).size(), 1U);
  EXPECT_TRUE(GapsIn("a\nb", 9).empty());
  EXPECT_EQ(GapsIn("... lines 1-99999999999999999999999 omitted ...", 9)[0].last, SIZE_MAX);
}

TEST(GapMarkTest, IsLookedForInTimeThatGrowsWithTheText) {
  std::string dots;
  for (int i = 0; i < 2'500'000; ++i) dots += "... ";
  EXPECT_FALSE(ImitatesGapMarks(dots));
}

TEST(ClosingMarkerTest, HasTheFormThatToolsKnow) {
  const std::string marker = ClosingMarker({"lines", 430, 6}, "0123456789abcdef01234567");
  EXPECT_EQ(marker, "[430 lines compressed to 6. Retrieve more: hash=0123456789abcdef01234567]");
  EXPECT_TRUE(EndsInClosingMarker("text\n" + marker));
  EXPECT_TRUE(EndsInClosingMarker("text\n" + marker + " \r\n"));
  EXPECT_FALSE(EndsInClosingMarker(marker + "\ntext"));
  EXPECT_FALSE(EndsInClosingMarker(""));
}

TEST(LineSelectionTest, MarksEachGapWithTheSourcesNumbers) {
  const std::vector<std::string> source = Source(10);
  const std::vector<std::string_view> lines = Views(source);
  LineSelection selection(lines, 101);
  selection.Keep(0);
  selection.Keep(5);
  EXPECT_EQ(selection.Render("\n", true),
            Line(1) + "\n... lines 102-105 omitted ...\n" + Line(6) + "\n... lines 107-110 omitted ...\n");
  EXPECT_EQ(selection.count(), 2U);
}

TEST(LineSelectionTest, ClosesGapsThatCostMoreThanTheySave) {
  const std::vector<std::string_view> lines = {"first", "x", "last"};
  LineSelection selection(lines);
  selection.Keep(0);
  selection.Keep(2);
  EXPECT_EQ(selection.Render("\r\n", false), "first\r\nx\r\nlast");
  EXPECT_EQ(selection.count(), 3U);
}

TEST(LineSelectionTest, FillsWithTheBestOffersUpToTheBudget) {
  const std::vector<std::string> source = Source(20);
  const std::vector<std::string_view> lines = Views(source);
  LineSelection selection(lines);
  for (size_t i = 0; i < 20; ++i) selection.Offer(i, i == 7 ? 2.0 : 1.0);
  const size_t each = selection.total_tokens() / 20;
  selection.Fill(2 * each);
  EXPECT_TRUE(selection.kept(7));
  EXPECT_TRUE(selection.kept(0));
  EXPECT_EQ(selection.count(), 2U);
  LineSelection none(lines);
  none.Offer(3, 0);
  none.Fill(1'000'000);
  EXPECT_EQ(none.count(), 0U);
}

TEST(LineSelectionTest, IgnoresLinesOutOfRange) {
  const std::vector<std::string_view> lines = {"one"};
  LineSelection selection(lines);
  selection.Keep(1);
  selection.KeepRange(0, 5);
  selection.Offer(9, 1);
  EXPECT_EQ(selection.Render("\n", false), "one");
}

}  // namespace
}  // namespace headroom::text
