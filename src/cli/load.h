// From the command line, the environment and the configuration file to one
// Config. Thread-safe.

#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "cli/config.h"
#include "cli/options.h"

namespace headroom::cli {

// Value of an environment variable; nothing when it is not set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

// The process's own.
Environment ProcessEnvironment();

// Applies file, environment and `command_line` in this order; a later source
// wins, but every value given has to be readable. An empty variable counts as
// not set. Paths have "~/" expanded, workers is resolved, the default upstream
// rows are appended.
// Errors: kInvalidArgument, kNotFound with one sentence that names the origin:
// "HEADROOM_PORT: '99999' is not a port (1-65535)".
Result<Config> Load(const std::vector<Assignment>& command_line, const Environment& environment);

// The settings of the program where only --data-dir and --config can be given.
Result<Config> LoadLocal(const std::optional<std::string>& data_dir, const std::optional<std::string>& config,
                         const Environment& environment);

}  // namespace headroom::cli
