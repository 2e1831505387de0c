#include "learning/patterns.h"

#include <gtest/gtest.h>

namespace headroom::learning {
namespace {

void See(Patterns& patterns, const std::string& signature, uint64_t times = 1) {
  patterns.Update({"", signature}, [&](Pattern& pattern) { pattern.excerpts += times; });
}

TEST(PatternsTest, OnePastTheEntriesTheLongestUnusedGoes) {
  Patterns patterns({.entries = 2});
  See(patterns, "a");
  See(patterns, "b");
  See(patterns, "a");
  EXPECT_EQ(patterns.size(), 2U);
  See(patterns, "c");
  EXPECT_EQ(patterns.size(), 2U);
  EXPECT_EQ(patterns.Find({"", "b"}), nullptr);
  EXPECT_NE(patterns.Find({"", "a"}), nullptr);
}

TEST(PatternsTest, BytesAreBoundedToo) {
  const size_t one = Pattern().Bytes();
  Patterns patterns({.entries = 100, .bytes = 2 * one});
  See(patterns, "a");
  See(patterns, "b");
  EXPECT_EQ(patterns.size(), 2U);
  See(patterns, "c");
  EXPECT_EQ(patterns.size(), 2U);
  patterns.Update({"", "c"}, [](Pattern& pattern) { pattern.words.Add(1); });
  EXPECT_EQ(patterns.size(), 1U);
  EXPECT_LE(patterns.bytes(), 2 * one);
}

TEST(PatternsTest, TenantsAndTheInstallationAreApart) {
  Patterns patterns;
  patterns.Update({"t1", "a"}, [](Pattern& pattern) { pattern.excerpts = 1; });
  EXPECT_EQ(patterns.Find({"t2", "a"}), nullptr);
  EXPECT_EQ(patterns.Find({"", "a"}), nullptr);
}

TEST(PatternsTest, TakingTheLargerTwiceChangesNothing) {
  Patterns mine;
  See(mine, "a", 5);
  See(mine, "b", 5);
  Patterns other;
  See(other, "a", 9);
  See(other, "b", 3);
  See(other, "c", 1);
  for (int round = 0; round < 2; ++round) {
    mine.TakeLarger(other);
    EXPECT_EQ(mine.Find({"", "a"})->excerpts, 9U);
    EXPECT_EQ(mine.Find({"", "b"})->excerpts, 5U);
    EXPECT_EQ(mine.Find({"", "c"})->excerpts, 1U);
  }
}

}  // namespace
}  // namespace headroom::learning
