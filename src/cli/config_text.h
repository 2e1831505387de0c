// A configuration as a file that gives the same one, with the origin of every value
// behind it. Secrets are masked, so they alone have to be put in again. Thread-safe.

#pragma once

#include <string>

#include "cli/config.h"

namespace headroom::cli {

//   port = 8080                      # --port
//   budget = 100                     # headroom.toml:3:1
//   # ca_file                          default, not set
//   proxy_token = "********"         # HEADROOM_PROXY_TOKEN
std::string ConfigText(const Config& config);

}  // namespace headroom::cli
