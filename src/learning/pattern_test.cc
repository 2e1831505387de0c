#include "learning/pattern.h"

#include <gtest/gtest.h>

namespace headroom::learning {
namespace {

TEST(WordCountsTest, TheRarestMakesRoomOnePastTheLimit) {
  WordCounts counts(2);
  counts.Add(1, 5);
  counts.Add(2, 1);
  EXPECT_EQ(counts.counts().size(), 2U);
  counts.Add(3, 1);
  EXPECT_EQ(counts.counts(), (std::map<uint64_t, uint32_t>{{1, 5}, {3, 1}}));
}

TEST(WordCountsTest, ACountStopsAtItsLargestValue) {
  WordCounts counts(2);
  counts.Add(1, UINT32_MAX - 1);
  counts.Add(1, 5);
  EXPECT_EQ(counts.counts().at(1), UINT32_MAX);
}

TEST(PatternTest, ConfidenceGrowsWithSamplesAndFromThreeUsersOn) {
  Pattern pattern;
  pattern.excerpts = 50;
  EXPECT_DOUBLE_EQ(pattern.confidence(), 0.5);
  pattern.lossless = 200;
  EXPECT_DOUBLE_EQ(pattern.confidence(), 0.7);
  pattern.tenants = {"a", "b"};
  EXPECT_DOUBLE_EQ(pattern.confidence(), 0.7);
  pattern.tenants.insert("c");
  EXPECT_DOUBLE_EQ(pattern.confidence(), 0.79);
  for (int i = 0; i < 20; ++i) pattern.AddTenant(std::to_string(i));
  EXPECT_DOUBLE_EQ(pattern.confidence(), 0.95);
}

TEST(PatternTest, ATenantCountsOnceAndAHundredAreKept) {
  Pattern pattern;
  for (int round = 0; round < 2; ++round) {
    for (size_t i = 0; i < Pattern::kMaxTenants; ++i) pattern.AddTenant(std::to_string(i));
  }
  EXPECT_EQ(pattern.tenants.size(), Pattern::kMaxTenants);
  EXPECT_FALSE(pattern.more_tenants);
  pattern.AddTenant("one more");
  EXPECT_EQ(pattern.tenants.size(), Pattern::kMaxTenants);
  EXPECT_TRUE(pattern.more_tenants);
}

TEST(PatternTest, RecentCountsAreHalvedAtTheirLimitTotalsAreNot) {
  Pattern pattern;
  pattern.excerpts = pattern.recent_excerpts = Pattern::kRecent - 1;
  pattern.recent_query = 50;
  pattern.words.Add(7, 3);
  pattern.words.Add(8, 1);
  pattern.Age();
  EXPECT_EQ(pattern.recent_excerpts, Pattern::kRecent - 1);
  ++pattern.recent_excerpts;
  pattern.Age();
  EXPECT_EQ(pattern.recent_excerpts, Pattern::kRecent / 2);
  EXPECT_EQ(pattern.recent_query, 25U);
  EXPECT_EQ(pattern.excerpts, Pattern::kRecent - 1);
  EXPECT_EQ(pattern.words.counts(), (std::map<uint64_t, uint32_t>{{7, 1}}));
}

TEST(PatternTest, ASettledStructureUnsettlesWithinSomeHundredExcerpts) {
  Pattern pattern;
  const auto see = [&](int excerpts, bool opened) {
    for (int i = 0; i < excerpts; ++i) {
      ++pattern.recent_excerpts;
      if (opened) ++pattern.recent_whole;
      pattern.Age();
    }
  };
  see(10'000, true);
  EXPECT_DOUBLE_EQ(pattern.retrieval_rate(), 1);
  see(400, false);
  EXPECT_LT(pattern.retrieval_rate(), 0.2);
}

TEST(PatternTest, MergingAddsCounts) {
  Pattern one;
  one.excerpts = 3;
  one.strategies["log_excerpt"] = {3, 1};
  one.tenants = {"a"};
  one.updated = 5;
  Pattern two;
  two.excerpts = 4;
  two.lossless = 1;
  two.strategies["log_excerpt"] = {4, 0};
  two.tenants = {"a", "b"};
  two.updated = 4;
  one.Merge(two);
  EXPECT_EQ(one.compressions(), 8U);
  EXPECT_EQ(one.strategies["log_excerpt"].uses, 7U);
  EXPECT_EQ(one.tenants.size(), 2U);
  EXPECT_EQ(one.updated, 5);
}

TEST(PatternTest, TheBestStrategyIsTheOneThatIsOpenedLeast) {
  Pattern pattern;
  pattern.strategies = {{"a", {10, 5}}, {"b", {10, 1}}, {"c", {2, 0}}};
  EXPECT_EQ(pattern.best_strategy(), "b");
}

TEST(PatternTest, StrategiesAreBounded) {
  Pattern pattern;
  for (size_t i = 0; i < Pattern::kMaxStrategies; ++i) EXPECT_NE(pattern.StrategyOf("r" + std::to_string(i)), nullptr);
  EXPECT_EQ(pattern.StrategyOf("one_more"), nullptr);
  EXPECT_NE(pattern.StrategyOf("r0"), nullptr);
  Pattern fresh;
  EXPECT_NE(fresh.StrategyOf(std::string(Pattern::kMaxStrategyBytes, 'x')), nullptr);
  EXPECT_EQ(fresh.StrategyOf(std::string(Pattern::kMaxStrategyBytes + 1, 'x')), nullptr);
}

}  // namespace
}  // namespace headroom::learning
