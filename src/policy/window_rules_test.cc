#include "policy/window_rules.h"

#include <gtest/gtest.h>

namespace headroom::policy {
namespace {

std::optional<uint64_t> Limit(std::string_view model, std::optional<uint64_t> max_output = {},
                              std::string_view beta = "") {
  static const ModelCatalog catalog;
  return PromptLimit(catalog, {.model = model, .anthropic_beta = beta, .max_output = max_output});
}

TEST(PromptLimitTest, IsTheWindowWhereTheOutputIsNotAdded) {
  EXPECT_EQ(Limit("claude-sonnet-4-5", 64'000), 200'000u);
  EXPECT_EQ(Limit("claude-haiku-4-5-20251001", 64'000), 200'000u);
  EXPECT_EQ(Limit("claude-opus-4-5", 64'000), 200'000u);
  EXPECT_EQ(Limit("claude-opus-5-5", 128'000), 1'000'000u);
  EXPECT_EQ(Limit("o3", 100'000), 200'000u);
}

TEST(PromptLimitTest, IsLessWhereTheProviderRefusesTheSum) {
  EXPECT_EQ(Limit("claude-opus-4-1-20250805", 32'000), 168'000u);
  EXPECT_EQ(Limit("us.anthropic.claude-sonnet-4-20250514-v1:0", 32'000), 168'000u);
  EXPECT_EQ(Limit("claude-3-7-sonnet-latest", 8'192), 191'808u);
  EXPECT_EQ(Limit("gpt-4o-2024-08-06", 16'000), 112'000u);
  EXPECT_EQ(Limit("gpt-4o"), 128'000u);
}

TEST(PromptLimitTest, ABetaHeaderMakesAnOlderModelStopInstead) {
  EXPECT_EQ(Limit("claude-opus-4-1", 32'000, "model-context-window-exceeded-2025-08-26"), 200'000u);
}

TEST(PromptLimitTest, ABetaHeaderOpensTheLongWindowOfTheModelsThatHaveIt) {
  const std::string_view beta = "oauth-2025-04-20, context-1m-2025-08-07";
  EXPECT_EQ(Limit("claude-sonnet-4-5", {}, beta), 1'000'000u);
  EXPECT_EQ(Limit("claude-sonnet-4-20250514", {}, beta), 1'000'000u);
  EXPECT_EQ(Limit("claude-haiku-4-5", {}, beta), 200'000u);
  EXPECT_EQ(Limit("claude-sonnet-4-5", {}, "context-1m-2025-08-07x"), 200'000u);
}

TEST(PromptLimitTest, LeavesOutWhatIsReservedForTheOutput) {
  EXPECT_EQ(Limit("gpt-5"), 272'000u);
  EXPECT_EQ(Limit("gpt-5.4", 1'000), 922'000u);
}

TEST(PromptLimitTest, TakesThePublishedFigureForARoundedOne) { EXPECT_EQ(Limit("gpt-4.1"), 1'047'576u); }

TEST(PromptLimitTest, IsUnknownForAnUnknownModel) { EXPECT_EQ(Limit("my-own-model"), std::nullopt); }

TEST(PromptLimitTest, IsNeverZero) { EXPECT_EQ(Limit("gpt-4", 100'000), 1u); }

TEST(PromptLimitTest, WhatTheUserSaysIsNotCorrected) {
  ModelOverride gpt{.model = "gpt-5", .context_window = 400'000};
  ModelOverride sonnet{.model = "claude-sonnet-4-5", .context_window = 150'000};
  const ModelCatalog catalog({gpt, sonnet});
  EXPECT_EQ(PromptLimit(catalog, {.model = "gpt-5"}), 400'000u);
  EXPECT_EQ(PromptLimit(catalog, {.model = "claude-sonnet-4-5", .anthropic_beta = "context-1m-2025-08-07"}), 150'000u);
}

}  // namespace
}  // namespace headroom::policy
