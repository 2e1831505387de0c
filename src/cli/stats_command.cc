#include <unistd.h>

#include <chrono>
#include <thread>

#include "cli/banner.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/running_proxy.h"
#include "cli/setting_options.h"
#include "cli/stats_view.h"
#include "cli/values.h"

namespace headroom::cli {
namespace {

// The figures once; "" with a sentence on stderr and `exit_status` set where there are none.
std::string Fetch(const Config& config, bool as_json, int& exit_status) {
  const Result<HttpAnswer> answer = CallProxy(config, "/stats");
  if (!answer.ok()) {
    exit_status = Fail(kFailed, "no proxy answers at " + LocalUrl(config) + ": " + answer.status().detail());
    return "";
  }
  if (answer->head.status == 401 || answer->head.status == 403) {
    exit_status = Fail(kFailed, "the proxy asks for its admin token: --admin-token, HEADROOM_ADMIN_TOKEN or the file");
    return "";
  }
  if (answer->head.status != 200) {
    exit_status = Fail(kFailed, LocalUrl(config) + "/stats answers " + std::to_string(answer->head.status));
    return "";
  }
  if (as_json) return answer->body + "\n";
  Result<std::string> view = StatsView(answer->body);
  if (view.ok()) return *std::move(view);
  exit_status = Fail(kFailed, view.status().detail());
  return "";
}

int Run(const Given& given, const Environment& environment) {
  const Result<Config> config = Load(SettingAssignments(given), environment);
  if (!config.ok()) return Fail(kUsageError, config.status().detail());
  const Result<int64_t> seconds = ParseInteger(given.Text("--every").value_or("2"), 1, 86'400, "a number of seconds");
  if (!seconds.ok()) return Fail(kUsageError, "--every: " + seconds.status().detail());
  const bool clears = isatty(STDOUT_FILENO) != 0;
  while (true) {
    int exit_status = 0;
    const std::string figures = Fetch(*config, given.On("--json"), exit_status);
    if (exit_status != 0) return exit_status;
    if (!given.On("--watch")) return Print(figures);
    // Home, the text with each line's rest erased, and what is below it erased.
    const std::string head = clears ? "\x1b[H\x1b[2J" : "";
    if (const int failed = Print(head + figures + (clears || given.On("--json") ? "" : "\n")); failed != 0)
      return failed;
    std::this_thread::sleep_for(std::chrono::seconds(*seconds));
  }
}

}  // namespace

Command StatsCommand() {
  return {.name = "stats",
          .summary = "Show what the running proxy did: requests, tokens, savings",
          .usage = {"[OPTIONS]"},
          .about =
              "Asks the proxy on this machine for its figures. Address and admin token are those of its settings: "
              "the options of headroom proxy, its variables and its file hold here, too (--port, --config).",
          .options = {{.flag = "--watch", .help = "Show them again and again, until Ctrl+C"},
                      {.flag = "--every", .value = "SECONDS", .help = "How often, with --watch [2]"},
                      {.flag = "--json", .help = "Print what /stats answers, a line of JSON"}},
          .exit_status = "0 done; 1 no proxy answers, or not with figures; 2 an option cannot be read.",
          .hidden_options = SettingOptions(),
          .run = Run};
}

}  // namespace headroom::cli
