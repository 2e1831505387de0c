// Runs the proxy from a Config: the composition root.

#pragma once

#include <functional>

#include "base/status.h"
#include "cli/config.h"

namespace headroom::cli {

// Serves until SIGINT or SIGTERM. Prints the banner on stdout once it listens.
// On SIGHUP takes over what `load`, which reads the sources of `config` again,
// gives (cli/reload.h); where that came because the terminal it was started on
// is gone, it ends. Returns the exit status: 0 after a shutdown, 1 when it could
// not start, with one sentence on stderr.
int Serve(const Config& config, const std::function<Result<Config>()>& load);

}  // namespace headroom::cli
