#include "policy/token_rates.h"

#include <gtest/gtest.h>

namespace headroom::policy {
namespace {

TEST(TokenRatesTest, Base64IsNotText) {
  const std::string picture(4000, 'Q');
  const std::string anthropic =
      R"({"source":{"type":"base64","media_type":"image/png","data":")" + picture + R"("},"text":"hello"})";
  EXPECT_EQ(PartsOf(anthropic).base64_strings, 1u);
  EXPECT_EQ(PartsOf(anthropic).text_bytes, anthropic.size() - 4000);
  const std::string openai =
      R"({"url":"data:image/jpeg;base64,)" + picture + R"("},{"url":"data:image/jpeg;base64,)" + picture + R"("})";
  EXPECT_EQ(PartsOf(openai).base64_strings, 2u);
  EXPECT_EQ(PartsOf(openai).text_bytes, openai.size() - 8000);
}

TEST(TokenRatesTest, TextThatSpeaksOfBase64IsText) {
  const std::string text = R"({"text":"decode base64 with the base64 tool, and base64"})";
  EXPECT_EQ(PartsOf(text).base64_strings, 0u);
  EXPECT_EQ(PartsOf(text).text_bytes, text.size());
  EXPECT_EQ(PartsOf("").text_bytes, 0u);
}

TEST(TokenRatesTest, RateGoesUpAtOnceAndComesDownSlowly) {
  TokenRates rates;
  const BodyParts body{.text_bytes = 3000};
  EXPECT_EQ(rates.Estimate("m", body), 1000u);
  rates.Learn("m", body, 600);  // less than at first: not believed at once
  EXPECT_EQ(rates.Estimate("m", body), 1000u);
  rates.Learn("m", body, 1500);
  EXPECT_EQ(rates.Estimate("m", body), 1500u);
  EXPECT_EQ(rates.Estimate("other", body), 1000u);
  rates.Learn("m", body, 600);
  EXPECT_EQ(rates.Estimate("m", body), 1482u);
  for (int i = 0; i < 500; ++i) rates.Learn("m", body, 600);
  EXPECT_NEAR(static_cast<double>(rates.Estimate("m", body)), 600, 2);
}

TEST(TokenRatesTest, WhatSaysNothingOfTextIsNotLearnt) {
  TokenRates rates;
  rates.Learn("m", {.text_bytes = 511}, 511);
  rates.Learn("m", {.text_bytes = 3000, .base64_strings = 1}, 3000);
  EXPECT_EQ(rates.Estimate("m", {.text_bytes = 3000}), 1000u);
  EXPECT_EQ(rates.Estimate("m", {.text_bytes = 0, .base64_strings = 2}), 12'000u);
  rates.Learn("m", {.text_bytes = 512}, 5'000'000);  // no text is denser than a token for a byte
  EXPECT_EQ(rates.Estimate("m", {.text_bytes = 512}), 512u);
}

TEST(TokenRatesTest, ModelsBeyondTheLimitAreNotRemembered) {
  TokenRates rates;
  const BodyParts body{.text_bytes = 3000};
  for (size_t i = 0; i < TokenRates::kMaxModels; ++i) rates.Learn("m" + std::to_string(i), body, 3000);
  rates.Learn("one past", body, 3000);
  EXPECT_EQ(rates.Estimate("m255", body), 3000u);
  EXPECT_EQ(rates.Estimate("one past", body), 1000u);
}

}  // namespace
}  // namespace headroom::policy
