// A request that is not admitted, in the words of its provider: the status, the
// error's names, Retry-After and the rate-limit headers that clients read.
//
//   what                       status   type, code (Messages | OpenAI)                                x-should-retry
//   requests or tokens         429      rate_limit_error | requests, tokens; rate_limit_exceeded      -
//   a budget is spent          429/402  rate_limit_error, billing_error | insufficient_quota;         false
//                                       budget_exceeded
//   its rest is held           429      as requests; budget_held                                      true

#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "policy/budget_period.h"
#include "proxy/api.h"
#include "store/counters.h"

namespace headroom::proxy {

// One bucket and how it stands.
struct LimitState {
  int64_t per_minute = 0;
  store::BucketState state;
};

struct RateRefusal {
  std::optional<LimitState> requests;  // where there is such a limit
  std::optional<LimitState> tokens;
  int64_t unix_millis = 0;  // now
};
Reply RateLimitReply(Api api, const RateRefusal& refusal);

struct BudgetRefusal {
  int64_t limit = 0;  // nano-dollars
  policy::BudgetPeriod period = policy::BudgetPeriod::kDaily;
  bool of_tenant = false;
  int64_t ends_at = 0;       // Unix seconds
  int64_t unix_seconds = 0;  // now
  bool held_only = false;    // what was spent is below the limit
  int status = 429;          // of a budget that is spent: 429 or 402
};
Reply BudgetReply(Api api, const BudgetRefusal& refusal);

}  // namespace headroom::proxy
