// The settings of the program (cli/options.h) as options of a command.
// Thread-safe.

#pragma once

#include <vector>

#include "cli/command.h"
#include "cli/options.h"

namespace headroom::cli {

// One option for each setting, in the table's order.
std::vector<CommandOption> SettingOptions();

// What was given for them; at most one per setting.
std::vector<Assignment> SettingAssignments(const Given& given);

}  // namespace headroom::cli
