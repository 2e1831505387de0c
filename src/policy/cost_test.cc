#include "policy/cost.h"

#include <gtest/gtest.h>

namespace headroom::policy {
namespace {

constexpr int64_t kDollar = 1'000'000'000;

ModelFacts Model(std::string_view provider, std::string_view id) {
  ModelFacts facts;
  facts.provider = provider;
  facts.id = id;
  return facts;
}

ModelFacts Sonnet() {
  ModelFacts facts = Model("anthropic", "claude-sonnet-4-5");
  facts.prices = {.input = 3 * kDollar, .output = 15 * kDollar};
  return facts;
}

TEST(CostTest, UnlistedCacheRatesOfAnthropicAreThoseOfItsDocumentation) {
  // A million each: 3 + 0.30 + 3.75 + 6 + 15 dollars.
  EXPECT_EQ(CostOf(Sonnet(), {1'000'000, 1'000'000, 1'000'000, 1'000'000, 1'000'000}), 28'050'000'000);
}

TEST(CostTest, WhereNoOtherPriceIsListedCachedTokensCostWhatInputCosts) {
  ModelFacts facts = Model("elsewhere", "some");
  facts.prices = {.input = 2 * kDollar, .output = 4 * kDollar};
  EXPECT_EQ(CostOf(facts, {.cache_read = 1'000'000, .cache_write_5m = 500'000}), 3 * kDollar);
}

TEST(CostTest, OneTokenMoreThanTheBoundPaysTheDearerPricesForAll) {
  ModelFacts facts = Sonnet();
  facts.long_prompt = LongPrompt{200'000, {.input = 6 * kDollar, .output = 22'500'000'000, .cache_read = 600'000'000}};
  EXPECT_EQ(CostOf(facts, {.input = 100'000, .cache_read = 100'000, .output = 1'000}),
            300'000'000 + 30'000'000 + 15'000'000);
  EXPECT_EQ(CostOf(facts, {.input = 100'001, .cache_read = 100'000, .output = 1'000}),
            600'006'000 + 60'000'000 + 22'500'000);
}

TEST(CostTest, TiersMultiplyTheWhole) {
  EXPECT_EQ(CostOf(Sonnet(), {.input = 1'000, .output = 1'000, .tier = PriceTier::kHalf}), 9'000'000);
  EXPECT_EQ(CostOf(Sonnet(), {.input = 1'000, .output = 1'000, .tier = PriceTier::kPriority}), 18'000'000);
  ModelFacts openai = Model("openai", "gpt-5.1");
  openai.prices = {.input = 1'250'000'000, .output = 10 * kDollar};
  EXPECT_EQ(CostOf(openai, {.input = 1'000, .output = 100, .tier = PriceTier::kPriority}), 4'500'000);
  openai.id = "gpt-4.1-mini";
  EXPECT_EQ(CostOf(openai, {.input = 1'000, .output = 100, .tier = PriceTier::kPriority}), 3'937'500);
}

TEST(CostTest, RoundsToTheNearestNanoDollar) {
  ModelFacts facts = Model("x", "y");
  facts.prices = {.input = 499'999};
  EXPECT_EQ(CostOf(facts, {.input = 1}), 0);
  facts.prices = {.input = 500'000};
  EXPECT_EQ(CostOf(facts, {.input = 1}), 1);
}

TEST(CostTest, NoCountIsTooLarge) {
  const std::optional<NanoDollars> cost = CostOf(Sonnet(), {.input = UINT64_MAX / 8, .output = UINT64_MAX});
  ASSERT_TRUE(cost.has_value());
  EXPECT_EQ(*cost, INT64_MAX);
}

TEST(CostTest, WithoutAPriceThereIsNoCost) {
  EXPECT_EQ(CostOf(ModelFacts(), {.input = 1}), std::nullopt);
  ModelFacts facts;
  facts.prices.input = kDollar;
  EXPECT_EQ(CostOf(facts, {.input = 1'000'000}), kDollar);  // an embedding
  EXPECT_EQ(CostOf(facts, {.input = 1'000'000, .output = 1}), std::nullopt);
}

}  // namespace
}  // namespace headroom::policy
