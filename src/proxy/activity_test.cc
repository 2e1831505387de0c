#include "proxy/activity.h"

#include <gtest/gtest.h>

namespace headroom::proxy {
namespace {

constexpr int64_t kNoon = 1'772'366'400;  // 2026-03-01T12:00:00Z

class FakeClock : public Clock {
 public:
  TimePoint Now() const override { return TimePoint(std::chrono::milliseconds(millis)); }
  int64_t UnixMillis() const override { return millis; }
  int64_t millis = kNoon * 1000;
};

class ActivityTest : public ::testing::Test {
 protected:
  static ExchangeRecord Answered(const std::string& id, uint64_t saved = 10) {
    ExchangeRecord record;
    record.id = id;
    record.route.kind = Route::Kind::kOptimized;
    record.model = "claude-sonnet-4-5";
    record.client = "Claude Code";
    record.status = 200;
    record.tokens_saved = saved;
    record.replies = {Usage{.input = 100, .cache_read = 300, .cache_write = 50, .output = 7}};
    record.cost = 2'000'000;
    record.overhead_ms = 0.5;
    record.first_byte_ms = 20;
    record.total_ms = 40;
    return record;
  }

  FakeClock clock_;
  Activity activity_{clock_, [](int64_t seconds) { return seconds / 86400; }};
};

TEST_F(ActivityTest, SumsOfTodayTheWeekAndAllTimeAreWhatWasAdded) {
  activity_.Add(Answered("a"), {});
  clock_.millis += 86'400'000;
  activity_.Add(Answered("b", 5), {});
  const Activity::View view = activity_.Look();
  EXPECT_EQ(view.today.tokens_saved, 5u);
  EXPECT_EQ(view.week.tokens_saved, 15u);
  EXPECT_EQ(view.all.tokens_saved, 15u);
  EXPECT_EQ(view.all.prompt(), 900u);
  EXPECT_EQ(view.all.output, 14u);
  EXPECT_EQ(view.all.priced, 2u);
  EXPECT_EQ(view.all.cost, 4'000'000);
  EXPECT_EQ(view.models.at("claude-sonnet-4-5").requests, 2u);
  EXPECT_EQ(view.clients.at("Claude Code").requests, 2u);
  EXPECT_EQ(view.version, 2u);
}

TEST_F(ActivityTest, WhatAProviderRefusedIsNoSavingAndIsAmongTheErrors) {
  ExchangeRecord refused = Answered("a");
  refused.status = 429;
  refused.replies.clear();
  refused.cost.reset();
  activity_.Add(refused, {});
  ExchangeRecord cut = Answered("b", 0);
  cut.outcome = Status(Code::kUnavailable, "the upstream closed");
  activity_.Add(cut, {});
  ExchangeRecord gone = Answered("c", 0);
  gone.status = 0;
  gone.outcome = Status(Code::kUnavailable, "the client went away", Origin::kDownstream);
  activity_.Add(gone, {});
  const Activity::View view = activity_.Look();
  EXPECT_EQ(view.all.tokens_saved, 0u);
  EXPECT_EQ(view.all.failed, 2u);
  EXPECT_EQ(view.statuses, (std::map<std::string, uint64_t>{{"429", 1}, {"cut", 1}, {"no answer", 1}}));
  ASSERT_EQ(view.errors.size(), 3u);
  EXPECT_EQ(view.errors[0].record.id, "c");
}

TEST_F(ActivityTest, KeepsTheLastExchangesAndNoMore) {
  for (size_t i = 0; i <= Activity::kRecent; ++i) activity_.Add(Answered(std::to_string(i)), {});
  const Activity::View view = activity_.Look();
  ASSERT_EQ(view.recent.size(), Activity::kRecent);
  EXPECT_EQ(view.recent.front().record.id, std::to_string(Activity::kRecent));
  EXPECT_EQ(view.recent.back().record.id, "1");
  EXPECT_FALSE(activity_.Find("0").has_value());
  EXPECT_TRUE(activity_.Find("1").has_value());
}

TEST_F(ActivityTest, KeepsTheLastErrorsAndNoMore) {
  ExchangeRecord refused = Answered("a");
  refused.status = 500;
  for (size_t i = 0; i <= Activity::kErrors; ++i) activity_.Add(refused, {});
  EXPECT_EQ(activity_.Look().errors.size(), Activity::kErrors);
}

TEST_F(ActivityTest, ModelsPastTheLimitAreCountedTogether) {
  for (size_t i = 0; i < Activity::kNames + 2; ++i) {
    ExchangeRecord record = Answered("x");
    record.model = "model-" + std::to_string(i);
    activity_.Add(record, {});
  }
  const Activity::View view = activity_.Look();
  EXPECT_EQ(view.models.size(), Activity::kNames + 1);
  EXPECT_EQ(view.models.at("other").requests, 2u);
}

TEST_F(ActivityTest, ChangesAreFoundByTheirExchangeAndNotCarriedInTheView) {
  BlockChanges changes;
  changes.count = 3;
  changes.kept.push_back({.node = {1, 2}, .tokens_before = 9, .tokens_after = 4, .fresh = true, .original_ids = ""});
  activity_.Add(Answered("a"), changes);
  const std::optional<RecentExchange> found = activity_.Find("a");
  ASSERT_TRUE(found.has_value());
  ASSERT_EQ(found->changes.kept.size(), 1u);
  EXPECT_EQ(found->changes.kept[0].node, (Hash128{1, 2}));
  const Activity::View view = activity_.Look();
  EXPECT_EQ(view.recent[0].changes.count, 3u);
  EXPECT_TRUE(view.recent[0].changes.kept.empty());
}

TEST_F(ActivityTest, TimesAreTheMiddleAndTheSlowOfTheLastExchanges) {
  for (int i = 1; i <= 600; ++i) {
    ExchangeRecord record = Answered("x");
    record.total_ms = i;
    activity_.Add(record, {});
  }
  // 89 to 600 are left.
  const Activity::View view = activity_.Look();
  EXPECT_EQ(view.total.half, 344);
  EXPECT_EQ(view.total.most, 574);
  EXPECT_EQ(view.overhead.half, 0.5);
}

}  // namespace
}  // namespace headroom::proxy
