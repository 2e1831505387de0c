#include "cli/help.h"

#include <string_view>

#include "cli/options.h"
#include "cli/version.h"

namespace headroom::cli {
namespace {

constexpr size_t kHelpColumn = 34;

// A switch is listed by the spelling that changes its default.
std::string HelpFlags(const Option& option) {
  std::string out = option.short_flag == 0 ? "      " : std::string("  -") + option.short_flag + ", ";
  out += Flag(option, !OnByDefault(option));
  return option.kind == Kind::kSwitch ? out : out.append(" ").append(option.value);
}

std::string HelpLine(const Option& option) {
  std::string line = HelpFlags(option);
  line.append(line.size() < kHelpColumn ? kHelpColumn - line.size() : 2, ' ');
  line.append(option.help);
  if (option.kind != Kind::kSwitch) line.append(" [").append(DefaultText(option)).append("]");
  if (!option.has_effect) line.append(" (no effect yet)");
  return line + "\n";
}

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

}  // namespace

std::string HelpText() {
  return "headroom " + std::string(Version()) +
         ": a proxy that shortens what agents send to LLM providers\n"
         "\n"
         "Usage: headroom COMMAND [OPTIONS]\n"
         "\n"
         "Commands:\n"
         "  proxy      Run the proxy (headroom proxy --help lists its options)\n"
         "  options    Print the reference of all settings as Markdown\n"
         "\n"
         "Options:\n"
         "  --version  Print the version\n"
         "  -h, --help Print this help\n";
}

std::string ProxyHelpText() {
  std::string out =
      "Usage: headroom proxy [OPTIONS]\n"
      "\n"
      "Runs the proxy. Each option is also an environment variable (--data-dir: HEADROOM_DATA_DIR)\n"
      "and a key of the configuration file (data_dir). The command line wins over the environment,\n"
      "the environment over the file. Defaults stand in brackets. A switch has an opposite that\n"
      "restores its default (--no-cache, --cache).\n";
  std::string_view group;
  for (const Option& option : Options()) {
    if (option.group != group) out.append("\n").append(option.group).append(":\n");
    group = option.group;
    out += HelpLine(option);
  }
  return out + "\n  -h, --help                      Print this help\n";
}

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

}  // namespace headroom::cli
