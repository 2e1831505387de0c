// The hours, days and months that budgets are for, by this machine's time zone.
//
// A day begins with the first moment of its date, whatever the zone does there:
// where clocks go forward over midnight, at the end of the gap; where they go
// back over it, at the first of the two midnights. A day has 23 to 25 hours then.
// An hour is what a wall clock calls one.
//
// Thread-safe; the zone is that of the environment (TZ) or else of the system.

#pragma once

#include <cstdint>
#include <string_view>

#include "base/status.h"

namespace headroom::policy {

enum class BudgetPeriod { kHourly, kDaily, kMonthly };

// "hourly", "daily", "monthly". Errors: kInvalidArgument.
Result<BudgetPeriod> ParseBudgetPeriod(std::string_view text);
std::string_view BudgetPeriodName(BudgetPeriod period);

// Unix seconds, [begin, end).
struct TimeSpan {
  int64_t begin = 0;
  int64_t end = 0;

  bool Contains(int64_t moment) const { return begin <= moment && moment < end; }
};

// The span of `period` that `unix_seconds` is in. Cost: some microseconds.
TimeSpan SpanOf(BudgetPeriod period, int64_t unix_seconds);

}  // namespace headroom::policy
