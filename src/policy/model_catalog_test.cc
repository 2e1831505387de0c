#include "policy/model_catalog.h"

#include <gtest/gtest.h>

namespace headroom::policy {
namespace {

constexpr int64_t kDollar = 1'000'000'000;  // a million tokens at one dollar

class FixedClock : public Clock {
 public:
  explicit FixedClock(int64_t unix_millis) : unix_millis_(unix_millis) {}
  TimePoint Now() const override { return {}; }
  int64_t UnixMillis() const override { return unix_millis_; }
  void Set(int64_t unix_millis) { unix_millis_ = unix_millis; }

 private:
  int64_t unix_millis_;
};

std::optional<uint64_t> Window(std::string_view model) {
  static const ModelCatalog catalog;
  const std::optional<ModelFacts> facts = catalog.Find(model);
  return facts ? facts->context_window : std::nullopt;
}

TEST(ModelCatalogTest, KnowsTheWindowsThatProvidersPublish) {
  EXPECT_EQ(Window("claude-opus-5-5"), 1'000'000u);
  EXPECT_EQ(Window("claude-haiku-4-5-20251001"), 200'000u);
  EXPECT_EQ(Window("gpt-4o"), 128'000u);
  EXPECT_EQ(Window("gpt-4"), 8'192u);
  EXPECT_EQ(Window("o3-mini"), 200'000u);
}

TEST(ModelCatalogTest, ReadsTheNamesOfGatewaysAndClouds) {
  for (const std::string_view name :
       {"claude-sonnet-4-5", "claude-sonnet-4-5-20250929", "claude-sonnet-4-5@20250929", "Claude-Sonnet-4-5 ",
        "anthropic/claude-sonnet-4-5", "anthropic/claude-sonnet-4.5", "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
        "anthropic.claude-sonnet-4-5-20250929-v1:0", "bedrock/eu.anthropic.claude-sonnet-4-5-20250929-v1:0",
        "vertex_ai/claude-sonnet-4-5@20250929",
        "arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-sonnet-4-5-20250929-v1:0",
        "publishers/anthropic/models/claude-sonnet-4-5", "claude-sonnet-4-5-latest"}) {
    EXPECT_EQ(Window(name), 200'000u) << name;
  }
  for (const std::string_view name : {"claude-opus-5@20260801", "us.anthropic.claude-opus-5-v1:0",
                                      "anthropic/claude-opus-5", "claude-opus-5-latest", "claude-opus-5[1m]"}) {
    EXPECT_EQ(Window(name), 1'000'000u) << name;
  }
  for (const std::string_view name : {"openai/gpt-4o-2024-08-06", "azure/gpt-4o", "gpt-4o-20240806"}) {
    EXPECT_EQ(Window(name), 128'000u) << name;
  }
}

TEST(ModelCatalogTest, AnExactNameIsNotTakenForALongerOne) {
  EXPECT_EQ(Window("gpt-4"), 8'192u);
  EXPECT_EQ(Window("gpt-4-32k"), 32'000u);
  EXPECT_EQ(Window("gpt-4-turbo"), 128'000u);
  EXPECT_EQ(Window("gpt-4.1"), 1'000'000u);
}

TEST(ModelCatalogTest, TakesTheLargestWindowOfTheFamilyForANewModel) {
  const ModelCatalog catalog;
  const std::optional<ModelFacts> facts = catalog.Find("claude-haiku-9");
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->source, ModelFacts::Source::kFamily);
  EXPECT_EQ(facts->context_window, 200'000u);  // every haiku
  EXPECT_EQ(Window("claude-sonnet-9-20300101"), 1'000'000u);
  EXPECT_EQ(Window("gpt-5.9-codex"), 1'050'000u);
}

TEST(ModelCatalogTest, KnowsNothingOfOtherNames) {
  EXPECT_EQ(Window(""), std::nullopt);
  EXPECT_EQ(Window("my-own-model"), std::nullopt);
  EXPECT_EQ(Window("/////"), std::nullopt);
}

TEST(ModelCatalogTest, ANameMayHave256BytesAndNotOneMore) {
  ModelOverride any{.model = "m*", .context_window = 5};
  const ModelCatalog catalog({any});
  EXPECT_TRUE(catalog.Find("m" + std::string(255, 'x')));
  EXPECT_FALSE(catalog.Find("m" + std::string(256, 'x')));
}

TEST(ModelCatalogTest, PricesAreIntegersPerMillionTokens) {
  const ModelCatalog catalog;
  const std::optional<ModelFacts> opus = catalog.Find("claude-opus-5-5");
  ASSERT_TRUE(opus);
  EXPECT_EQ(opus->prices.input, 4 * kDollar);
  EXPECT_EQ(opus->prices.output, 20 * kDollar);
  EXPECT_EQ(opus->prices.cache_read, kDollar / 5);
  EXPECT_EQ(opus->prices.cache_write_5m, 5 * kDollar);
  EXPECT_EQ(opus->prices.cache_write_1h, 8 * kDollar);
  EXPECT_FALSE(opus->long_prompt);
  EXPECT_EQ(catalog.Find("gpt-4o-mini")->prices.cache_read, 75'000'000);
}

TEST(ModelCatalogTest, LongPromptsHaveTheirOwnPrices) {
  const std::optional<ModelFacts> facts = ModelCatalog().Find("claude-sonnet-4-5");
  ASSERT_TRUE(facts && facts->long_prompt);
  EXPECT_EQ(facts->long_prompt->above, 200'000u);
  EXPECT_EQ(facts->prices.input, 3 * kDollar);
  EXPECT_EQ(facts->long_prompt->prices.input, 6 * kDollar);
  EXPECT_EQ(facts->long_prompt->prices.output, 22'500'000'000);
}

TEST(ModelCatalogTest, PricesChangeOnTheirDay) {
  FixedClock clock(1'773'359'999'000);  // 2026-03-12 23:59:59 UTC
  const ModelCatalog catalog({}, clock);
  EXPECT_TRUE(catalog.Find("claude-sonnet-4-6")->long_prompt);
  clock.Set(1'773'360'000'000);
  EXPECT_FALSE(catalog.Find("claude-sonnet-4-6")->long_prompt);
}

TEST(ModelCatalogTest, WherePricesGoByTheHourTheDearestHourCounts) {
  EXPECT_EQ(ModelCatalog().Find("deepseek-v4-flash")->prices.input, 440'000'000);
}

TEST(ModelCatalogTest, OverridesWinAndLeaveTheRestAsListed) {
  ModelOverride window{.model = "GPT-4o", .context_window = 64'000};
  ModelOverride price{.model = "claude-*", .max_output = 8'000, .prices = {.input = 1}};
  ModelOverride longer{.model = "claude-opus-*", .context_window = 9};
  ModelOverride exact{.model = "claude-opus-5", .context_window = 10};
  ModelOverride later{.model = "claude-opus-5", .context_window = 11};
  ModelOverride own{.model = "my-own", .context_window = 12};
  const ModelCatalog catalog({window, price, longer, exact, later, own});
  EXPECT_EQ(catalog.Find("gpt-4o")->context_window, 64'000u);
  EXPECT_EQ(catalog.Find("gpt-4o")->prices.input, 2'500'000'000);
  EXPECT_EQ(catalog.Find("claude-haiku-4-5")->context_window, 200'000u);
  EXPECT_EQ(catalog.Find("claude-haiku-4-5")->max_output, 8'000u);
  EXPECT_EQ(catalog.Find("claude-haiku-4-5")->prices.input, 1);
  EXPECT_EQ(catalog.Find("claude-opus-4-8")->context_window, 9u);
  EXPECT_EQ(catalog.Find("claude-opus-5")->context_window, 10u);
  EXPECT_EQ(catalog.Find("my-own")->context_window, 12u);
  EXPECT_EQ(catalog.Find("my-own")->source, ModelFacts::Source::kOverride);
}

TEST(ModelCatalogTest, RemembersABoundedNumberOfNames) {
  const ModelCatalog catalog;
  for (size_t i = 0; i < 2 * ModelCatalog::kMaxRemembered; i += 97) {
    EXPECT_FALSE(catalog.Find("unknown-" + std::to_string(i)));
  }
  EXPECT_EQ(catalog.Find("gpt-4o")->context_window, 128'000u);
}

TEST(ModelCatalogTest, TheDataSayWhenTheyArePublished) {
  EXPECT_EQ(ModelCatalog::DataDate().size(), 10u);
  EXPECT_TRUE(ModelCatalog::DataDate().starts_with("20"));
  EXPECT_GT(ModelCatalog().All().size(), 1'000u);
}

}  // namespace
}  // namespace headroom::policy
