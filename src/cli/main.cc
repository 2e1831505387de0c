#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command_line.h"
#include "cli/compress.h"
#include "cli/help.h"
#include "cli/load.h"
#include "cli/prices.h"
#include "cli/retrieve_command.h"
#include "cli/serve.h"
#include "cli/toin_command.h"
#include "cli/version.h"

namespace headroom::cli {
namespace {

constexpr int kUsageError = 2;

int Print(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  return std::fflush(stdout) == 0 ? 0 : 1;
}

int Fail(const Status& status) {
  std::fprintf(stderr, "headroom: %s\n", status.detail().c_str());
  return kUsageError;
}

int RunProxy(const CommandLine& command_line) {
  const Result<Config> config = Load(command_line.assignments, ProcessEnvironment());
  return config.ok() ? Serve(*config) : Fail(config.status());
}

int Run(const std::vector<std::string>& arguments) {
  const Result<CommandLine> command_line = ParseCommandLine(arguments);
  if (!command_line.ok()) return Fail(command_line.status());
  switch (command_line->command) {
    case CommandLine::Command::kHelp:
      return Print(HelpText());
    case CommandLine::Command::kVersion:
      return Print("headroom " + std::string(Version()) + "\n");
    case CommandLine::Command::kProxyHelp:
      return Print(ProxyHelpText());
    case CommandLine::Command::kCompressHelp:
      return Print(CompressHelpText());
    case CommandLine::Command::kRetrieveHelp:
      return Print(RetrieveHelpText());
    case CommandLine::Command::kPricesHelp:
      return Print(PricesHelpText());
    case CommandLine::Command::kToinHelp:
      return Print(ToinHelpText());
    case CommandLine::Command::kOptions:
      return Print(OptionsReference());
    case CommandLine::Command::kCompress:
      return Compress(command_line->compress, ProcessEnvironment());
    case CommandLine::Command::kRetrieve:
      return RetrieveOriginal(command_line->retrieve, ProcessEnvironment());
    case CommandLine::Command::kPrices:
      return PrintPrices(command_line->prices, ProcessEnvironment());
    case CommandLine::Command::kToin:
      return Toin(command_line->toin, ProcessEnvironment());
    case CommandLine::Command::kProxy:
      break;
  }
  return RunProxy(*command_line);
}

}  // namespace
}  // namespace headroom::cli

int main(int argc, char** argv) {
  return headroom::cli::Run(std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc));
}
