// GET /metrics: all counters in Prometheus text. docs/metrics.md has the list.

#pragma once

#include <string>

#include "proxy/stats_report.h"

namespace headroom::proxy {

std::string MetricsText(const ReportSources& from);

}  // namespace headroom::proxy
