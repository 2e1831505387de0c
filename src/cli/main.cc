#include <string>
#include <vector>

#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/help.h"
#include "cli/output.h"
#include "cli/version.h"

namespace headroom::cli {
namespace {

int Run(const std::vector<std::string>& arguments) {
  const Result<CommandLine> command_line = ParseCommandLine(arguments, Commands());
  if (!command_line.ok()) return Fail(kUsageError, command_line.status().detail());
  const Command* command = command_line->command;
  switch (command_line->wish) {
    case CommandLine::Wish::kHelp:
      return Print(command == nullptr ? HelpText(Commands()) : CommandHelpText(*command));
    case CommandLine::Wish::kVersion:
      return Print("headroom " + std::string(Version()) + "\n");
    case CommandLine::Wish::kRun:
      break;
  }
  return command->run(command_line->given, ProcessEnvironment());
}

}  // namespace
}  // namespace headroom::cli

int main(int argc, char** argv) {
  return headroom::cli::Run(std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc));
}
