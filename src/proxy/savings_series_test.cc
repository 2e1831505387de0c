#include "proxy/savings_series.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

namespace headroom::proxy {
namespace {

using Step = SavingsSeries::Step;

constexpr int64_t kNoon = 1'772'366'400;  // 2026-03-01T12:00:00Z

int64_t UtcDay(int64_t seconds) { return seconds / 86400; }

Amounts Saved(uint64_t tokens) {
  Amounts amounts;
  amounts.requests = 1;
  amounts.tokens_saved = tokens;
  amounts.net_saved = -static_cast<int64_t>(tokens);
  amounts.overhead_ms = 0.5;
  return amounts;
}

TEST(SavingsSeriesTest, WhatFallsIntoOneMinuteIsOneBucketAndTheNextSecondAnother) {
  SavingsSeries series(UtcDay);
  series.Add(kNoon, Saved(1));
  series.Add(kNoon + 59, Saved(2));
  series.Add(kNoon + 60, Saved(4));
  const std::vector<SavingsSeries::Bucket> minutes = series.Buckets(Step::kMinute, kNoon + 60);
  ASSERT_EQ(minutes.size(), 2u);
  EXPECT_EQ(minutes[0].start, kNoon);
  EXPECT_EQ(minutes[0].amounts.tokens_saved, 3u);
  EXPECT_EQ(minutes[0].amounts.net_saved, -3);
  EXPECT_EQ(minutes[0].amounts.overhead_ms, 1);
  EXPECT_EQ(minutes[1].amounts.tokens_saved, 4u);
  EXPECT_EQ(series.Buckets(Step::kQuarter, kNoon + 60).size(), 1u);
  EXPECT_EQ(series.Days(kNoon, 1).tokens_saved, 7u);
}

TEST(SavingsSeriesTest, KeepsTheLatestBucketsOfEachStepAndNoMore) {
  SavingsSeries series(UtcDay);
  for (int64_t minute = 0; minute <= 60; ++minute) series.Add(kNoon + 60 * minute, Saved(1));
  const std::vector<SavingsSeries::Bucket> minutes = series.Buckets(Step::kMinute, kNoon + 3600);
  ASSERT_EQ(minutes.size(), 60u);
  EXPECT_EQ(minutes.front().start, kNoon + 60);
  EXPECT_EQ(series.Days(kNoon, 1).requests, 61u);
}

TEST(SavingsSeriesTest, BucketsOlderThanTheStepsShownAreNotShown) {
  SavingsSeries series(UtcDay);
  series.Add(kNoon, Saved(1));
  EXPECT_EQ(series.Buckets(Step::kMinute, kNoon + 59 * 60).size(), 1u);
  EXPECT_EQ(series.Buckets(Step::kMinute, kNoon + 60 * 60).size(), 0u);
  EXPECT_EQ(series.Buckets(Step::kHour, kNoon + 60 * 60).size(), 1u);
}

TEST(SavingsSeriesTest, ADayEndsAtLocalMidnight) {
  SavingsSeries series([](int64_t seconds) { return (seconds + 3 * 3600) / 86400; });  // UTC+3
  series.Add(kNoon + 9 * 3600 - 1, Saved(1));                                          // 23:59:59 there
  series.Add(kNoon + 9 * 3600, Saved(2));
  EXPECT_EQ(series.Days(kNoon + 9 * 3600 - 1, 1).tokens_saved, 1u);
  EXPECT_EQ(series.Days(kNoon + 9 * 3600, 1).tokens_saved, 2u);
  EXPECT_EQ(series.Days(kNoon + 9 * 3600, 2).tokens_saved, 3u);
  EXPECT_EQ(series.Buckets(Step::kDay, kNoon + 9 * 3600).front().start, kNoon - 12 * 3600);
}

TEST(SavingsSeriesTest, AClockSetBackLosesNothing) {
  SavingsSeries series(UtcDay);
  series.Add(kNoon + 10 * 86400, Saved(5));  // ten days ahead
  series.Add(kNoon, Saved(1));
  series.Add(kNoon + 60, Saved(1));
  EXPECT_EQ(series.Days(kNoon, 1).tokens_saved, 7u);
  EXPECT_EQ(series.Buckets(Step::kMinute, kNoon + 60).size(), 2u);
}

TEST(SavingsSeriesTest, TheLocalDayFollowsTheZoneOfTheProcess) {
  const char* const before = std::getenv("TZ");
  const std::string kept = before == nullptr ? "" : before;
  setenv("TZ", "XXX-14", 1);  // UTC+14
  tzset();
  EXPECT_EQ(LocalDayOf(kNoon), kNoon / 86400 + 1);
  setenv("TZ", "XXX+11", 1);  // UTC-11
  tzset();
  EXPECT_EQ(LocalDayOf(kNoon - 2 * 3600), kNoon / 86400 - 1);
  before == nullptr ? unsetenv("TZ") : setenv("TZ", kept.c_str(), 1);
  tzset();
}

}  // namespace
}  // namespace headroom::proxy
