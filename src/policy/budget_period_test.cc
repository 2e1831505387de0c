#include "policy/budget_period.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <ctime>
#include <optional>
#include <string>

namespace headroom::policy {
namespace {

class BudgetPeriodTest : public ::testing::Test {
 protected:
  BudgetPeriodTest() {
    if (const char* zone = getenv("TZ"); zone != nullptr) before_ = zone;
  }
  ~BudgetPeriodTest() override {
    before_.has_value() ? setenv("TZ", before_->c_str(), 1) : unsetenv("TZ");
    tzset();
  }
  static void Use(const char* zone) {
    setenv("TZ", zone, 1);
    tzset();
  }
  // POSIX zones: no zone files are needed.
  static constexpr char kBerlin[] = "CET-1CEST,M3.5.0,M10.5.0/3";
  static constexpr char kGapAtMidnight[] = "CST5CDT,M3.2.0/0,M11.1.0/1";  // as in Havana

 private:
  std::optional<std::string> before_;
};

// Expected moments by `date -u -d ... +%s`.
TEST_F(BudgetPeriodTest, DayIsFromLocalMidnightToLocalMidnight) {
  Use(kBerlin);
  // 2026-11-24 00:00 in Berlin is 23:00 UTC of the 23rd.
  const TimeSpan day = SpanOf(BudgetPeriod::kDaily, 1'795'521'600);  // 2026-11-24T12:00:00Z
  EXPECT_EQ(day.begin, 1'795'474'800);
  EXPECT_EQ(day.end, 1'795'561'200);
  EXPECT_EQ(SpanOf(BudgetPeriod::kDaily, day.end - 1).begin, day.begin);
  EXPECT_EQ(SpanOf(BudgetPeriod::kDaily, day.end).begin, day.end);
  Use("UTC0");
  EXPECT_EQ(SpanOf(BudgetPeriod::kDaily, 1'795'521'600).begin, 1'795'478'400);
}

TEST_F(BudgetPeriodTest, DayOfAClockChangeHas23Or25Hours) {
  Use(kBerlin);
  const TimeSpan spring = SpanOf(BudgetPeriod::kDaily, 1'774'778'400);  // 2026-03-29T10:00:00Z
  EXPECT_EQ(spring.begin, 1'774'738'800);                               // 2026-03-28T23:00:00Z
  EXPECT_EQ(spring.end - spring.begin, 23 * 3600);
  const TimeSpan autumn = SpanOf(BudgetPeriod::kDaily, 1'792'922'400);  // 2026-10-25T10:00:00Z
  EXPECT_EQ(autumn.begin, 1'792'879'200);                               // 2026-10-24T22:00:00Z
  EXPECT_EQ(autumn.end - autumn.begin, 25 * 3600);
}

TEST_F(BudgetPeriodTest, DayWhoseMidnightIsSkippedBeginsAtTheEndOfTheGap) {
  Use(kGapAtMidnight);
  // 2026-03-08: 00:00 to 01:00 does not exist; 01:00 CDT is 05:00 UTC.
  const TimeSpan day = SpanOf(BudgetPeriod::kDaily, 1'772'978'400);  // 2026-03-08T14:00:00Z
  EXPECT_EQ(day.begin, 1'772'946'000);
  EXPECT_EQ(day.end, 1'773'028'800);  // 2026-03-09T04:00:00Z
  EXPECT_EQ(SpanOf(BudgetPeriod::kDaily, day.begin - 1).end, day.begin);
}

TEST_F(BudgetPeriodTest, DayWithTwoMidnightsBeginsAtTheFirst) {
  Use(kGapAtMidnight);
  // 2026-11-01: at 01:00 CDT (05:00 UTC) it is 00:00 again.
  const TimeSpan day = SpanOf(BudgetPeriod::kDaily, 1'793'545'200);  // 2026-11-01T15:00:00Z
  EXPECT_EQ(day.begin, 1'793'505'600);                               // 04:00 UTC
  EXPECT_EQ(day.end, 1'793'595'600);
  EXPECT_EQ(SpanOf(BudgetPeriod::kDaily, 1'793'509'200).begin, day.begin);  // the second midnight
}

TEST_F(BudgetPeriodTest, MonthIsFromItsFirstToTheNext) {
  Use("UTC0");
  const TimeSpan december = SpanOf(BudgetPeriod::kMonthly, 1'798'761'599);  // 2026-12-31T23:59:59Z
  EXPECT_EQ(december.begin, 1'796'083'200);
  EXPECT_EQ(december.end, 1'798'761'600);
  const TimeSpan february = SpanOf(BudgetPeriod::kMonthly, 1'834'531'200);  // 2028-02-19T00:00:00Z
  EXPECT_EQ(february.end - february.begin, 29 * 86'400);
}

TEST_F(BudgetPeriodTest, HourIsThatOfTheWallClock) {
  Use("NPT-5:45");
  const TimeSpan hour = SpanOf(BudgetPeriod::kHourly, 1'795'521'600);  // 12:00 UTC is 17:45
  EXPECT_EQ(hour.begin, 1'795'521'600 - 45 * 60);
  EXPECT_EQ(hour.end, hour.begin + 3600);
}

TEST_F(BudgetPeriodTest, NamesAreReadAndWritten) {
  for (const char* name : {"hourly", "daily", "monthly"}) {
    const Result<BudgetPeriod> period = ParseBudgetPeriod(name);
    ASSERT_TRUE(period.ok());
    EXPECT_EQ(BudgetPeriodName(*period), name);
  }
  EXPECT_EQ(ParseBudgetPeriod("weekly").status().code(), Code::kInvalidArgument);
}

}  // namespace
}  // namespace headroom::policy
