#include "policy/charges.h"

#include <gtest/gtest.h>

namespace headroom::policy {
namespace {

// Prices in these tests are the user's own, so that no later price list changes them.
constexpr int64_t kDollar = 1'000'000'000;

ModelCatalog Catalog(std::vector<ModelOverride> overrides = {}) { return ModelCatalog(std::move(overrides)); }

TEST(ChargesTest, ListedModelIsChargedByItsEntry) {
  const ModelCatalog catalog = Catalog({{.model = "mine", .prices = {.input = 3 * kDollar, .output = 15 * kDollar}}});
  const Charge charge = Charges(catalog).Of("mine", "openai");
  EXPECT_EQ(charge.basis, Charge::Basis::kListed);
  EXPECT_EQ(charge.facts.prices.input, 3 * kDollar);
  EXPECT_EQ(charge.facts.prices.output, 15 * kDollar);
}

TEST(ChargesTest, NameLikeListedOnesIsChargedAtTheirHighestPrices) {
  const ModelCatalog catalog;
  const Charge charge = Charges(catalog).Of("claude-opus-99", "anthropic");
  EXPECT_EQ(charge.basis, Charge::Basis::kFamily);
  int64_t highest = 0;
  for (const ModelFacts& facts : catalog.All()) {
    if (facts.id.starts_with("claude-opus")) highest = std::max(highest, facts.prices.output.value_or(0));
  }
  EXPECT_EQ(charge.facts.prices.output, highest);
}

TEST(ChargesTest, NameLikeNoOtherIsChargedAtItsProvidersHighestPrices) {
  const ModelCatalog catalog;
  for (const std::string_view model : {"zyx-1", ""}) {
    const Charge charge = Charges(catalog).Of(model, "openai");
    EXPECT_EQ(charge.basis, Charge::Basis::kProvider);
    int64_t input = 0;
    for (const ModelFacts& facts : catalog.All()) {
      if (facts.provider == "openai") input = std::max(input, facts.prices.input.value_or(0));
    }
    EXPECT_GT(input, 0);
    EXPECT_EQ(charge.facts.prices.input, input);
    EXPECT_TRUE(charge.facts.prices.output.has_value());
  }
}

TEST(ChargesTest, EntryWithoutPricesIsNotFree) {
  const ModelCatalog catalog = Catalog({{.model = "mine", .context_window = 1000}});
  const Charge charge = Charges(catalog).Of("mine", "anthropic");
  EXPECT_EQ(charge.basis, Charge::Basis::kProvider);
  EXPECT_GT(charge.facts.prices.input.value_or(0), 0);
}

TEST(ChargesTest, EntryOfNothingIsFree) {
  const ModelCatalog catalog = Catalog({{.model = "local", .prices = {.input = 0, .output = 0}}});
  const Charge charge = Charges(catalog).Of("local", "openai");
  EXPECT_EQ(charge.basis, Charge::Basis::kListed);
  EXPECT_EQ(Charges::AtMost(charge.facts, {.prompt_tokens = 1'000'000, .output_tokens = 1'000'000}), 0);
}

TEST(ChargesTest, AtMostCountsPromptAndOutputAndWhatWritingTheCacheCosts) {
  ModelFacts facts;
  facts.prices = {.input = 4 * kDollar, .output = 20 * kDollar, .cache_write_5m = 5 * kDollar};
  EXPECT_EQ(Charges::AtMost(facts, {.prompt_tokens = 1000, .output_tokens = 100}), 4'000'000 + 2'000'000);
  EXPECT_EQ(Charges::AtMost(facts, {.prompt_tokens = 1000, .writes_cache = true}), 5'000'000);
  EXPECT_EQ(Charges::AtMost(facts, {.prompt_tokens = 1000, .writes_cache = true, .writes_cache_1h = true}), 8'000'000);
}

TEST(ChargesTest, LongPromptIsChargedAtItsPrices) {
  ModelFacts facts;
  facts.prices = {.input = 4 * kDollar, .output = 20 * kDollar};
  facts.long_prompt = LongPrompt{200'000, {.input = 8 * kDollar, .output = 30 * kDollar}};
  EXPECT_EQ(Charges::AtMost(facts, {.prompt_tokens = 200'000}), 800'000'000);
  EXPECT_EQ(Charges::AtMost(facts, {.prompt_tokens = 200'001}), 1'600'008'000);
}

TEST(ChargesTest, FiguresBeyondAllMeasureAreBounded) {
  ModelFacts facts;
  facts.prices = {.input = 1000 * kDollar, .output = 1000 * kDollar};
  EXPECT_EQ(Charges::AtMost(facts, {.prompt_tokens = UINT64_MAX, .output_tokens = UINT64_MAX}), 9'000'000'000'000'000);
}

}  // namespace
}  // namespace headroom::policy
