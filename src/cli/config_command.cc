#include "cli/banner.h"
#include "cli/commands.h"
#include "cli/config_text.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/setting_options.h"
#include "net/tls_server.h"

namespace headroom::cli {
namespace {

// FILE stands for --config FILE.
std::vector<Assignment> AssignmentsOf(const Given& given) {
  std::vector<Assignment> assignments = SettingAssignments(given);
  if (given.arguments().size() > 1) assignments.push_back({FindOption("config"), given.Argument(1), "FILE"});
  return assignments;
}

Status CheckFiles(const Config& config) {
  if (config.tls_cert.empty()) return {};
  return net::TlsServer::Load(config.tls_cert, config.tls_key).status();
}

int Check(const Config& config) {
  if (const Status files = CheckFiles(config); !files.ok()) return Fail(kUsageError, files.detail());
  std::string out = config.config_file.empty() ? "no file is given: " : config.config_file + ": ";
  out += std::to_string(config.origins.size()) + " settings that are not defaults, " +
         std::to_string(config.upstreams.size()) + " upstreams, no mistake\n";
  if (const std::string notice = NoEffectNotice(config); !notice.empty()) out += notice + "\n";
  if (const std::string notice = OpenNotice(config); !notice.empty()) out += notice + "\n";
  return Print(out);
}

int Run(const Given& given, const Environment& environment) {
  const Result<Config> config = Load(AssignmentsOf(given), environment);
  if (!config.ok()) return Fail(kUsageError, config.status().detail());
  return given.Argument(0) == "check" ? Check(*config) : Print(ConfigText(*config));
}

}  // namespace

Command ConfigCommand() {
  return {.name = "config",
          .summary = "Check the configuration, or show every setting and where it comes from",
          .usage = {"check [OPTIONS] [FILE]", "show [OPTIONS] [FILE]"},
          .about =
              "Reads the configuration as headroom proxy with the same options would, and does not start it. "
              "check says what is wrong with it: of a file with line and column. show prints all of it as a "
              "file that gives the same, with the origin of each value; secrets are masked. FILE stands for "
              "--config FILE; the options are those of headroom proxy.",
          .arguments = {{.name = "ACTION", .noun = "action", .required = true, .words = {"check", "show"}},
                        {.name = "FILE", .noun = "file", .completion = Completion::kFile}},
          .exit_status = "0 done; 1 the output failed; 2 the configuration cannot be used.",
          .hidden_options = SettingOptions(),
          .run = Run};
}

}  // namespace headroom::cli
