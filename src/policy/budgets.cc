#include "policy/budgets.h"

#include <utility>

namespace headroom::policy {

Budgets::Budgets(Options options, const Clock& clock) : options_(std::move(options)), clock_(clock) {
  for (const Tenant& tenant : options_.tenants) limits_.emplace(tenant.tenant, tenant.limit);
}

bool Budgets::any() const {
  return options_.installation.has_value() || options_.each_tenant.has_value() || !limits_.empty();
}

std::vector<Budgets::Added> Budgets::AddTo(store::Claim& claim, const store::TenantId& tenant, int64_t amount) const {
  std::vector<Added> added;
  const auto add = [&](std::string_view scope, const store::TenantId& of, const BudgetLimit& limit) {
    const TimeSpan span = Span(limit.period);
    claim.budgets.push_back({KeyOf(scope, of, limit, span), amount, limit.nanodollars, span.end});
    added.push_back({limit.period, scope == "tenant"});
  };
  if (options_.installation.has_value()) add("installation", {}, *options_.installation);
  const auto own = limits_.find(tenant);
  if (own != limits_.end()) {
    add("tenant", tenant, own->second);
  } else if (options_.each_tenant.has_value()) {
    add("tenant", tenant, *options_.each_tenant);
  }
  return added;
}

std::vector<Budgets::Standing> Budgets::Standings(store::Counters& counters) const {
  std::vector<Standing> standings;
  std::vector<Hash128> keys;
  const auto add = [&](std::string_view scope, const Tenant& of) {
    const TimeSpan span = Span(of.limit.period);
    keys.push_back(KeyOf(scope, of.tenant, of.limit, span));
    standings.push_back({.name = of.name, .limit = of.limit, .span = span});
  };
  if (options_.installation.has_value()) add("installation", {{}, {}, *options_.installation});
  for (const Tenant& tenant : options_.tenants) add("tenant", tenant);
  const std::vector<store::BudgetState> states = counters.Read(keys);
  for (size_t i = 0; i < standings.size(); ++i) {
    standings[i].spent = states[i].spent;
    standings[i].held = states[i].held;
  }
  return standings;
}

TimeSpan Budgets::Span(BudgetPeriod period) const {
  const int64_t now = clock_.UnixMillis() / 1000;
  const std::lock_guard lock(mutex_);
  TimeSpan& span = spans_[static_cast<size_t>(period)];
  if (!span.Contains(now)) span = SpanOf(period, now);
  return span;
}

Hash128 Budgets::KeyOf(std::string_view scope, const store::TenantId& tenant, const BudgetLimit& limit,
                       const TimeSpan& span) {
  return Hasher128()
      .Add("budget")
      .Add(scope)
      .Add(tenant)
      .Add(BudgetPeriodName(limit.period))
      .Add(std::to_string(span.begin))
      .Finish();
}

}  // namespace headroom::policy
