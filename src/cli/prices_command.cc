#include "cli/commands.h"
#include "cli/output.h"
#include "cli/prices.h"

namespace headroom::cli {
namespace {

constexpr int kUnknownModel = 3;

int Run(const Given& given, const Environment& environment) {
  const Result<Config> config = LoadLocal(given, environment);
  if (!config.ok()) return Fail(kUsageError, config.status().detail());
  std::optional<std::string> model;
  if (!given.arguments().empty()) model = given.Argument(0);
  const std::string table = PricesTable(policy::ModelCatalog(config->models), model);
  if (table.empty()) return Fail(kUnknownModel, "nothing is known of the model " + given.Argument(0));
  return Print(table);
}

}  // namespace

Command PricesCommand() {
  return {.name = "prices",
          .summary = "Print the context windows and prices of models",
          .usage = {"[OPTIONS] [MODEL]"},
          .about =
              "Prints what is known of MODEL, or of every listed model: its context window, the most prompt tokens "
              "that its provider takes, and its prices in dollars per million tokens, with the date of the price "
              "list. Settings of yours are in it (docs/configuration.md, Models).",
          .options = LocalOptions("Where models.json is"),
          .arguments = {{.name = "MODEL", .noun = "model"}},
          .exit_status = "0 done; 1 the output failed; 2 a setting cannot be read; 3 nothing is known of MODEL.",
          .run = Run};
}

}  // namespace headroom::cli
