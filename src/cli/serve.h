// Runs the proxy from a Config: the composition root.

#pragma once

#include "cli/config.h"

namespace headroom::cli {

// Serves until SIGINT or SIGTERM. Prints the banner on stdout once it listens.
// Returns the exit status: 0 after a shutdown, 1 when it could not start, with
// one sentence on stderr.
int Serve(const Config& config);

}  // namespace headroom::cli
