#include "text/repeats.h"

#include <gtest/gtest.h>

#include <string>

#include "text/lines_rendition_reader_test.h"

namespace headroom::text {
namespace {

std::string Folded(const std::string& text) {
  LineText source = SplitLines(text);
  LineArena arena;
  std::vector<std::string_view> lines;
  for (const OutputLine& line : FoldRepeats(source.lines, {}, &arena)) lines.push_back(line.text);
  source.lines = lines;
  return source.Join();
}

std::string Block(size_t lines, size_t times) {
  std::string block;
  for (size_t i = 0; i < lines; ++i) block += "line " + std::to_string(i) + " of a block\n";
  std::string text;
  for (size_t i = 0; i < times; ++i) text += block;
  return text;
}

TEST(RepeatsTest, CountsARunInsideABlock) {
  EXPECT_EQ(Folded("begin of it\nwaiting long\nwaiting long\nwaiting long\nwaiting long\nbegin of it\nwaiting long\n"
                   "waiting long\nwaiting long\nwaiting long\nbegin of it\nwaiting long\nwaiting long\nwaiting long\n"
                   "waiting long\nbegin of it\nwaiting long\nwaiting long\nwaiting long\nwaiting long\n"),
            "[the next 2 lines came 4 times in a row:]\nbegin of it\nwaiting long  [4 identical lines]\n");
}

TEST(RepeatsTest, FoldsBlocksUpToTheLimit) {
  const std::string at = Block(kMaxBlockLines, 2);
  EXPECT_TRUE(Folded(at).starts_with("[the next 64 lines came 2 times in a row:]\nline 0"));
  EXPECT_EQ(ReadFoldedLines(Folded(at)), LinesOf(at));
  const std::string past = Block(kMaxBlockLines + 1, 2);
  EXPECT_EQ(Folded(past), past);
}

TEST(RepeatsTest, LeavesTwoShortLines) { EXPECT_EQ(Folded("ok\nok\n"), "ok\nok\n"); }

TEST(RepeatsTest, CountsBlankLinesOnlyWhenThereAreMany) {
  EXPECT_EQ(Folded(std::string(31, '\n')), std::string(31, '\n'));
  EXPECT_EQ(Folded(std::string(32, '\n')), "[32 blank lines]\n");
}

TEST(RepeatsTest, KnowsItsMarks) {
  EXPECT_TRUE(ImitatesRepeatMarks("x  [3 identical lines]\n"));
  EXPECT_TRUE(ImitatesRepeatMarks("[the next 2 lines came 3 times in a row:]"));
  EXPECT_TRUE(ImitatesRepeatMarks("[40 blank lines]"));
  EXPECT_FALSE(ImitatesRepeatMarks("identical lines and blank lines"));
}

}  // namespace
}  // namespace headroom::text
