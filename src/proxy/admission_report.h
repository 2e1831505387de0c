// How rate limits and budgets stand, as /stats shows it.

#pragma once

#include <string>

#include "proxy/admission.h"

namespace headroom::proxy {

// Members of a JSON object, without braces: "rate_limiter" (null where nothing is
// limited) and "budgets", the installation's first.
std::string AdmissionMembers(const Admission::Report& report);

// Members of "cost": budget_limit_usd, budget_period, budget_remaining_usd of the
// installation's budget; null where there is none.
std::string BudgetMembers(const Admission::Report& report);

}  // namespace headroom::proxy
