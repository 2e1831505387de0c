#include "proxy/admission_report.h"

#include <fmt/format.h>

#include "json/strings.h"
#include "proxy/exposition.h"

namespace headroom::proxy {
namespace {

using Standing = policy::Budgets::Standing;

std::string StandingJson(const Standing& standing) {
  const std::string name = standing.name.empty() ? "null" : json::Quote(standing.name);
  return fmt::format(
      R"({{"tenant":{},"period":"{}","limit_usd":{},"spent_usd":{},"held_usd":{},"remaining_usd":{},"ends_at":{}}})",
      name, policy::BudgetPeriodName(standing.limit.period), Dollars(standing.limit.nanodollars),
      Dollars(standing.spent), Dollars(standing.held), Dollars(standing.remaining()), standing.span.end);
}

std::string RateLimiterJson(const Admission::Report& report) {
  if (report.rates.requests_per_minute == 0 && report.rates.tokens_per_minute == 0) return "null";
  return fmt::format(R"({{"requests_per_minute":{},"tokens_per_minute":{},"active_keys":{},"refused":{}}})",
                     report.rates.requests_per_minute, report.rates.tokens_per_minute, report.active_buckets,
                     report.rate_limited);
}

}  // namespace

std::string AdmissionMembers(const Admission::Report& report) {
  std::string budgets;
  for (const Standing& standing : report.standings) {
    budgets.append(budgets.empty() ? "" : ",").append(StandingJson(standing));
  }
  std::string guesses;
  for (const auto& [model, count] : report.guessed_prices) {
    guesses.append(guesses.empty() ? "" : ",").append(fmt::format("{}:{}", json::Quote(model), count));
  }
  return fmt::format(R"("rate_limiter":{},"budgets":[{}],"over_budget":{{"refused":{},"held_back":{}}},)"
                     R"("guessed_prices":{{{}}})",
                     RateLimiterJson(report), budgets, report.over_budget, report.held_back, guesses);
}

std::string BudgetMembers(const Admission::Report& report) {
  const bool has = !report.standings.empty() && report.standings.front().name.empty();
  if (!has) return R"("period_cost_usd":null,"budget_limit_usd":null,"budget_period":null,"budget_remaining_usd":null)";
  const Standing& standing = report.standings.front();
  return fmt::format(R"("period_cost_usd":{},"budget_limit_usd":{},"budget_period":"{}","budget_remaining_usd":{})",
                     Dollars(standing.spent), Dollars(standing.limit.nanodollars),
                     policy::BudgetPeriodName(standing.limit.period), Dollars(standing.remaining()));
}

}  // namespace headroom::proxy
