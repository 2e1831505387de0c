// The command line taken apart; values are not judged here. Thread-safe.

#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/status.h"
#include "cli/command.h"

namespace headroom::cli {

struct CommandLine {
  enum class Wish { kRun, kHelp, kVersion };

  Wish wish = Wish::kHelp;
  const Command* command = nullptr;  // null where none was named: the program's own help or version
  Given given = {};                  // for kRun
};

// `arguments` without the program's name; `commands` outlives the result.
// Errors: kInvalidArgument with one sentence: no or an unknown command, an unknown option,
// an option without its value, a missing, superfluous or unknown argument.
Result<CommandLine> ParseCommandLine(const std::vector<std::string>& arguments, std::span<const Command> commands);

}  // namespace headroom::cli
