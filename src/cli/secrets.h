// Secrets among the settings: given themselves, or as "@FILE" for the first line of a
// file, so that they stand neither on a command line nor in an environment. Thread-safe.

#pragma once

#include <string>

#include "base/status.h"

namespace headroom::cli {

// The secret that `text` gives; "~/" after the "@" is `home`.
// Errors: kInvalidArgument with one sentence: the file cannot be read, is empty or is larger
// than 16 KiB. Never repeats what is in it.
Result<std::string> ReadSecret(const std::string& text, const std::string& home);

}  // namespace headroom::cli
