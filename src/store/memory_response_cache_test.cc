#include "store/memory_response_cache.h"

#include <gtest/gtest.h>

#include <string>

namespace headroom::store {
namespace {

using std::chrono::seconds;

class MovedClock : public Clock {
 public:
  TimePoint Now() const override { return now_; }
  int64_t UnixMillis() const override { return 1'795'000'000'000; }
  void Advance(seconds time) { now_ += time; }

 private:
  TimePoint now_{};
};

CacheKey KeyOf(uint8_t number, TenantId tenant = {1, 2}) {
  CacheKey key;
  key.tenant = tenant;
  key.digest[31] = number;
  return key;
}

class MemoryResponseCacheTest : public testing::Test {
 protected:
  std::string Text(MemoryResponseCache& cache, const CacheKey& key) {
    const auto found = cache.Get(key);
    return found == nullptr ? "-" : *found;
  }

  MovedClock clock_;
};

TEST_F(MemoryResponseCacheTest, GivesBackWhatWasPutUnderTheSameKeyAlone) {
  MemoryResponseCache cache({}, clock_);
  cache.Put(KeyOf(1), "one", seconds(10));
  EXPECT_EQ(Text(cache, KeyOf(1)), "one");
  EXPECT_EQ(Text(cache, KeyOf(2)), "-");
}

TEST_F(MemoryResponseCacheTest, TheSameDigestOfAnotherTenantIsAnotherKey) {
  MemoryResponseCache cache({}, clock_);
  cache.Put(KeyOf(1, {1, 2}), "one", seconds(10));
  EXPECT_EQ(Text(cache, KeyOf(1, {1, 3})), "-");
  EXPECT_EQ(Text(cache, KeyOf(1, {2, 2})), "-");
}

TEST_F(MemoryResponseCacheTest, AnEntryEndsWithItsTime) {
  MemoryResponseCache cache({}, clock_);
  cache.Put(KeyOf(1), "one", seconds(10));
  clock_.Advance(seconds(9));
  EXPECT_EQ(Text(cache, KeyOf(1)), "one");
  clock_.Advance(seconds(1));
  EXPECT_EQ(Text(cache, KeyOf(1)), "-");
  EXPECT_EQ(cache.stats().entries, 0u);
  EXPECT_EQ(cache.stats().bytes, 0u);
  EXPECT_EQ(cache.stats().expired, 1u);
}

TEST_F(MemoryResponseCacheTest, KeepsSoManyEntriesAndDropsTheLeastRecentlyUsed) {
  MemoryResponseCache cache({.max_entries = 2}, clock_);
  cache.Put(KeyOf(1), "one", seconds(10));
  cache.Put(KeyOf(2), "two", seconds(10));
  EXPECT_EQ(Text(cache, KeyOf(1)), "one");  // now 2 is the older one
  EXPECT_EQ(cache.stats().evicted, 0u);
  cache.Put(KeyOf(3), "three", seconds(10));
  EXPECT_EQ(Text(cache, KeyOf(1)), "one");
  EXPECT_EQ(Text(cache, KeyOf(2)), "-");
  EXPECT_EQ(Text(cache, KeyOf(3)), "three");
  EXPECT_EQ(cache.stats().entries, 2u);
  EXPECT_EQ(cache.stats().evicted, 1u);
}

TEST_F(MemoryResponseCacheTest, FillsItsBytesToTheLastAndNotOneMore) {
  const size_t one = MemoryResponseCache::kEntryOverhead + 100;
  MemoryResponseCache cache({.max_bytes = 2 * one}, clock_);
  cache.Put(KeyOf(1), std::string(100, 'a'), seconds(10));
  cache.Put(KeyOf(2), std::string(100, 'b'), seconds(10));
  EXPECT_EQ(cache.stats().entries, 2u);
  EXPECT_EQ(cache.stats().bytes, 2 * one);
  cache.Put(KeyOf(2), std::string(101, 'c'), seconds(10));
  EXPECT_EQ(Text(cache, KeyOf(1)), "-");
  EXPECT_EQ(Text(cache, KeyOf(2)), std::string(101, 'c'));
  EXPECT_EQ(cache.stats().bytes, one + 1);
}

TEST_F(MemoryResponseCacheTest, WhatIsLargerThanAllOfItIsNotKeptAndTakesItsOldAnswerAlong) {
  const size_t most = 1'000;
  MemoryResponseCache cache({.max_bytes = most}, clock_);
  cache.Put(KeyOf(1), std::string(most - MemoryResponseCache::kEntryOverhead, 'a'), seconds(10));
  EXPECT_EQ(cache.stats().entries, 1u);
  cache.Put(KeyOf(2), std::string(most - MemoryResponseCache::kEntryOverhead + 1, 'b'), seconds(10));
  EXPECT_EQ(Text(cache, KeyOf(2)), "-");
  EXPECT_EQ(cache.stats().entries, 1u) << "nothing is dropped for what is not kept";
  cache.Put(KeyOf(1), std::string(most, 'c'), seconds(10));
  EXPECT_EQ(Text(cache, KeyOf(1)), "-");
  EXPECT_EQ(cache.stats().too_large, 2u);
}

TEST_F(MemoryResponseCacheTest, WithoutRoomForEntriesKeepsNone) {
  MemoryResponseCache cache({.max_entries = 0}, clock_);
  cache.Put(KeyOf(1), "one", seconds(10));
  EXPECT_EQ(Text(cache, KeyOf(1)), "-");
}

TEST_F(MemoryResponseCacheTest, ANewerAnswerReplacesTheOldAndItsTime) {
  MemoryResponseCache cache({}, clock_);
  cache.Put(KeyOf(1), "one", seconds(10));
  clock_.Advance(seconds(9));
  cache.Put(KeyOf(1), "uno", seconds(10));
  clock_.Advance(seconds(9));
  EXPECT_EQ(Text(cache, KeyOf(1)), "uno");
  EXPECT_EQ(cache.stats().entries, 1u);
  EXPECT_EQ(cache.stats().bytes, MemoryResponseCache::kEntryOverhead + 3);
}

TEST_F(MemoryResponseCacheTest, ClearForgetsOneTenantAndClearAllEverybody) {
  MemoryResponseCache cache({}, clock_);
  cache.Put(KeyOf(1, {1, 2}), "one", seconds(10));
  cache.Put(KeyOf(2, {1, 2}), "two", seconds(10));
  cache.Put(KeyOf(1, {3, 4}), "other", seconds(10));
  EXPECT_EQ(cache.Clear({1, 2}), 2u);
  EXPECT_EQ(Text(cache, KeyOf(1, {1, 2})), "-");
  EXPECT_EQ(Text(cache, KeyOf(1, {3, 4})), "other");
  EXPECT_EQ(cache.ClearAll(), 1u);
  EXPECT_EQ(cache.stats().entries, 0u);
  EXPECT_EQ(cache.stats().bytes, 0u);
}

TEST_F(MemoryResponseCacheTest, AnEntryLivesOnForWhoHoldsIt) {
  MemoryResponseCache cache({}, clock_);
  cache.Put(KeyOf(1), "one", seconds(10));
  const auto held = cache.Get(KeyOf(1));
  cache.ClearAll();
  EXPECT_EQ(*held, "one");
}

}  // namespace
}  // namespace headroom::store
