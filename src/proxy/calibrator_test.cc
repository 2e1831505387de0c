#include "proxy/calibrator.h"

#include <gtest/gtest.h>

#include <string>

#include "base/bytes.h"

namespace headroom::proxy {
namespace {

TEST(CalibratorTest, CountsEveryStringValueAndNoKey) {
  const PaddedBytes body(R"({"key":"one two","list":["one two",{"inner":"one two"}],"number":7,"none":null})");
  json::Document document;
  ASSERT_TRUE(document.Parse(body).ok());
  const tokens::Counter& counter = tokens::CounterFor("gpt-4o");
  EXPECT_EQ(CountTexts(document, counter), 3 * counter.Count("one two"));
}

std::string BodyOf(std::string_view text) {
  return R"({"model":"gpt-4o","messages":[{"role":"user","content":")" + std::string(text) + R"("}]})";
}

// One message, and the reply that is begun.
size_t CountOf(std::string_view text) { return tokens::CounterFor("gpt-4o").Count(text) + 4 + 3; }

TEST(CalibratorTest, SamplesTheFirstRequestsOfEachModelAndThenFewer) {
  WorkerPool workers({.threads = 1});
  Calibrator calibrator(workers);
  const std::string_view text = "one two three four five six seven eight nine ten";
  // The third is not looked at.
  for (const uint64_t factor : {2, 2, 1}) calibrator.Offer(Api::kChat, "gpt-4o", BodyOf(text), factor * CountOf(text));
  calibrator.Offer(Api::kChat, "gpt-5", BodyOf(text), 3 * CountOf(text) / 2);
  workers.Stop();
  EXPECT_DOUBLE_EQ(calibrator.Ratio("gpt-4o"), 2.0);
  EXPECT_EQ(calibrator.Correct("gpt-4o", 100), 200u);
  EXPECT_NEAR(calibrator.Ratio("gpt-5"), 1.5, 0.05);
  EXPECT_EQ(calibrator.Correct("other", 100), 100u);
}

double RatioOfOneOffer(std::string_view body, uint64_t billed) {
  WorkerPool workers({.threads = 1});
  Calibrator calibrator(workers);
  calibrator.Offer(Api::kChat, "gpt-4o", body, billed);
  workers.Stop();
  return calibrator.Ratio("gpt-4o");
}

TEST(CalibratorTest, LeavesPicturesAndBodiesPastTheLimitOut) {
  EXPECT_DOUBLE_EQ(RatioOfOneOffer(R"({"messages":[{"role":"user","content":[{"type":"image","text":"one"}]}]})", 1000),
                   1.0);
  const size_t around = BodyOf("").size();
  EXPECT_DOUBLE_EQ(RatioOfOneOffer(BodyOf(std::string(Calibrator::kMaxBytes - around + 1, 'a')), 1), 1.0);
  // At the limit it counts; the ratio is clamped.
  EXPECT_DOUBLE_EQ(RatioOfOneOffer(BodyOf(std::string(Calibrator::kMaxBytes - around, 'a')), 1), 0.5);
}

TEST(CalibratorTest, EstimatesAPromptByItsTextsAndThoseBeyondTheLimitByTheirBytes) {
  WorkerPool workers({.threads = 1});
  const Calibrator calibrator(workers);
  const tokens::Counter& counter = tokens::CounterFor("gpt-4o");
  const std::string words = "one two three four ";
  EXPECT_EQ(calibrator.Estimate("gpt-4o", "not json"), 0u);
  EXPECT_EQ(calibrator.Estimate("gpt-4o", "[1,2]"), 0u);
  EXPECT_NEAR(static_cast<double>(calibrator.Estimate("gpt-4o", "[\"" + words + "\"]")),
              static_cast<double>(counter.Count(words)), 1);
  std::string text;
  while (text.size() < 4 * Calibrator::kEstimatedBytes) text += words;
  const auto whole = static_cast<double>(counter.Count(text));
  EXPECT_NEAR(static_cast<double>(calibrator.Estimate("gpt-4o", "[\"" + text + "\"]")), whole, whole / 100);
}

}  // namespace
}  // namespace headroom::proxy
