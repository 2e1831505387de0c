#include "cli/commands.h"
#include "cli/output.h"
#include "cli/serve.h"
#include "cli/setting_options.h"

namespace headroom::cli {
namespace {

int Run(const Given& given, const Environment& environment) {
  const auto load = [&] { return Load(SettingAssignments(given), environment); };
  const Result<Config> config = load();
  return config.ok() ? Serve(*config, load) : Fail(kUsageError, config.status().detail());
}

}  // namespace

Command ProxyCommand() {
  return {.name = "proxy",
          .summary = "Run the proxy (headroom proxy --help lists its options)",
          .usage = {"[OPTIONS]"},
          .about =
              "Runs the proxy. Each option is also an environment variable (--data-dir: HEADROOM_DATA_DIR) and a key "
              "of the configuration file (data_dir). The command line wins over the environment, the environment over "
              "the file. Defaults stand in brackets. A switch has an opposite that restores its default (--no-cache, "
              "--cache).",
          .options = SettingOptions(),
          .exit_status =
              "0 after a shutdown by SIGINT or SIGTERM (SIGHUP reads the configuration again); 1 it could not start; 2 "
              "a setting cannot be read.",
          .run = Run};
}

}  // namespace headroom::cli
