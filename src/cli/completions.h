// What shells complete, made from the commands. Thread-safe.

#pragma once

#include <span>
#include <string>

#include "cli/command.h"

namespace headroom::cli {

// Scripts for the shell of that name. A command that passes on completes its arguments as the shell does.
std::string BashCompletions(std::span<const Command> commands);
std::string ZshCompletions(std::span<const Command> commands);
std::string FishCompletions(std::span<const Command> commands);

}  // namespace headroom::cli
