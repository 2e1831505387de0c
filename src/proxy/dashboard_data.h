// Everything that the dashboard shows, as one JSON document. docs/dashboard.md
// names its fields.

#pragma once

#include <string>
#include <vector>

#include "policy/budgets.h"
#include "proxy/activity.h"
#include "proxy/metrics.h"
#include "proxy/retrieval_log.h"
#include "store/store.h"

namespace headroom::proxy {

struct DashboardFacts {
  const std::string& version;
  bool optimize = true;
  bool draining = false;
  int64_t started = 0;  // Unix seconds
  const Activity& activity;
  const Metrics& metrics;
  const RetrievalLog& retrievals;
  std::vector<policy::Budgets::Standing> budgets;  // as Budgets::Standings
  store::Store& store;
};

// Cost: O(its size), which the bounds of Activity bound.
std::string DashboardJson(const DashboardFacts& facts);

}  // namespace headroom::proxy
