#include <unistd.h>

#include <iostream>

#include "cli/banner.h"
#include "cli/client_setup.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/setting_options.h"

namespace headroom::cli {
namespace {

constexpr int kNotWritten = 3;

std::string Note(const Client& client, const Config& config) {
  std::string note(client.note);
  if (const size_t place = note.find("{url}"); place != std::string::npos) note.replace(place, 5, LocalUrl(config));
  if (!config.proxy_token.empty()) {
    note += "\nThe proxy asks for its token: the client has to send it as x-headroom-token (docs/clients.md).";
  }
  return note + "\n";
}

bool Agreed(bool yes) {
  if (yes) return true;
  if (isatty(STDIN_FILENO) == 0) return false;
  if (Print("Write this? [y/N] ") != 0) return false;
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "Y" || answer == "yes";
}

int Undo(const ClientSetup& setup, bool yes) {
  const Result<ClientSetup::Change> change = setup.PlanUndo();
  if (!change.ok()) return Fail(kFailed, change.status().detail());
  if (const int failed = Print(ChangeText(setup.path(), *change)); failed != 0) return failed;
  if (!Agreed(yes)) return Fail(kNotWritten, "nothing is written (--yes writes it)");
  const Status done = setup.ApplyUndo(*change);
  return done.ok() ? Print("undone\n") : Fail(kFailed, done.detail());
}

int SetUp(const Client& client, const ClientSetup& setup, const Config& config, bool yes) {
  const std::string url = LocalUrl(config);
  const Result<ClientSetup::Change> change = setup.Plan(url);
  if (!change.ok()) return Fail(kFailed, change.status().detail());
  if (change->none()) {
    return Print(std::string(client.title) + " uses " + url + " already (" + setup.path() + ")\n");
  }
  if (const int failed = Print(ChangeText(setup.path(), *change)); failed != 0) return failed;
  if (!Agreed(yes)) return Fail(kNotWritten, "nothing is written (--yes writes it)");
  if (const Status done = setup.Apply(*change); !done.ok()) return Fail(kFailed, done.detail());
  return Print(std::string(client.title) + " uses " + url + " from now on. " + Note(client, config) +
               "headroom setup " + std::string(client.name) + " --undo puts the file back.\n");
}

int Run(const Given& given, const Environment& environment) {
  const Result<Config> config = Load(SettingAssignments(given), environment);
  if (!config.ok()) return Fail(kUsageError, config.status().detail());
  const Client& client = *FindClient(given.Argument(0));
  if (client.path == nullptr) return Print(Note(client, *config));
  const std::string path = client.path(environment);
  if (path.empty()) return Fail(kUsageError, "HOME is not set");
  const ClientSetup setup(client, path, config->data_dir);
  const bool yes = given.On("--yes");
  return given.On("--undo") ? Undo(setup, yes) : SetUp(client, setup, *config, yes);
}

std::vector<std::string_view> Names() {
  std::vector<std::string_view> names;
  for (const Client& client : Clients()) names.push_back(client.name);
  return names;
}

}  // namespace

Command SetupCommand() {
  return {.name = "setup",
          .summary = "Point a client at the proxy, in the client's own configuration",
          .usage = {"[OPTIONS] claude|codex|cursor|opencode|qwen"},
          .about =
              "Changes the client's own configuration so that it sends its requests to the proxy: shows the change, "
              "asks, and writes it. Every other byte of the file stays as it is. The address is that of the "
              "settings: the options of headroom proxy hold here, too (--port, --config). For Cursor, whose "
              "settings no program should write, it says what to do.",
          .options = {{.flag = "--yes", .help = "Do not ask", .short_flag = 'y'},
                      {.flag = "--undo", .help = "Put the file back as it was, to the byte"}},
          .arguments = {{.name = "CLIENT", .noun = "client", .required = true, .words = Names()}},
          .exit_status =
              "0 done, or nothing to do; 1 the file cannot be read, changed or put back; 2 an option cannot be "
              "read; 3 not agreed to.",
          .hidden_options = SettingOptions(),
          .run = Run};
}

}  // namespace headroom::cli
