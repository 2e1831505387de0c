#include "cli/commands.h"

#include <algorithm>
#include <vector>

namespace headroom::cli {

std::span<const Command> Commands() {
  static const std::vector<Command> commands = {
      ProxyCommand(),    SetupCommand(),    RunCommand(),    StatsCommand(),       DoctorCommand(),
      CompressCommand(), RetrieveCommand(), PricesCommand(), ToinCommand(),        ConfigCommand(),
      DataCommand(),     OptionsCommand(),  ManCommand(),    CompletionsCommand(),
  };
  return commands;
}

const Command* FindCommand(std::string_view name) {
  const std::span<const Command> commands = Commands();
  const auto found =
      std::find_if(commands.begin(), commands.end(), [&](const Command& command) { return command.name == name; });
  return found == commands.end() ? nullptr : &*found;
}

}  // namespace headroom::cli
