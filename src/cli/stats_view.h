// The figures of /stats as a few lines for a terminal. Thread-safe.

#pragma once

#include <string>

#include "base/status.h"

namespace headroom::cli {

// `json` is what /stats answered. Lines whose figures are not in it are left out.
// Errors: kInvalidArgument: it is no such JSON.
Result<std::string> StatsView(const std::string& json);

// "1,234,567"
std::string Grouped(const std::string& digits);

}  // namespace headroom::cli
