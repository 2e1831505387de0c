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

TEST(CalibratorTest, LearnsTheRatioOfTheFirstOfEveryFewRequests) {
  WorkerPool workers({.threads = 1});
  Calibrator calibrator(workers);
  const std::string body = R"({"messages":["one two three four five six seven eight nine ten"]})";
  const size_t counted = tokens::CounterFor("gpt-4o").Count("one two three four five six seven eight nine ten");
  calibrator.Offer("gpt-4o", body, 2 * counted);
  for (uint64_t i = 1; i < Calibrator::kEvery; ++i) calibrator.Offer("gpt-4o", body, counted);
  workers.Stop();
  EXPECT_DOUBLE_EQ(calibrator.Ratio("gpt-4o"), 2.0);
  EXPECT_EQ(calibrator.Correct("gpt-4o", 100), 200u);
  EXPECT_EQ(calibrator.Correct("other", 100), 100u);
}

double RatioOfOneOffer(std::string_view body, uint64_t billed) {
  WorkerPool workers({.threads = 1});
  Calibrator calibrator(workers);
  calibrator.Offer("m", body, billed);
  workers.Stop();
  return calibrator.Ratio("m");
}

TEST(CalibratorTest, LeavesPicturesAndBodiesPastTheLimitOut) {
  EXPECT_DOUBLE_EQ(RatioOfOneOffer(R"({"type":"image","text":"one"})", 1000), 1.0);
  EXPECT_DOUBLE_EQ(RatioOfOneOffer("\"" + std::string(Calibrator::kMaxBytes - 1, 'a') + "\"", 1), 1.0);
  // At the limit it counts; the ratio is clamped.
  EXPECT_DOUBLE_EQ(RatioOfOneOffer("\"" + std::string(Calibrator::kMaxBytes - 2, 'a') + "\"", 1), 0.5);
}

}  // namespace
}  // namespace headroom::proxy
