#include "cli/commands.h"
#include "cli/man_page.h"
#include "cli/output.h"

namespace headroom::cli {
namespace {

int Run(const Given& /*given*/, const Environment& /*environment*/) { return Print(ManPage(Commands())); }

}  // namespace

Command ManCommand() {
  return {.name = "man",
          .summary = "Print the manual page",
          .usage = {""},
          .about =
              "Prints headroom(1) for man: headroom man > ~/.local/share/man/man1/headroom.1, or to read it at once: "
              "headroom man | man -l -",
          .exit_status = "0 done; 1 the output failed.",
          .run = Run};
}

}  // namespace headroom::cli
