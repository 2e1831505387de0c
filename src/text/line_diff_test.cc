// Changes are held against a slow longest common subsequence and put back.

#include "text/line_diff.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace headroom::text {
namespace {

using Lines = std::vector<std::string_view>;

// One letter, one line.
Lines Letters(std::string_view text) {
  Lines lines;
  for (size_t i = 0; i < text.size(); ++i) lines.push_back(text.substr(i, 1));
  return lines;
}

std::vector<LineChange> Diff(const Lines& before, const Lines& after) { return *DiffLines(before, after, {}); }

Lines PutBack(const Lines& before, const Lines& after, const std::vector<LineChange>& changes) {
  Lines built;
  size_t at = 0;
  for (const LineChange& change : changes) {
    while (at < change.before_begin) built.push_back(before[at++]);
    EXPECT_EQ(built.size(), change.after_begin);
    for (size_t i = change.after_begin; i < change.after_end; ++i) built.push_back(after[i]);
    at = change.before_end;
  }
  while (at < before.size()) built.push_back(before[at++]);
  return built;
}

size_t LinesChanged(const std::vector<LineChange>& changes) {
  size_t lines = 0;
  for (const LineChange& change : changes) {
    lines += change.before_end - change.before_begin + change.after_end - change.after_begin;
  }
  return lines;
}

size_t ShortestEdit(const Lines& before, const Lines& after) {
  std::vector<std::vector<size_t>> common(before.size() + 1, std::vector<size_t>(after.size() + 1, 0));
  for (size_t i = 0; i < before.size(); ++i) {
    for (size_t k = 0; k < after.size(); ++k) {
      common[i + 1][k + 1] = before[i] == after[k] ? common[i][k] + 1 : std::max(common[i][k + 1], common[i + 1][k]);
    }
  }
  return before.size() + after.size() - 2 * common[before.size()][after.size()];
}

TEST(LineDiffTest, SaysWhichLinesWentAndCame) {
  const std::vector<LineChange> changes = {{1, 2, 1, 1}, {4, 4, 3, 4}};
  EXPECT_EQ(Diff(Letters("abcde"), Letters("acdxe")), changes);
}

TEST(LineDiffTest, EqualTextsAndEmptyOnesHaveNoOrOneChange) {
  EXPECT_TRUE(Diff(Letters("abc"), Letters("abc")).empty());
  EXPECT_TRUE(Diff({}, {}).empty());
  EXPECT_EQ(Diff({}, Letters("ab")), (std::vector<LineChange>{{0, 0, 0, 2}}));
  EXPECT_EQ(Diff(Letters("ab"), {}), (std::vector<LineChange>{{0, 2, 0, 0}}));
}

TEST(LineDiffTest, EveryPairOfShortTextsIsPutBackAndChangesTouchNowhere) {
  std::vector<std::string> texts = {""};
  for (size_t begin = 0, length = 0; length < 5; ++length) {
    const size_t end = texts.size();
    for (; begin < end; ++begin) {
      for (const char c : {'a', 'b', 'c'}) texts.push_back(texts[begin] + c);
    }
  }
  for (const std::string& before : texts) {
    for (const std::string& after : texts) {
      const Lines b = Letters(before);
      const Lines a = Letters(after);
      const std::vector<LineChange> changes = Diff(b, a);
      ASSERT_EQ(PutBack(b, a, changes), a) << before << " " << after;
      for (size_t i = 1; i < changes.size(); ++i) {
        ASSERT_GT(changes[i].before_begin, changes[i - 1].before_end);
        ASSERT_GT(changes[i].after_begin, changes[i - 1].after_end);
      }
    }
  }
}

TEST(LineDiffTest, IsTheShortestEditWhereNoLineIsUnique) {
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    std::string before = "aabbcc";
    std::string after = "aabbcc";
    for (int i = 0; i < 30; ++i) {
      before.push_back(static_cast<char>('a' + random() % 3));
      after.push_back(static_cast<char>('a' + random() % 3));
    }
    const Lines b = Letters(before);
    const Lines a = Letters(after);
    const std::vector<LineChange> changes = Diff(b, a);
    ASSERT_EQ(PutBack(b, a, changes), a);
    EXPECT_EQ(LinesChanged(changes), ShortestEdit(b, a));
  }
}

TEST(LineDiffTest, MatchesAFunctionBodyByItsOwnLinesRatherThanByBraces) {
  const Lines before = {"f {", "  one", "}", "", "g {", "  two", "}"};
  const Lines after = {"f {", "  one", "}", "", "h {", "  new", "}", "", "g {", "  two", "}"};
  EXPECT_EQ(LinesChanged(Diff(before, after)), 4u);
}

TEST(LineDiffTest, HostileTextsEndQuicklyAndAreStillRight) {
  std::mt19937 random(11);
  std::string before;
  std::string after;
  for (int i = 0; i < 200000; ++i) {
    before.push_back(static_cast<char>('a' + random() % 2));
    after.push_back(static_cast<char>('a' + random() % 2));
  }
  const Lines b = Letters(before);
  const Lines a = Letters(after);
  EXPECT_EQ(PutBack(b, a, Diff(b, a)), a);
}

TEST(LineDiffTest, GivesUpAtTheDeadline) {
  const std::string before(20000, 'a');
  EXPECT_FALSE(DiffLines(Letters(before + "x"), Letters("y" + before), [] { return true; }).has_value());
}

}  // namespace
}  // namespace headroom::text
