#include "policy/budget_period.h"

#include <ctime>

namespace headroom::policy {
namespace {

struct Date {
  int year = 0;  // as in tm
  int month = 0;
  int day = 0;

  auto operator<=>(const Date&) const = default;
};

std::tm LocalTime(int64_t unix_seconds) {
  const auto moment = static_cast<time_t>(unix_seconds);
  std::tm local{};
  localtime_r(&moment, &local);
  return local;
}

Date DateAt(int64_t unix_seconds) {
  const std::tm local = LocalTime(unix_seconds);
  return {local.tm_year, local.tm_mon, local.tm_mday};
}

// Noon exists once on every date; days and months out of range are carried over.
int64_t NoonOf(const Date& date) {
  std::tm noon{};
  noon.tm_year = date.year;
  noon.tm_mon = date.month;
  noon.tm_mday = date.day;
  noon.tm_hour = 12;
  noon.tm_isdst = -1;
  return std::mktime(&noon);
}

// The date that `date` stands for where its day or month is out of range.
int64_t FirstMomentOf(const Date& date) {
  const int64_t noon = NoonOf(date);
  const Date meant = DateAt(noon);
  int64_t before = NoonOf({date.year, date.month, date.day - 1});
  int64_t after = noon;
  while (after - before > 1) {
    const int64_t middle = before + (after - before) / 2;
    (DateAt(middle) < meant ? before : after) = middle;
  }
  return after;
}

}  // namespace

Result<BudgetPeriod> ParseBudgetPeriod(std::string_view text) {
  for (const BudgetPeriod period : {BudgetPeriod::kHourly, BudgetPeriod::kDaily, BudgetPeriod::kMonthly}) {
    if (text == BudgetPeriodName(period)) return period;
  }
  return Status(Code::kInvalidArgument, "'" + std::string(text) + "' is not hourly, daily or monthly");
}

std::string_view BudgetPeriodName(BudgetPeriod period) {
  switch (period) {
    case BudgetPeriod::kHourly:
      return "hourly";
    case BudgetPeriod::kDaily:
      return "daily";
    case BudgetPeriod::kMonthly:
      break;
  }
  return "monthly";
}

TimeSpan SpanOf(BudgetPeriod period, int64_t unix_seconds) {
  const std::tm local = LocalTime(unix_seconds);
  if (period == BudgetPeriod::kHourly) {
    const int64_t begin = unix_seconds - local.tm_min * 60 - local.tm_sec;
    return {begin, begin + 3600};
  }
  const bool daily = period == BudgetPeriod::kDaily;
  const Date first{local.tm_year, local.tm_mon, daily ? local.tm_mday : 1};
  const Date next{first.year, daily ? first.month : first.month + 1, daily ? first.day + 1 : 1};
  return {FirstMomentOf(first), FirstMomentOf(next)};
}

}  // namespace headroom::policy
