// The command line taken apart; values are not judged here. Thread-safe.

#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "cli/options.h"

namespace headroom::cli {

struct CommandLine {
  enum class Command { kHelp, kVersion, kProxyHelp, kOptions, kProxy };

  Command command = Command::kHelp;
  std::vector<Assignment> assignments;  // for kProxy; at most one per option, the last one given
};

// `arguments` without the program's name.
// Errors: kInvalidArgument with one sentence: no or an unknown command, an
// unknown option, an option without its value.
Result<CommandLine> ParseCommandLine(const std::vector<std::string>& arguments);

}  // namespace headroom::cli
