// What a line of build or test output is, by its form alone. See log_lines.h.

#pragma once

#include <string_view>

#include "text/log_lines.h"

namespace headroom::text {

// Cost: O(line), mostly O(1).
LogRole RoleOf(std::string_view line);

}  // namespace headroom::text
