#include "learning/snapshot.h"

#include <gtest/gtest.h>

namespace headroom::learning {
namespace {

Pattern Seen(uint32_t excerpts, uint32_t whole, uint32_t by_query) {
  Pattern pattern;
  pattern.excerpts = pattern.recent_excerpts = excerpts;
  pattern.recent_whole = whole;
  pattern.recent_query = by_query;
  return pattern;
}

TEST(RecommendationTest, NothingIsRecommendedBelowTheMinimumOfSamples) {
  EXPECT_FALSE(HasEnough(Seen(kMinStructureSamples - 1, 9, 0)));
  EXPECT_TRUE(HasEnough(Seen(kMinStructureSamples, 9, 0)));
  Pattern tool = Seen(kMinToolSamples - 1, 4, 0);
  tool.of_tool = true;
  EXPECT_FALSE(HasEnough(tool));
  ++tool.recent_excerpts;
  EXPECT_TRUE(HasEnough(tool));
}

TEST(RecommendationTest, TheMoreIsOpenedTheMoreIsKept) {
  EXPECT_EQ(Recommend(Seen(100, 0, 2)).share_percent, 70U);
  EXPECT_EQ(Recommend(Seen(49, 0, 0)).share_percent, 100U);  // too few to tighten
  EXPECT_EQ(Recommend(Seen(100, 0, 20)).share_percent, 100U);
  EXPECT_EQ(Recommend(Seen(100, 0, 21)).share_percent, 150U);
  EXPECT_EQ(Recommend(Seen(100, 0, 50)).share_percent, 150U);
  EXPECT_EQ(Recommend(Seen(100, 0, 51)).share_percent, 200U);
}

TEST(RecommendationTest, WhatIsMostlyOpenedWholeIsNotCutAnyMore) {
  EXPECT_FALSE(Recommend(Seen(100, 64, 16)).skip);  // 80 %
  EXPECT_TRUE(Recommend(Seen(100, 65, 15)).skip);
  EXPECT_FALSE(Recommend(Seen(100, 50, 0)).skip);  // not often enough
}

TEST(RecommendationTest, WordsAskedForOftenAreKept) {
  Pattern pattern = Seen(100, 0, 15);
  pattern.words.Add(1, 3);
  pattern.words.Add(2, 2);
  pattern.fields.Add(3, 9);
  EXPECT_EQ(Recommend(pattern).words, (std::vector<uint64_t>{1, 3}));
  pattern.recent_query = 16;  // a fifth is 3.2
  EXPECT_EQ(Recommend(pattern).words, (std::vector<uint64_t>{3}));
}

TEST(RecommendationTest, AtMostTenWordsTheMostFrequentOnes) {
  Pattern pattern = Seen(100, 0, 5);
  for (uint64_t word = 1; word <= 11; ++word) pattern.words.Add(word, static_cast<uint32_t>(10 + word));
  const std::vector<uint64_t> words = Recommend(pattern).words;
  EXPECT_EQ(words.size(), 10U);
  EXPECT_EQ(words.front(), 2U);
}

TEST(RecommendationTest, OneTextInTenIsASample) {
  size_t samples = 0;
  for (int i = 0; i < 10'000; ++i) samples += IsSample("result " + std::to_string(i)) ? 1 : 0;
  EXPECT_GT(samples, 800U);
  EXPECT_LT(samples, 1'200U);
  EXPECT_EQ(IsSample("the same"), IsSample("the same"));
}

Structure Of(const std::string& id, const std::string& tool) {
  Structure structure;
  structure.id = id;
  structure.tool = tool;
  return structure;
}

Patterns Learnt(const std::vector<std::pair<PatternKey, Pattern>>& all) {
  Patterns patterns;
  for (const auto& [key, seen] : all) {
    patterns.Update(key, [&pattern = seen](Pattern& mine) { mine = pattern; });
  }
  return patterns;
}

TEST(SnapshotTest, WithoutAnEffectItIsEmptyAndHasNoDigest) {
  EXPECT_TRUE(Snapshot(Patterns()).empty());
  const Snapshot neutral(Learnt({{{"t", "s"}, Seen(20, 0, 0)}}));
  EXPECT_TRUE(neutral.empty());
  EXPECT_EQ(neutral.digest(), "");
}

TEST(SnapshotTest, TheDigestIsThatOfTheRecommendationsAlone) {
  const Snapshot one(Learnt({{{"t", "s"}, Seen(20, 0, 8)}}));
  const Snapshot same(Learnt({{{"t", "s"}, Seen(40, 0, 15)}}));
  const Snapshot other(Learnt({{{"t", "s"}, Seen(40, 0, 30)}}));
  EXPECT_EQ(one.digest().size(), 32U);
  EXPECT_EQ(one.digest(), same.digest());
  EXPECT_NE(one.digest(), other.digest());
}

TEST(SnapshotTest, OwnExperienceComesBeforeThatOfAll) {
  Pattern shared = Seen(100, 90, 0);
  shared.tenants = {"t1", "t2", "t3"};
  const Snapshot snapshot(Learnt({{{"", "s"}, shared}, {{"t1", "s"}, Seen(20, 0, 0)}}));
  const Recommendation* own = snapshot.Find("t1", Of("s", "tool"));
  ASSERT_NE(own, nullptr);
  EXPECT_FALSE(own->has_effect());
  const Recommendation* of_all = snapshot.Find("t9", Of("s", "tool"));
  ASSERT_NE(of_all, nullptr);
  EXPECT_TRUE(of_all->skip);
}

TEST(SnapshotTest, OneTenantsExperienceIsNothingToAnother) {
  Pattern shared = Seen(100, 90, 0);
  shared.tenants = {"t1", "t2"};
  const Snapshot snapshot(Learnt({{{"", "s"}, shared}, {{"t1", "s"}, Seen(100, 90, 0)}}));
  EXPECT_NE(snapshot.Find("t1", Of("s", "tool")), nullptr);
  EXPECT_EQ(snapshot.Find("t2", Of("s", "tool")), nullptr);
}

TEST(SnapshotTest, TheStructureComesBeforeTheTool) {
  Pattern tool = Seen(20, 20, 0);
  tool.of_tool = true;
  const Snapshot snapshot(Learnt({{{"t", "tool"}, tool}, {{"t", "s"}, Seen(20, 0, 20)}}));
  EXPECT_FALSE(snapshot.Find("t", Of("s", "tool"))->skip);
  EXPECT_TRUE(snapshot.Find("t", Of("other", "tool"))->skip);
  EXPECT_EQ(snapshot.Find("t", Of("other", "other tool")), nullptr);
}

TEST(SnapshotTest, DecodesWhatItEncodes) {
  Pattern pattern = Seen(100, 0, 60);
  pattern.words.Add(0xfedcba9876543210, 30);
  const Snapshot snapshot(Learnt({{{"t", "s"}, pattern}, {{"t", "u"}, Seen(10, 9, 0)}}));
  const Result<Snapshot> decoded = Snapshot::Decode(snapshot.Encode());
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(decoded->digest(), snapshot.digest());
  EXPECT_EQ(*decoded->Find("t", Of("s", "")), *snapshot.Find("t", Of("s", "")));
}

TEST(SnapshotTest, WhatIsCutOrLongerIsNoSnapshot) {
  const std::string bytes = Snapshot(Learnt({{{"t", "s"}, Seen(10, 9, 0)}})).Encode();
  for (size_t size = 0; size < bytes.size(); ++size) EXPECT_FALSE(Snapshot::Decode(bytes.substr(0, size)).ok()) << size;
  EXPECT_FALSE(Snapshot::Decode(bytes + "x").ok());
}

TEST(SnapshotTest, OfTooManyPatternsThoseUsedLastCount) {
  Patterns patterns;
  const auto learn = [&](size_t count) {
    patterns = Patterns();
    for (size_t i = 0; i < count; ++i) {
      patterns.Update({"t", std::to_string(i)}, [](Pattern& pattern) { pattern = Seen(10, 9, 0); });
    }
  };
  learn(Snapshot::kMaxEntries);
  EXPECT_NE(Snapshot(patterns).Find("t", Of("0", "")), nullptr);
  learn(Snapshot::kMaxEntries + 1);
  EXPECT_EQ(Snapshot(patterns).Find("t", Of("0", "")), nullptr);
  EXPECT_EQ(Snapshot(patterns).size(), Snapshot::kMaxEntries);
}

}  // namespace
}  // namespace headroom::learning
