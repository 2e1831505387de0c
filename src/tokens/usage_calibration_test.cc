#include "tokens/usage_calibration.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace headroom::tokens {
namespace {

TEST(UsageCalibrationTest, LeavesCountsOfAnUnseenModelAlone) {
  const UsageCalibration calibration;
  EXPECT_EQ(calibration.Correct("claude-x", 1234), 1234u);
  EXPECT_EQ(calibration.Ratio("claude-x"), 1.0);
}

TEST(UsageCalibrationTest, CorrectsByTheObservedRatioOfThatModelOnly) {
  UsageCalibration calibration;
  calibration.Observe("claude-x", 1000, 1200);
  EXPECT_EQ(calibration.Correct("claude-x", 500), 600u);
  EXPECT_EQ(calibration.Correct("claude-y", 500), 500u);
}

TEST(UsageCalibrationTest, WeighsLargeRequestsMore) {
  UsageCalibration calibration;
  calibration.Observe("m", 99000, 99000);
  calibration.Observe("m", 1000, 2000);
  EXPECT_NEAR(calibration.Ratio("m"), 1.01, 0.001);
}

TEST(UsageCalibrationTest, FadesByHalfInTheHalfLife) {
  UsageCalibration::Options options;
  options.half_life = 4;
  UsageCalibration calibration(options);
  for (int i = 0; i < 400; ++i) calibration.Observe("m", 1000, 1000);
  for (int i = 0; i < 4; ++i) calibration.Observe("m", 1000, 2000);
  EXPECT_NEAR(calibration.Ratio("m"), 1.5, 1e-9);
}

TEST(UsageCalibrationTest, ClampsRatiosThatAreNotAboutTokenisers) {
  UsageCalibration calibration;
  calibration.Observe("high", 10, 100000);
  calibration.Observe("low", 100000, 10);
  EXPECT_EQ(calibration.Ratio("high"), 2.5);
  EXPECT_EQ(calibration.Ratio("low"), 0.5);
}

TEST(UsageCalibrationTest, IgnoresZeros) {
  UsageCalibration calibration;
  calibration.Observe("m", 0, 10);
  calibration.Observe("m", 10, 0);
  EXPECT_EQ(calibration.size(), 0u);
}

TEST(UsageCalibrationTest, ForgetsTheModelObservedLongestAgoWhenOneTooManyComes) {
  UsageCalibration::Options options;
  options.max_models = 2;
  UsageCalibration calibration(options);
  calibration.Observe("a", 100, 110);
  calibration.Observe("b", 100, 120);
  EXPECT_EQ(calibration.size(), 2u);
  calibration.Observe("a", 100, 110);
  calibration.Observe("c", 100, 130);
  EXPECT_EQ(calibration.size(), 2u);
  EXPECT_NEAR(calibration.Ratio("a"), 1.1, 1e-9);
  EXPECT_EQ(calibration.Ratio("b"), 1.0);
  EXPECT_NEAR(calibration.Ratio("c"), 1.3, 1e-9);
}

TEST(UsageCalibrationTest, LearnsNamesUpToTheirLimit) {
  UsageCalibration calibration;
  calibration.Observe(std::string(256, 'm'), 100, 200);
  calibration.Observe(std::string(257, 'm'), 100, 200);
  EXPECT_EQ(calibration.size(), 1u);
  EXPECT_EQ(calibration.Ratio(std::string(256, 'm')), 2.0);
}

TEST(UsageCalibrationTest, TakesObservationsFromManyThreads) {
  UsageCalibration calibration;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&calibration, t] {
      for (int i = 0; i < 500; ++i) calibration.Observe("m" + std::to_string((t + i) % 8), 100, 150);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(calibration.size(), 8u);
  EXPECT_NEAR(calibration.Ratio("m3"), 1.5, 1e-9);
}

}  // namespace
}  // namespace headroom::tokens
