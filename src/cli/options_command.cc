#include "cli/options_command.h"

#include <string_view>

#include "cli/commands.h"
#include "cli/options.h"
#include "cli/output.h"

namespace headroom::cli {
namespace {

std::string Code(std::string_view text) { return "`" + std::string(text) + "`"; }

std::string FlagsCell(const Option& option) {
  if (option.kind == Kind::kSwitch) return Code(Flag(option, true)) + ", " + Code(Flag(option, false));
  std::string out = Code(Flag(option) + " " + std::string(option.value));
  if (!option.other_flag.empty()) out += ", " + Code(option.other_flag);
  if (option.short_flag != 0) out += ", " + Code(std::string("-") + option.short_flag);
  return out;
}

std::string EnvironmentCell(const Option& option) {
  std::string out = Code(EnvironmentName(option));
  if (option.kind == Kind::kSwitch) out += ", " + Code(EnvironmentName(option, false));
  if (!option.other_env.empty()) out += ", " + Code(option.other_env);
  return out;
}

std::string ReferenceRow(const Option& option) {
  std::string row = "| " + FlagsCell(option) + " | " + EnvironmentCell(option) + " | ";
  row += option.in_file ? Code(option.key) : "-";
  row += " | " + DefaultText(option) + " | ";
  if (option.kind == Kind::kSwitch) row += OnByDefault(option) ? "false: " : "true: ";
  row += option.help;
  if (!option.has_effect) row += "; no effect yet";
  return row + " |\n";
}

int Run(const Given& /*given*/, const Environment& /*environment*/) { return Print(OptionsReference()); }

}  // namespace

std::string OptionsReference() {
  std::string out;
  std::string_view group;
  for (const Option& option : Options()) {
    if (option.group != group) {
      out.append(group.empty() ? "" : "\n").append("### ").append(option.group).append("\n\n");
      out += "| command line | environment | file | default | what it does |\n|---|---|---|---|---|\n";
    }
    group = option.group;
    out += ReferenceRow(option);
  }
  return out;
}

Command OptionsCommand() {
  return {.name = "options",
          .summary = "Print the reference of all settings as Markdown",
          .usage = {""},
          .about =
              "Prints every setting: on the command line, in the environment and in the configuration file, "
              "with its default.",
          .exit_status = "0 done; 1 the output failed.",
          .run = Run};
}

}  // namespace headroom::cli
