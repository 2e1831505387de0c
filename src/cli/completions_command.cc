#include "cli/commands.h"
#include "cli/completions.h"
#include "cli/output.h"

namespace headroom::cli {
namespace {

int Run(const Given& given, const Environment& /*environment*/) {
  const std::string shell = given.Argument(0);
  if (shell == "bash") return Print(BashCompletions(Commands()));
  return Print(shell == "zsh" ? ZshCompletions(Commands()) : FishCompletions(Commands()));
}

}  // namespace

Command CompletionsCommand() {
  return {.name = "completions",
          .summary = "Print the completions of a shell",
          .usage = {"bash|zsh|fish"},
          .about =
              "Prints a script that completes commands, options and files: for bash, source <(headroom completions "
              "bash); for zsh, a file _headroom in a folder of fpath; for fish, "
              "~/.config/fish/completions/headroom.fish.",
          .arguments = {{.name = "SHELL", .noun = "shell", .required = true, .words = {"bash", "zsh", "fish"}}},
          .exit_status = "0 done; 1 the output failed; 2 no such shell.",
          .run = Run};
}

}  // namespace headroom::cli
