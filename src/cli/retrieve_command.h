// headroom retrieve: the original behind a marker, or the part of it that a question
// is about, to standard output. Thread-safe.

#pragma once

#include <optional>
#include <string>

#include "cli/load.h"

namespace headroom::cli {

struct RetrieveOptions {
  std::string hash;
  std::optional<std::string> query;
  std::optional<std::string> key_env;  // variable with the API key that a proxy kept the original under
  std::optional<std::string> data_dir;
  std::optional<std::string> config;
};

// Returns the exit status: 0; 1 when the data directory or the output fails; 2 for a hash or setting that cannot be
// read; 3 when nothing is kept under the hash (for these keys, or any more). One sentence on stderr says why.
int RetrieveOriginal(const RetrieveOptions& options, const Environment& environment);

}  // namespace headroom::cli
