// headroom toin: what the proxy learnt, to a file or from one, or in figures. Works on the
// file that a running proxy uses, which takes over what is imported when it saves next. Thread-safe.

#pragma once

#include <optional>
#include <string>

#include "cli/load.h"

namespace headroom::cli {

struct ToinOptions {
  std::string action;  // "export", "import", "stats"
  std::string file = "-";
  std::optional<std::string> data_dir;
  std::optional<std::string> config;
};

// Where what is learnt lies: toin_path, else toin.json in the data directory.
std::string ToinPath(const Config& config);

// An import takes over each pattern that has seen more than the one that is there, so that importing twice changes
// nothing. Returns the exit status: 0; 1 when a file cannot be read or written; 2 for a wrong action or setting; 3 for
// a file that is none of patterns, or made under another installation's key. One sentence on stderr says why.
int Toin(const ToinOptions& options, const Environment& environment);

}  // namespace headroom::cli
