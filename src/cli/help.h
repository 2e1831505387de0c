// The help texts of the program and its commands. Thread-safe.

#pragma once

#include <span>
#include <string>

#include "cli/command.h"

namespace headroom::cli {

// headroom --help
std::string HelpText(std::span<const Command> commands);

// headroom COMMAND --help. No line is longer than 120 characters.
std::string CommandHelpText(const Command& command);

}  // namespace headroom::cli
