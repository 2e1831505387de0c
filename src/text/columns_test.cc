#include "text/columns.h"

#include <gtest/gtest.h>

#include <string>

namespace headroom::text {
namespace {

std::string Squeezed(const std::string& text) {
  LineText source = SplitLines(text);
  LineArena arena;
  SqueezeColumns(&source.lines, &arena);
  return source.Join();
}

TEST(ColumnsTest, SqueezesFromFiveRowsOn) {
  const std::string four = "a    1\nbb   2\nccc  3\ndd   4\n";
  EXPECT_EQ(Squeezed(four), four);
  EXPECT_EQ(Squeezed(four + "e    5\n"), "a 1\nbb 2\nccc 3\ndd 4\ne 5\n");
}

TEST(ColumnsTest, ReadsRightAlignedColumnsAndKeepsTheIndentation) {
  EXPECT_EQ(Squeezed("  PID TTY  CMD\n    1 pts  a  b\n   22 pts  c\n  333 pts  d\n 4444 pts  e\n"),
            "  PID TTY CMD\n    1 pts a  b\n   22 pts c\n  333 pts d\n 4444 pts e\n");
}

TEST(ColumnsTest, CountsCharactersNotBytes) {
  EXPECT_EQ(Squeezed("é    1\nüü   2\nccc  3\ndd   4\ne    5\n"), "é 1\nüü 2\nccc 3\ndd 4\ne 5\n");
}

TEST(ColumnsTest, KeepsRowsThatAreNotAligned) {
  const std::string text = "a   1\nb  2\nc    3\nd 4\ne   5\nf  6\n";
  EXPECT_EQ(Squeezed(text), text);
}

TEST(ColumnsTest, KeepsColumnsWithAnEmptyCell) {
  const std::string text = "a    x    1\nb    x    2\nc         3\nd    x    4\ne    x    5\nf         6\n";
  EXPECT_EQ(Squeezed(text), text);
}

TEST(ColumnsTest, SqueezesBoxes) {
  EXPECT_EQ(
      Squeezed(
          "┌──────┬──────┐\n│ a    │ b    │\n├──────┼──────┤\n│ 1    │      │\n│ two  │ x y  │\n└──────┴──────┘\n"),
      "┌───┬───┐\n│a│b│\n├───┼───┤\n│1││\n│two│x y│\n└───┴───┘\n");
  EXPECT_EQ(Squeezed("+-----+----+\n| a   | b  |\n+-----+----+\n| 1   | 2  |\n| 3   | 4  |\n+-----+----+\n"),
            "+---+---+\n|a|b|\n+---+---+\n|1|2|\n|3|4|\n+---+---+\n");
}

TEST(ColumnsTest, WritesMarkdownTablesWithoutOuterBars) {
  EXPECT_EQ(Squeezed("| id | name   |\n|----|:------|\n| 7  | ada    |\n| 81 | bob b. |\n"),
            "id|name\n---|:---\n7|ada\n81|bob b.\n");
}

TEST(ColumnsTest, KeepsOuterBarsWhereTheySayMore) {
  EXPECT_EQ(Squeezed("| id | name |\n|---|---|\n|  | ada |\n| 8 | bob |\n"), "|id|name|\n|---|---|\n||ada|\n|8|bob|\n");
  EXPECT_EQ(Squeezed("| id | name |\n|---|---|\n| 7 | |\n| 8 | bob |\n"), "|id|name|\n|---|---|\n|7||\n|8|bob|\n");
  EXPECT_EQ(Squeezed("| id | name |\n|---|---|\n| - 7 | a |\n| 8 | bob |\n"),
            "|id|name|\n|---|---|\n|- 7|a|\n|8|bob|\n");
}

TEST(ColumnsTest, LeavesEscapedBarsAlone) {
  const std::string text = "| id | name |\n|---|---|\n| 7 | a \\| b |\n| 8 | c \\| d |\n";
  EXPECT_EQ(Squeezed(text), text);
}

TEST(ColumnsTest, KeepsDrawnRowsWithUnequalDelimiters) {
  const std::string text = " a   | b\n-----+----\n 1   | x | y\n 2   | z\n 3   | w\n";
  EXPECT_EQ(Squeezed(text), text);
}

TEST(ColumnsTest, KeepsUnderlinesOfQuotedSource) {
  const std::string text =
      "   |\n12 |     let x = 1;\n   |         ^ help\n13 |     let y = 2;\n   |         ----- here\n   |\n";
  EXPECT_EQ(Squeezed(text), text);
}

TEST(ColumnsTest, KeepsTabs) {
  const std::string text = "a\t  1\nb\t  2\nc\t  3\nd\t  4\ne\t  5\n";
  EXPECT_EQ(Squeezed(text), text);
}

}  // namespace
}  // namespace headroom::text
