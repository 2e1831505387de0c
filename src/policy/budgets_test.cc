#include "policy/budgets.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <atomic>
#include <ctime>

#include "policy/rate_limits.h"

namespace headroom::policy {
namespace {

constexpr store::TenantId kAlice{1, 1};
constexpr store::TenantId kBob{2, 2};
constexpr int64_t kDollar = 1'000'000'000;

class FakeClock : public Clock {
 public:
  TimePoint Now() const override { return TimePoint(std::chrono::seconds(unix_seconds)); }
  int64_t UnixMillis() const override { return unix_seconds * 1000; }

  std::atomic<int64_t> unix_seconds{1'795'521'600};  // 2026-11-24T12:00:00Z
};

class BudgetsTest : public ::testing::Test {
 protected:
  BudgetsTest() {
    setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
    tzset();
  }
  ~BudgetsTest() override {
    unsetenv("TZ");
    tzset();
  }

  // Spends, or says that it was refused.
  bool Spend(const Budgets& budgets, const store::TenantId& tenant, int64_t amount) {
    store::Claim claim;
    budgets.AddTo(claim, tenant, amount);
    const store::Grant grant = counters_->Take(claim);
    if (!grant.granted) return false;
    store::Settlement settlement{.hold = grant.hold};
    for (const store::BudgetClaim& budget : claim.budgets) {
      settlement.budgets.push_back({budget.key, amount, amount, budget.ends_at});
    }
    counters_->Settle(settlement);
    return true;
  }

  FakeClock clock_;
  std::unique_ptr<store::Counters> counters_ = store::OpenEmbeddedCounters({}, clock_);
};

TEST_F(BudgetsTest, BudgetBeginsAnewAtLocalMidnight) {
  const Budgets budgets({.installation = BudgetLimit{kDollar, BudgetPeriod::kDaily}}, clock_);
  EXPECT_TRUE(Spend(budgets, kAlice, kDollar));
  EXPECT_FALSE(Spend(budgets, kAlice, 1));
  clock_.unix_seconds = 1'795'561'199;  // 23:59:59 in Berlin
  EXPECT_FALSE(Spend(budgets, kAlice, 1));
  clock_.unix_seconds = 1'795'561'200;  // midnight
  EXPECT_TRUE(Spend(budgets, kAlice, 1));
  EXPECT_EQ(budgets.Standings(*counters_).at(0).spent, 1);
  clock_.unix_seconds = 1'795'561'199;  // a clock that steps back finds what was spent
  EXPECT_EQ(budgets.Standings(*counters_).at(0).spent, kDollar);
  EXPECT_EQ(budgets.Standings(*counters_).at(0).remaining(), 0);
}

TEST_F(BudgetsTest, RequestCountsAgainstTheInstallationAndItsTenant) {
  const Budgets budgets({.installation = BudgetLimit{10 * kDollar, BudgetPeriod::kDaily},
                         .each_tenant = std::nullopt,
                         .tenants = {{"alice", kAlice, {2 * kDollar, BudgetPeriod::kHourly}}}},
                        clock_);
  EXPECT_TRUE(Spend(budgets, kAlice, 2 * kDollar));
  EXPECT_FALSE(Spend(budgets, kAlice, 1));
  EXPECT_TRUE(Spend(budgets, kBob, 8 * kDollar));
  EXPECT_FALSE(Spend(budgets, kBob, 1));
  const std::vector<Budgets::Standing> standings = budgets.Standings(*counters_);
  ASSERT_EQ(standings.size(), 2u);
  EXPECT_EQ(standings[0].name, "");
  EXPECT_EQ(standings[0].spent, 10 * kDollar);
  EXPECT_EQ(standings[1].name, "alice");
  EXPECT_EQ(standings[1].spent, 2 * kDollar);
  EXPECT_EQ(standings[1].span.end - standings[1].span.begin, 3600);
}

TEST_F(BudgetsTest, TenantsWithoutTheirOwnBudgetHaveOneEach) {
  const Budgets budgets({.installation = std::nullopt,
                         .each_tenant = BudgetLimit{kDollar, BudgetPeriod::kMonthly},
                         .tenants = {{"alice", kAlice, {5 * kDollar, BudgetPeriod::kMonthly}}}},
                        clock_);
  EXPECT_TRUE(Spend(budgets, kBob, kDollar));
  EXPECT_FALSE(Spend(budgets, kBob, 1));
  EXPECT_TRUE(Spend(budgets, {3, 3}, kDollar));
  EXPECT_TRUE(Spend(budgets, kAlice, 4 * kDollar));
  EXPECT_TRUE(Spend(budgets, kAlice, 1));
}

TEST_F(BudgetsTest, AnotherLimitCountsWhatWasSpentBefore) {
  EXPECT_TRUE(Spend(Budgets({.installation = BudgetLimit{kDollar, BudgetPeriod::kDaily}}, clock_), kAlice, kDollar));
  EXPECT_FALSE(Spend(Budgets({.installation = BudgetLimit{kDollar, BudgetPeriod::kDaily}}, clock_), kAlice, 1));
  EXPECT_TRUE(Spend(Budgets({.installation = BudgetLimit{kDollar + 1, BudgetPeriod::kDaily}}, clock_), kAlice, 1));
}

TEST_F(BudgetsTest, BudgetOfNothingRefusesEverything) {
  const Budgets budgets({.installation = BudgetLimit{0, BudgetPeriod::kDaily}}, clock_);
  EXPECT_TRUE(budgets.any());
  EXPECT_FALSE(Spend(budgets, kAlice, 0));
}

TEST_F(BudgetsTest, WithoutLimitsNothingIsCounted) {
  const Budgets budgets({}, clock_);
  EXPECT_FALSE(budgets.any());
  store::Claim claim;
  budgets.AddTo(claim, kAlice, kDollar);
  EXPECT_TRUE(claim.budgets.empty());
  EXPECT_TRUE(budgets.Standings(*counters_).empty());
}

TEST(RateLimitsTest, RequestsAndTokensHaveABucketForEachClient) {
  const RateLimits limits({.requests_per_minute = 600, .tokens_per_minute = 1000});
  store::Claim claim;
  const RateLimits::Places places = limits.AddTo(claim, kAlice, 70);
  ASSERT_EQ(claim.buckets.size(), 2u);
  EXPECT_EQ(claim.buckets[*places.requests].amount, 1);
  EXPECT_EQ(claim.buckets[*places.requests].per_minute, 600);
  EXPECT_EQ(claim.buckets[*places.tokens].amount, 70);
  EXPECT_EQ(claim.buckets[*places.tokens].per_minute, 1000);
  store::Claim other;
  (void)limits.AddTo(other, kBob, 70);
  EXPECT_NE(other.buckets[0].key, claim.buckets[0].key);
  EXPECT_NE(claim.buckets[0].key, claim.buckets[1].key);
}

TEST(RateLimitsTest, ZeroIsUnlimited) {
  store::Claim claim;
  const RateLimits::Places places = RateLimits({}).AddTo(claim, kAlice, 70);
  EXPECT_TRUE(claim.buckets.empty());
  EXPECT_FALSE(places.requests.has_value());
  EXPECT_FALSE(places.tokens.has_value());
  (void)RateLimits({.requests_per_minute = 5, .tokens_per_minute = 5}).AddTo(claim, kAlice, std::nullopt);
  EXPECT_EQ(claim.buckets.size(), 1u);
}

}  // namespace
}  // namespace headroom::policy
