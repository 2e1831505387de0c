// headroom toin: what the proxy learnt, to a file or from one, or in figures. Works on the
// file that a running proxy uses, which takes over what is imported when it saves next. Thread-safe.

#pragma once

#include <string>

#include "cli/config.h"

namespace headroom::cli {

// Where what is learnt lies: toin_path, else toin.json in the data directory.
std::string ToinPath(const Config& config);

}  // namespace headroom::cli
