#include "text/salience.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <vector>

namespace headroom::text {
namespace {

TEST(OutliersTest, FindsTheValueFarFromTheMedian) {
  EXPECT_EQ(Outliers(std::vector<double>{10, 11, 9, 10, 12, 500, 10}), (std::vector<size_t>{5}));
}

TEST(OutliersTest, AmongEqualValuesAnyOtherIsOne) {
  EXPECT_EQ(Outliers(std::vector<double>{7, 7, 7, 8, 7, 7}), (std::vector<size_t>{3}));
}

TEST(OutliersTest, FewerThanFiveHaveNone) {
  EXPECT_TRUE(Outliers(std::vector<double>{1, 1, 1, 900}).empty());
  EXPECT_EQ(Outliers(std::vector<double>{1, 1, 1, 1, 900}), (std::vector<size_t>{4}));
}

TEST(OutliersTest, PassesOverWhatIsNoNumber) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(Outliers(std::vector<double>{nan, 7, 7, 7, 7, 7, 90, nan}), (std::vector<size_t>{6}));
}

TEST(ChangePointsTest, FindsACleanStepAtTheMiddle) {
  std::vector<double> values(20, 10.0);
  for (size_t i = 10; i < 20; ++i) values[i] = 90;
  EXPECT_EQ(ChangePoints(values), (std::vector<size_t>{10}));
}

TEST(ChangePointsTest, FindsANoisyStep) {
  std::mt19937 random(7);
  std::vector<double> values;
  for (size_t i = 0; i < 200; ++i) values.push_back((i < 120 ? 10.0 : 90.0) + static_cast<double>(random() % 8));
  EXPECT_EQ(ChangePoints(values), (std::vector<size_t>{120}));
}

TEST(ChangePointsTest, NeedsFiveValuesOnEitherSide) {
  EXPECT_TRUE(ChangePoints(std::vector<double>{1, 1, 1, 1, 9, 9, 9, 9, 9, 9}).empty());
  EXPECT_EQ(ChangePoints(std::vector<double>{1, 1, 1, 1, 1, 9, 9, 9, 9, 9}), (std::vector<size_t>{5}));
}

TEST(ChangePointsTest, ARampAndASpikeAreNone) {
  std::vector<double> ramp;
  for (int i = 0; i < 50; ++i) ramp.push_back(i);
  EXPECT_TRUE(ChangePoints(ramp).empty());
  std::vector<double> spike(50, 3.0);
  spike[25] = 1000;
  EXPECT_TRUE(ChangePoints(spike).empty());
}

}  // namespace
}  // namespace headroom::text
