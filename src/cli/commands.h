// The sub-commands of the program, in the order in which help lists them.
// Constant; thread-safe.

#pragma once

#include <span>
#include <string_view>

#include "cli/command.h"

namespace headroom::cli {

std::span<const Command> Commands();
// Null when there is none.
const Command* FindCommand(std::string_view name);

// One file each: proxy_command.cc and so on.
Command ProxyCommand();
Command CompressCommand();
Command RetrieveCommand();
Command PricesCommand();
Command ToinCommand();
Command ConfigCommand();
Command SetupCommand();
Command RunCommand();
Command StatsCommand();
Command DoctorCommand();
Command DataCommand();
Command OptionsCommand();
Command ManCommand();
Command CompletionsCommand();

}  // namespace headroom::cli
