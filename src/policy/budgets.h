// Who may spend how much in which period.
//
//   the installation   one budget for all
//   a tenant           its own budget, or else the one that each tenant has
//
// A request counts against both. What a period has spent is kept under a key of
// scope and period's begin: another limit for the same period takes effect on
// what was spent already, another period begins at nothing. Thread-safe.

#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "policy/budget_period.h"
#include "store/counters.h"
#include "store/store.h"

namespace headroom::policy {

struct BudgetLimit {
  int64_t nanodollars = 0;  // 0: nothing may be spent
  BudgetPeriod period = BudgetPeriod::kDaily;
};

class Budgets {
 public:
  // The most that can be set: counters keep figures up to here.
  static constexpr int64_t kMaxNanodollars = 9'000'000'000'000'000;

  struct Tenant {
    std::string name;  // as the configuration calls it
    store::TenantId tenant;
    BudgetLimit limit;
  };
  struct Options {
    std::optional<BudgetLimit> installation = {};
    std::optional<BudgetLimit> each_tenant = {};  // of those without their own
    std::vector<Tenant> tenants = {};
  };

  // The clock must outlive it.
  Budgets(Options options, const Clock& clock);

  // False: nothing is limited, and AddTo adds nothing.
  bool any() const;

  // Whose a budget of a claim is.
  struct Added {
    BudgetPeriod period = BudgetPeriod::kDaily;
    bool of_tenant = false;
  };
  // Adds the budgets that a request of `tenant` counts against, each with `amount`; returns them in their order.
  std::vector<Added> AddTo(store::Claim& claim, const store::TenantId& tenant, int64_t amount) const;

  struct Standing {
    std::string name;  // of a tenant's; "" for the installation's
    BudgetLimit limit;
    TimeSpan span;
    int64_t spent = 0;
    int64_t held = 0;

    int64_t remaining() const { return limit.nanodollars > spent ? limit.nanodollars - spent : 0; }
  };
  // The installation's first, where there is one, then each configured tenant's.
  // May wait as Counters::Read does.
  std::vector<Standing> Standings(store::Counters& counters) const;

 private:
  TimeSpan Span(BudgetPeriod period) const;
  static Hash128 KeyOf(std::string_view scope, const store::TenantId& tenant, const BudgetLimit& limit,
                       const TimeSpan& span);

  const Options options_;
  std::map<store::TenantId, BudgetLimit> limits_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  mutable std::array<TimeSpan, 3> spans_;  // the last of each period; guarded by mutex_
};

}  // namespace headroom::policy
