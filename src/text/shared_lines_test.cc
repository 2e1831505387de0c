#include "text/shared_lines.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <random>
#include <string>
#include <vector>

namespace headroom::text {
namespace {

std::vector<std::string> Split(const std::string& text) {
  std::vector<std::string> lines;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
    lines.push_back(text.substr(at, end - at));
    at = end;
  }
  return lines;
}

// "value 17 = compute(289)\n", of which no two are alike.
std::string Line(int i) { return "value " + std::to_string(i) + " = compute(" + std::to_string(i * i) + ")\n"; }
std::string Lines(int begin, int end) {
  std::string text;
  for (int i = begin; i < end; ++i) text += Line(i);
  return text;
}
std::string NumberedLines(int begin, int end, int shift = 0) {
  std::string text;
  for (int i = begin; i < end; ++i) text += std::to_string(i + shift) + ":" + Line(i);
  return text;
}

// What a reader makes of it who has the earlier text: lines counted from 1, or, with `offset`, the number printed on
// each less its place; and with numbers that a mark says are others here.
std::string Expand(const std::string& marked, const std::string& earlier, int offset = 0) {
  const std::vector<std::string> from = Split(earlier);
  std::string out;
  for (const std::string& line : Split(marked)) {
    int first = 0, last = 0, here = 0, here_last = 0;
    const int read =
        std::sscanf(line.c_str(), "... lines %d-%d of it, here %d-%d ...", &first, &last, &here, &here_last);
    if (read < 2) {
      out += line;
      continue;
    }
    for (int number = first; number <= last; ++number) {
      std::string copied = from.at(static_cast<size_t>(number - 1 - offset));
      if (read == 4) {
        EXPECT_EQ(copied.substr(0, copied.find(':')), std::to_string(number));
        copied = std::to_string(here + number - first) + copied.substr(copied.find(':'));
      }
      out += copied;
    }
    if (read == 4) {
      EXPECT_EQ(here_last - here, last - first);
    }
  }
  return out;
}

std::string Marked(const std::string& earlier, const std::string& now) {
  return WithoutSharedLines(earlier, now, {}).value_or("(nothing)");
}

TEST(SharedLinesTest, AnOverlappingRangeHasOnlyWhatTheEarlierOneHasNot) {
  const std::string earlier = Lines(0, 50);
  const std::string now = Lines(20, 60);
  EXPECT_EQ(Marked(earlier, now), "... lines 21-50 of it ...\n" + Lines(50, 60));
}

TEST(SharedLinesTest, AnEditedPlaceIsShownAndWhatIsAroundItIsNot) {
  const std::string earlier = Lines(0, 60);
  const std::string now = Lines(0, 30) + "changed\n" + Lines(31, 60);
  EXPECT_EQ(Marked(earlier, now), "... lines 1-30 of it ...\nchanged\n... lines 32-60 of it ...\n");
}

TEST(SharedLinesTest, PrintedNumbersAreThoseOfTheMarksAndShiftedOnesAreSaid) {
  const std::string earlier = "[File: a.py (900 lines total)]\n" + NumberedLines(300, 360);
  const std::string now =
      "[File: a.py (901 lines total)]\n" + NumberedLines(300, 320) + "320:one more\n" + NumberedLines(320, 360, 1);
  EXPECT_EQ(Marked(earlier, now),
            "[File: a.py (901 lines total)]\n... lines 300-319 of it ...\n320:one more\n"
            "... lines 320-359 of it, here 321-360 ...\n");
}

TEST(SharedLinesTest, ALineWithoutAnEndIsAnotherLine) {
  const std::string earlier = Lines(0, 40);
  std::string now = earlier;
  now.pop_back();
  std::string last = Line(39);
  last.pop_back();
  EXPECT_EQ(Marked(earlier, now), "... lines 1-39 of it ...\n" + last);
}

TEST(SharedLinesTest, FewLinesAreNotWorthAMark) {
  EXPECT_EQ(WithoutSharedLines(Lines(0, 50), Lines(48, 90), {}), std::nullopt);  // two shared
  EXPECT_EQ(WithoutSharedLines("a\nb\nc\nd\n", "a\nb\nc\nx\n", {}), std::nullopt);
  EXPECT_EQ(WithoutSharedLines(Lines(0, 50), Lines(100, 150), {}), std::nullopt);
  EXPECT_EQ(WithoutSharedLines("", Lines(0, 50), {}), std::nullopt);
  EXPECT_EQ(WithoutSharedLines(Lines(0, 50), "", {}), std::nullopt);
}

TEST(SharedLinesTest, ATextWithALineLikeAMarkIsLeftAlone) {
  const std::string earlier = Lines(0, 50);
  EXPECT_EQ(WithoutSharedLines(earlier, earlier + "... lines 1-30 of it ...\n", {}), std::nullopt);
  EXPECT_EQ(WithoutSharedLines(earlier, "... lines 1-30 of it, here 2-31 ...\r\n" + earlier, {}), std::nullopt);
  EXPECT_NE(WithoutSharedLines(earlier, earlier + "see ... lines 1-30 of it ...\n", {}), std::nullopt);
}

TEST(SharedLinesTest, NothingPastTheDeadline) {
  EXPECT_EQ(WithoutSharedLines(Lines(0, 50), Lines(0, 50) + "x\n", [] { return true; }), std::nullopt);
}

TEST(SharedLinesTest, TheEarlierTextAndTheMarksGiveTheText) {
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    const bool numbered = round % 2 == 0;
    std::vector<std::string> lines;
    for (int i = 0; i < 80; ++i) lines.push_back(Line(static_cast<int>(random() % 120)));
    std::vector<std::string> edited(lines.begin() + static_cast<int>(random() % 20), lines.end());
    for (int edits = static_cast<int>(random() % 4); edits > 0; --edits) {
      const auto at = edited.begin() + static_cast<int>(random() % edited.size());
      if (random() % 2 == 0) {
        edited.insert(at, "added " + std::to_string(random() % 9) + "\n");
      } else {
        edited.erase(at);
      }
    }
    const auto join = [&](const std::vector<std::string>& all, int number) {
      std::string text;
      for (const std::string& line : all) text += (numbered ? std::to_string(number++) + ":" : "") + line;
      return text;
    };
    const int first = 1 + static_cast<int>(random() % 200);
    const std::string earlier = join(lines, first);
    const std::string now = join(edited, first + static_cast<int>(random() % 20));
    const std::optional<std::string> marked = WithoutSharedLines(earlier, now, {});
    if (marked.has_value()) {
      EXPECT_EQ(Expand(*marked, earlier, numbered ? first - 1 : 0), now) << round;
    }
  }
}

}  // namespace
}  // namespace headroom::text
