#include "store/counters.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <thread>

#include "store/bucket_table.h"
#include "store/store_testing.h"

namespace headroom::store {
namespace {

using std::chrono::milliseconds;

class FakeClock : public Clock {
 public:
  TimePoint Now() const override { return TimePoint(now_.load()); }
  int64_t UnixMillis() const override { return unix_millis_; }
  void Advance(milliseconds time) {
    now_ = now_.load() + time;
    unix_millis_ += time.count();
  }

 private:
  std::atomic<TimePoint::duration> now_{};
  std::atomic<int64_t> unix_millis_{1'795'000'000'000};
};

constexpr Hash128 kKey{1, 2};
constexpr Hash128 kOtherKey{3, 4};
constexpr int64_t kEnds = 1'795'010'000;

Claim Bucket(int64_t amount, int64_t per_minute, Hash128 key = kKey) {
  return {.buckets = {{key, amount, per_minute}}};
}

Claim Budget(int64_t amount, int64_t limit, Hash128 key = kKey) { return {.budgets = {{key, amount, limit, kEnds}}}; }

Settlement Spent(int64_t held, int64_t spent, Hash128 key = kKey) {
  return {.hold = 1, .budgets = {{key, held, spent, kEnds}}};
}

class CountersTest : public ::testing::Test {
 protected:
  FakeClock clock_;
  std::unique_ptr<Counters> counters_ = OpenEmbeddedCounters({}, clock_);
};

TEST_F(CountersTest, BucketGivesWhatItHoldsAndNotOneMore) {
  for (const int64_t per_minute : {1, 7, 60, 600, 999}) {
    const Hash128 key{static_cast<uint64_t>(per_minute), 9};
    for (int64_t i = 0; i < per_minute; ++i) {
      const Grant grant = counters_->Take(Bucket(1, per_minute, key));
      ASSERT_TRUE(grant.granted) << i << " of " << per_minute;
      EXPECT_EQ(grant.buckets.at(0).left, per_minute - i - 1);
    }
    EXPECT_FALSE(counters_->Take(Bucket(1, per_minute, key)).granted) << per_minute;
  }
}

TEST_F(CountersTest, RefusedBucketSaysWhenItGivesAgain) {
  for (int i = 0; i < 60; ++i) ASSERT_TRUE(counters_->Take(Bucket(1, 60)).granted);
  const Grant refused = counters_->Take(Bucket(1, 60));
  ASSERT_FALSE(refused.granted);
  EXPECT_EQ(refused.buckets.at(0).enough, milliseconds(1000));
  EXPECT_EQ(refused.buckets.at(0).full, milliseconds(60'000));
  clock_.Advance(milliseconds(999));
  EXPECT_FALSE(counters_->Take(Bucket(1, 60)).granted);
  clock_.Advance(milliseconds(1));
  EXPECT_TRUE(counters_->Take(Bucket(1, 60)).granted);
}

TEST_F(CountersTest, AmountAboveWhatABucketEverHoldsIsGivenByAFullOne) {
  EXPECT_TRUE(counters_->Take(Bucket(150'000, 100'000)).granted);
  const Grant refused = counters_->Take(Bucket(1, 100'000));
  EXPECT_FALSE(refused.granted);
  EXPECT_EQ(refused.buckets.at(0).left, -50'000);
  clock_.Advance(milliseconds(30'000));
  EXPECT_FALSE(counters_->Take(Bucket(1, 100'000)).granted);
  clock_.Advance(milliseconds(1));
  EXPECT_TRUE(counters_->Take(Bucket(1, 100'000)).granted);
}

TEST_F(CountersTest, UsageCorrectsWhatABucketGave) {
  ASSERT_TRUE(counters_->Take(Bucket(100, 1000)).granted);
  counters_->Settle({.buckets = {{kKey, 1000, 100, 400}}});
  EXPECT_EQ(counters_->Take(Bucket(0, 1000)).buckets.at(0).left, 600);
  counters_->Settle({.buckets = {{kKey, 1000, 400, 0}}});
  EXPECT_EQ(counters_->Take(Bucket(0, 1000)).buckets.at(0).left, 1000);
  counters_->Settle({.buckets = {{kKey, 1000, 400, 0}}});  // never above full
  EXPECT_EQ(counters_->Take(Bucket(0, 1000)).buckets.at(0).left, 1000);
}

TEST_F(CountersTest, ClaimIsTakenAsAWholeOrNotAtAll) {
  ASSERT_TRUE(counters_->Take(Bucket(10, 10, kOtherKey)).granted);
  const Claim both{.buckets = {{kKey, 1, 10}, {kOtherKey, 1, 10}}, .budgets = {{kKey, 5, 100, kEnds}}};
  EXPECT_FALSE(counters_->Take(both).granted);
  EXPECT_EQ(counters_->Take(Bucket(0, 10)).buckets.at(0).left, 10);
  EXPECT_EQ(counters_->Read({kKey}).at(0).held, 0);

  counters_->Settle(Spent(0, 100));
  const Claim spent{.buckets = {{kKey, 1, 10}}, .budgets = {{kKey, 5, 100, kEnds}}};
  EXPECT_FALSE(counters_->Take(spent).granted);
  EXPECT_EQ(counters_->Take(Bucket(0, 10)).buckets.at(0).left, 10);
}

TEST_F(CountersTest, ForcedClaimIsTakenWhereThereIsNotEnough) {
  ASSERT_TRUE(counters_->Take(Bucket(10, 10)).granted);
  Claim claim{.buckets = {{kKey, 2, 10}}, .budgets = {{kKey, 5, 3, kEnds}}, .forced = true};
  ASSERT_TRUE(counters_->Take(claim).granted);
  const Grant again = counters_->Take(claim);
  EXPECT_TRUE(again.granted);
  EXPECT_EQ(again.buckets.at(0).left, -4);
  EXPECT_EQ(again.budgets.at(0).held, 10);
}

TEST_F(CountersTest, BudgetGrantsBelowItsLimitAndNotAtIt) {
  ASSERT_TRUE(counters_->Take(Budget(99, 100)).granted);
  const Grant last = counters_->Take(Budget(50, 100));
  EXPECT_TRUE(last.granted);
  EXPECT_EQ(last.budgets.at(0).held, 149);
  const Grant refused = counters_->Take(Budget(1, 100));
  EXPECT_FALSE(refused.granted);
  EXPECT_EQ(refused.hold, 0u);
  EXPECT_EQ(refused.budgets.at(0).sum(), 149);
  counters_->Settle(Spent(99, 10));
  counters_->Settle(Spent(50, 90));
  EXPECT_EQ(counters_->Read({kKey}).at(0).spent, 100);
  EXPECT_EQ(counters_->Read({kKey}).at(0).held, 0);
  EXPECT_FALSE(counters_->Take(Budget(1, 100)).granted);
  EXPECT_TRUE(counters_->Take(Budget(1, 101)).granted);
}

TEST_F(CountersTest, ParallelHoldsOvershootByOneAtMost) {
  std::atomic<int> granted{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 25; ++i) granted += counters_->Take(Budget(10, 95)).granted ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(granted, 10);
  EXPECT_EQ(counters_->Read({kKey}).at(0).held, 100);
}

TEST_F(CountersTest, AmountsOutsideOfAllMeasureAreBounded) {
  ASSERT_TRUE(counters_->Take(Budget(INT64_MAX, INT64_MAX)).granted);
  counters_->Settle(Spent(INT64_MAX, INT64_MAX));
  EXPECT_EQ(counters_->Read({kKey}).at(0).spent, Counters::kMaxAmount);
  ASSERT_TRUE(counters_->Take(Budget(-5, INT64_MAX)).granted);
  counters_->Settle(Spent(0, INT64_MAX));
  EXPECT_EQ(counters_->Read({kKey}).at(0).spent, Counters::kMaxAmount);
  EXPECT_EQ(counters_->Read({kKey}).at(0).held, 0);

  ASSERT_TRUE(counters_->Take(Bucket(INT64_MAX, 1)).granted);
  clock_.Advance(std::chrono::hours(24));  // debts go no further
  EXPECT_TRUE(counters_->Take(Bucket(1, 1)).granted);
}

TEST_F(CountersTest, FullBucketsVanish) {
  for (uint64_t i = 0; i < 1000; ++i) ASSERT_TRUE(counters_->Take(Bucket(1, 60, {i, i * 7})).granted);
  EXPECT_EQ(counters_->stats().buckets, 1000u);
  clock_.Advance(milliseconds(999));
  counters_->Sweep();
  EXPECT_EQ(counters_->stats().buckets, 1000u);
  clock_.Advance(milliseconds(1));
  counters_->Sweep();
  EXPECT_EQ(counters_->stats().buckets, 0u);
}

TEST(BucketTableTest, KeysBeyondTheLimitShareOneBucketForEachRate) {
  BucketTable table(3);
  for (uint64_t i = 0; i < 3; ++i) table.Take({{0, i}, 1, 10}, 1);
  EXPECT_EQ(table.Take({{0, 3}, 4, 10}, 1).left, 6);
  EXPECT_EQ(table.Take({{0, 4}, 4, 10}, 1).left, 2);
  EXPECT_EQ(table.Take({{0, 5}, 4, 20}, 1).left, 16);
  EXPECT_EQ(table.Take({{0, 2}, 4, 10}, 1).left, 5);  // has its own
  EXPECT_EQ(table.size(), 3u);
  EXPECT_EQ(table.Take({{0, 6}, 1, 10}, 60'000'000'001).left, 9);  // room again
}

// Against the textbook: a level that grows by rate times time.
TEST(BucketTableTest, AgreesWithABucketThatKeepsItsLevel) {
  struct Textbook {
    double level;
    int64_t at;
  };
  BucketTable table(1 << 16);
  std::map<uint64_t, Textbook> twins;
  std::mt19937_64 random(7);
  int64_t now = 1;
  constexpr int64_t kPerMinute = 6000;
  for (int step = 0; step < 20'000; ++step) {
    now += static_cast<int64_t>(random() % 5'000'000);
    if (step % 500 == 0) table.Sweep(now);
    const uint64_t name = random() % 50;
    const auto amount = static_cast<int64_t>(random() % 90);
    Textbook& twin = twins.try_emplace(name, Textbook{kPerMinute, now}).first->second;
    twin.level = std::min<double>(kPerMinute, twin.level + static_cast<double>(now - twin.at) * kPerMinute / 6e10);
    twin.at = now;
    const BucketClaim claim{{name * 77, name}, amount, kPerMinute};
    const BucketState look = table.Look(claim, now);
    ASSERT_NEAR(static_cast<double>(look.left), std::floor(twin.level + 1e-4), 1) << step;
    if (std::abs(twin.level - static_cast<double>(amount)) > 0.01) {
      ASSERT_EQ(look.enough.count() == 0, twin.level >= static_cast<double>(amount)) << step;
    }
    table.Take(claim, now);
    twin.level -= static_cast<double>(amount);
  }
}

TEST(BucketTableTest, MillionKeysStayUnderHundredMegabytes) {
  // Two buckets for each, as a limit on requests and one on tokens have.
  std::vector<std::unique_ptr<BucketTable>> shards;
  for (int i = 0; i < 64; ++i) shards.push_back(std::make_unique<BucketTable>(1 << 16));
  std::mt19937_64 random(1);
  size_t most = 0;
  for (int i = 0; i < 2'000'000; ++i) {
    const Hash128 key{random(), random()};
    shards[key.high % 64]->Take({key, 1, 600}, 1);
  }
  size_t bytes = 0;
  size_t entries = 0;
  for (const auto& shard : shards) {
    bytes += shard->bytes();
    entries += shard->size();
    most = std::max(most, shard->bytes());
  }
  EXPECT_EQ(entries, 2'000'000u);
  // While one grows it has its old slots too.
  EXPECT_LT(bytes + most, 100'000'000u);
}

class BudgetFileTest : public CountersTest {
 protected:
  std::unique_ptr<Counters> Open() {
    return OpenEmbeddedCounters({.data_dir = directory_.data(), .flush_interval = milliseconds(10)}, clock_);
  }
  std::string path() const { return directory_.data() + "/budgets.db"; }

  TestDirectory directory_;
};

TEST_F(BudgetFileTest, SpendingSurvivesARestartAndHoldsDoNot) {
  std::unique_ptr<Counters> counters = Open();
  ASSERT_TRUE(counters->Take(Budget(40, 100)).granted);
  ASSERT_TRUE(counters->Take(Budget(50, 100)).granted);
  counters->Settle(Spent(40, 30));
  counters.reset();
  counters = Open();
  EXPECT_EQ(counters->Read({kKey}).at(0).spent, 30);
  EXPECT_EQ(counters->Read({kKey}).at(0).held, 0);
  counters->Settle(Spent(0, 5));
  counters->Flush();
  counters.reset();
  EXPECT_EQ(Open()->Read({kKey, kOtherKey}).at(0).spent, 35);
}

TEST_F(BudgetFileTest, FileIsForItsOwnerAlone) {
  Open()->Settle(Spent(0, 5));
  const auto mode = std::filesystem::status(path()).permissions();
  EXPECT_EQ(mode, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(BudgetFileTest, ProcessesThatShareADirectoryAddUp) {
  std::unique_ptr<Counters> one = Open();
  std::unique_ptr<Counters> two = Open();
  one->Settle(Spent(0, 30));
  one->Flush();
  two->Settle(Spent(0, 4));
  two->Flush();
  EXPECT_EQ(two->Read({kKey}).at(0).spent, 34);
  one->Settle(Spent(0, 1));
  one->Flush();
  EXPECT_EQ(one->Read({kKey}).at(0).spent, 35);
}

TEST_F(BudgetFileTest, DamagedFileIsMovedAsideAndBegunAnew) {
  std::filesystem::create_directories(directory_.data());
  std::ofstream(path()) << std::string(8192, 'x');
  std::unique_ptr<Counters> counters = Open();
  counters->Settle(Spent(0, 30));
  counters.reset();
  EXPECT_EQ(Open()->Read({kKey}).at(0).spent, 30);
  EXPECT_TRUE(std::filesystem::exists(path() + ".corrupt-1795000000"));
}

TEST_F(BudgetFileTest, DeletedFileIsWrittenAgainWithAllThatIsKnown) {
  std::unique_ptr<Counters> counters = Open();
  counters->Settle(Spent(0, 30));
  counters->Flush();
  std::filesystem::remove_all(directory_.data());
  counters->Settle(Spent(0, 5));
  counters->Flush();
  EXPECT_EQ(counters->Read({kKey}).at(0).spent, 35);
  counters.reset();
  EXPECT_EQ(Open()->Read({kKey}).at(0).spent, 35);
}

TEST_F(BudgetFileTest, SpendingWaitsInMemoryWhileTheFileIsLocked) {
  std::unique_ptr<Counters> counters = Open();
  {
    ForeignConnection other(path());
    other.Execute("BEGIN IMMEDIATE");
    counters->Settle(Spent(0, 30));
    counters->Flush();
    EXPECT_GE(counters->stats().write_failures, 1u);
    EXPECT_EQ(counters->Read({kKey}).at(0).spent, 30);
  }
  counters.reset();
  EXPECT_EQ(Open()->Read({kKey}).at(0).spent, 30);
}

TEST_F(BudgetFileTest, PeriodsThatEndedAreForgotten) {
  std::unique_ptr<Counters> counters = Open();
  counters->Settle(Spent(0, 30));
  counters->Flush();
  clock_.Advance(std::chrono::hours(24) + std::chrono::seconds(kEnds - 1'795'000'000));
  counters->Sweep();
  EXPECT_EQ(counters->Read({kKey}).at(0).spent, 30);  // the clock may step back
  clock_.Advance(milliseconds(1000));
  counters->Sweep();
  EXPECT_EQ(counters->Read({kKey}).at(0).spent, 0);
  clock_.Advance(std::chrono::hours(24 * 35));
  counters->Settle({.budgets = {{kOtherKey, 0, 1, kEnds + 90 * 86'400}}});
  counters.reset();
  EXPECT_EQ(ForeignConnection(path()).Query("SELECT count(*) FROM budgets"), "1");
}

TEST_F(BudgetFileTest, BudgetsBeyondTheLimitShareOneRowForEachEnd) {
  std::unique_ptr<Counters> counters = OpenEmbeddedCounters({.max_budgets = 1}, clock_);
  ASSERT_TRUE(counters->Take(Budget(10, 100, {7, 7})).granted);
  ASSERT_TRUE(counters->Take(Budget(60, 100, {8, 8})).granted);
  ASSERT_TRUE(counters->Take(Budget(60, 100, {9, 9})).granted);
  EXPECT_FALSE(counters->Take(Budget(1, 100, {10, 10})).granted);
  EXPECT_TRUE(counters->Take(Budget(1, 100, {7, 7})).granted);
  counters->Settle(Spent(60, 0, {8, 8}));
  EXPECT_TRUE(counters->Take(Budget(1, 100, {10, 10})).granted);
}

}  // namespace
}  // namespace headroom::store
