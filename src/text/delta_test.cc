#include "text/delta.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "text/delta_reader_test.h"
#include "text/line_numbers.h"

namespace headroom::text {
namespace {

constexpr size_t kAnySize = SIZE_MAX;

std::string Hunks(std::string_view before, std::string_view after) {
  return MakeDelta(before, after, kAnySize, {}).value_or(Delta{"(none)", false}).hunks;
}

// As Read prints it, with `width` and `separator` of its kind.
std::string Numbered(const std::vector<std::string>& lines, size_t first = 1, std::string_view separator = "→",
                     size_t width = 6) {
  std::string text;
  for (size_t i = 0; i < lines.size(); ++i) {
    const std::string number = std::to_string(first + i);
    text += std::string(number.size() < width ? width - number.size() : 0, ' ') + number + std::string(separator) +
            lines[i] + (i + 1 < lines.size() ? "\n" : "");
  }
  return text;
}

TEST(DeltaTest, ReadsAsDiffWritesIt) {
  EXPECT_EQ(Hunks("a\nb\nc\nd\ne\nf\ng\nh\n", "a\nb\nc\nd\nE\nf\ng\nh\n"), "@@ -3,5 +3,5 @@\n c\n d\n-e\n+E\n f\n g");
  EXPECT_EQ(Hunks("", "x\ny\n"), "@@ -0,0 +1,2 @@\n+x\n+y");
  EXPECT_EQ(Hunks("x\n", ""), "@@ -1 +0,0 @@\n-x");
}

TEST(DeltaTest, ChangesThatAreNearShareAHunkAndDistantOnesDoNot) {
  EXPECT_EQ(Hunks("1\n2\n3\n4\n5\n6\n", "x\n2\n3\n4\n5\ny\n"), "@@ -1,6 +1,6 @@\n-1\n+x\n 2\n 3\n 4\n 5\n-6\n+y");
  EXPECT_EQ(Hunks("1\n2\n3\n4\n5\n6\n7\n", "x\n2\n3\n4\n5\n6\ny\n"),
            "@@ -1,3 +1,3 @@\n-1\n+x\n 2\n 3\n@@ -5,3 +5,3 @@\n 5\n 6\n-7\n+y");
}

TEST(DeltaTest, ALineEndThatIsMissingIsSaid) {
  EXPECT_EQ(Hunks("a\nb", "a\nb\n"), "@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b");
  EXPECT_EQ(Hunks("a\nb\n", "a\nb"), "@@ -1,2 +1,2 @@\n a\n-b\n+b\n\\ No newline at end of file");
}

TEST(DeltaTest, NumberedLinesAreComparedWithoutTheirNumbers) {
  const std::optional<Delta> delta =
      MakeDelta(Numbered({"a", "b", "c", "d", "e"}, 8), Numbered({"a", "new", "b", "c", "d", "e"}, 8), kAnySize, {});
  ASSERT_TRUE(delta.has_value());
  EXPECT_TRUE(delta->numbered);
  EXPECT_EQ(delta->hunks, "@@ -8,3 +8,4 @@\n a\n+new\n b\n c");
}

TEST(DeltaTest, NumbersThatDoNotAgreeAreComparedAsTheyStand) {
  const std::string text = Numbered({"a", "b", "c"});
  for (const std::string& other :
       {Numbered({"a", "b", "c", "d"}, 2), Numbered({"a", "b", "d"}, 1, "\t"), Numbered({"a", "b", "d"}, 1, "→", 4),
        "note\n" + Numbered({"a", "b", "d"}), Numbered({"a", "b", "d"}) + "\nnote"}) {
    const std::optional<Delta> delta = MakeDelta(text, other, kAnySize, {});
    ASSERT_TRUE(delta.has_value());
    EXPECT_FALSE(delta->numbered) << other;
    EXPECT_EQ(ApplyDelta(text, *delta), other);
  }
}

TEST(DeltaTest, WhatStandsAroundNumberedLinesInBothStays) {
  const std::string before = "file a.py\n" + Numbered({"a", "b", "c"}) + "\n<note>\n7\n</note>\n";
  const std::string after = "file a.py\n" + Numbered({"a", "x", "b", "c"}) + "\n<note>\n7\n</note>\n";
  const std::optional<Delta> delta = MakeDelta(before, after, kAnySize, {});
  ASSERT_TRUE(delta.has_value());
  EXPECT_TRUE(delta->numbered);
  EXPECT_EQ(delta->hunks, "@@ -1,3 +1,4 @@\n a\n+x\n b\n c");
  EXPECT_EQ(ApplyDelta(before, *delta), after);
}

TEST(DeltaTest, NothingForEqualTextsLongHunksAndPastTheDeadline) {
  EXPECT_FALSE(MakeDelta("a\nb\n", "a\nb\n", kAnySize, {}).has_value());
  EXPECT_FALSE(MakeDelta("", "", kAnySize, {}).has_value());
  const size_t bytes = Hunks("a\nb\n", "a\nc\n").size();
  EXPECT_TRUE(MakeDelta("a\nb\n", "a\nc\n", bytes, {}).has_value());
  EXPECT_FALSE(MakeDelta("a\nb\n", "a\nc\n", bytes - 1, {}).has_value());
  const std::string long_text(1 << 16, '\n');
  EXPECT_FALSE(MakeDelta(long_text, long_text + "x", kAnySize, [] { return true; }).has_value());
}

// A random text of few different lines, and the same after some edits.
class RandomTexts {
 public:
  explicit RandomTexts(uint32_t seed) : random_(seed) {}

  std::vector<std::string> Lines() {
    std::vector<std::string> lines(random_() % 60);
    for (std::string& line : lines) line = Line();
    return lines;
  }
  std::vector<std::string> Edited(std::vector<std::string> lines) {
    for (size_t edits = random_() % 6; edits > 0; --edits) {
      const auto at = lines.begin() + static_cast<std::ptrdiff_t>(random_() % (lines.size() + 1));
      if (at == lines.end() || random_() % 3 == 0) {
        lines.insert(at, Line());
      } else if (random_() % 2 == 0) {
        lines.erase(at);
      } else {
        *at = Line();
      }
    }
    return lines;
  }
  size_t Below(size_t bound) { return random_() % bound; }

 private:
  std::string Line() {
    static const std::string kLines[] = {"",  "}",  "  return;", "-x", "+y",   "@@ -1 +1 @@", "\\ No newline",
                                         "7", "é→", "a\r",       "\t", "12: x"};
    return random_() % 3 == 0 ? "line " + std::to_string(random_() % 40) : kLines[random_() % std::size(kLines)];
  }

  std::mt19937 random_;
};

std::string Joined(const std::vector<std::string>& lines, std::string_view end, bool ends) {
  std::string text;
  for (size_t i = 0; i < lines.size(); ++i) {
    text += lines[i];
    if (i + 1 < lines.size() || ends) text += end;
  }
  return text;
}

TEST(DeltaTest, TheEarlierTextWithTheHunksAppliedIsTheNewOne) {
  for (uint32_t seed = 0; seed < 3000; ++seed) {
    RandomTexts random(seed);
    const std::vector<std::string> before = random.Lines();
    const std::vector<std::string> after = random.Edited(before);
    const std::string end = seed % 5 == 0 ? "\r\n" : "\n";
    std::string old_text = Joined(before, end, random.Below(2) == 0);
    std::string new_text = Joined(after, end, random.Below(2) == 0);
    if (seed % 3 == 0) {
      const size_t first = 1 + random.Below(120);
      const std::string_view separator = seed % 2 == 0 ? "→" : "\t";
      old_text = Numbered(before, first, separator);
      new_text = Numbered(after, first, separator);
    }
    const std::optional<Delta> delta = MakeDelta(old_text, new_text, kAnySize, {});
    ASSERT_EQ(delta.has_value(), old_text != new_text) << seed;
    if (delta.has_value()) {
      ASSERT_EQ(ApplyDelta(old_text, *delta), new_text) << seed << "\n" << delta->hunks;
    }
  }
}

TEST(LineNumbersTest, ARunOfTwoIsOneAndALoneNumberIsNot) {
  EXPECT_TRUE(FindLineNumbers({"1→a", "2→b"}).has_value());
  EXPECT_FALSE(FindLineNumbers({"1→a", "3→b"}).has_value());
  EXPECT_FALSE(FindLineNumbers({"1→a"}).has_value());
  EXPECT_FALSE(FindLineNumbers({"0→a", "1→b"}).has_value());
  EXPECT_FALSE(FindLineNumbers({"01:a", "02:b"}).has_value());
}

TEST(LineNumbersTest, NumbersGrowBeyondTheirWidth) {
  const std::optional<LineNumbers> run = FindLineNumbers({" 98:a", " 99:b", "100:c"});
  ASSERT_TRUE(run.has_value());
  EXPECT_EQ(run->end, 3u);
  EXPECT_EQ(FindLineNumbers({"9:a", "10:b", "11:c"})->end, 3u);
  EXPECT_EQ(FindLineNumbers({" 9:a", "10:b", " 11:c"})->end, 2u);
}

TEST(LineSketchTest, CountsTheBytesOfLinesThatBothHave) {
  const LineSketch sketch("aa\nbb\nbb\ncc\n");
  EXPECT_EQ(sketch.bytes(), 12u);
  EXPECT_EQ(sketch.SharedBytes(LineSketch("bb\nx\naa\n")), 6u);
  EXPECT_EQ(sketch.SharedBytes(LineSketch("bb\nbb\nbb\n")), 6u);
  EXPECT_EQ(sketch.SharedBytes(LineSketch("")), 0u);
}

TEST(LineSketchTest, LeavesLineNumbersAside) {
  const LineSketch one("     1→alpha\n     2→beta\n");
  EXPECT_EQ(one.SharedBytes(LineSketch("    41→beta\n    42→alpha\n")), one.bytes());
}

}  // namespace
}  // namespace headroom::text
