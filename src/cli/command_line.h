// The command line taken apart; values are not judged here. Thread-safe.

#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "cli/compress_settings.h"
#include "cli/options.h"
#include "cli/prices.h"
#include "cli/retrieve_command.h"
#include "cli/toin_command.h"

namespace headroom::cli {

struct CommandLine {
  enum class Command {
    kHelp,
    kVersion,
    kProxyHelp,
    kCompressHelp,
    kRetrieveHelp,
    kPricesHelp,
    kToinHelp,
    kOptions,
    kProxy,
    kCompress,
    kRetrieve,
    kPrices,
    kToin
  };

  Command command = Command::kHelp;
  std::vector<Assignment> assignments = {};  // for kProxy; at most one per option, the last one given
  CompressOptions compress = {};
  RetrieveOptions retrieve = {};
  PricesOptions prices = {};
  ToinOptions toin = {};
};

// `arguments` without the program's name.
// Errors: kInvalidArgument with one sentence: no or an unknown command, an
// unknown option, an option without its value, a missing or superfluous argument.
Result<CommandLine> ParseCommandLine(const std::vector<std::string>& arguments);

}  // namespace headroom::cli
