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
         "  compress   Shorten a file or standard input as the proxy shortens tool results\n"
         "  retrieve   Print the original behind a marker of headroom's\n"
         "  prices     Print the context windows and prices of models\n"
         "  toin       Export, import or sum up what the proxy learnt of retrievals\n"
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

std::string CompressHelpText() {
  return "Usage: headroom compress [OPTIONS] [FILE]\n"
         "\n"
         "Shortens FILE, or standard input, as the proxy shortens a tool result, and writes it to\n"
         "standard output. What is left out is marked where it was, and the original is kept in the\n"
         "data directory: headroom retrieve HASH gives it back.\n"
         "\n"
         "The text:\n"
         "      --query TEXT                What is to be found out; what it names is kept [CASE_QUERY]\n"
         "      --tool NAME                 The tool whose result it is: Bash, Grep, Read [CASE_TOOL]\n"
         "      --args JSON                 The arguments of that call [CASE_ARGS]\n"
         "      --kind KIND                 auto, plain, json, search, log, diff, code, table or html [auto]\n"
         "\n"
         "How far:\n"
         "      --lossless                  Leave nothing out\n"
         "      --budget TOKENS|FRACTION    What an excerpt aims at: 2000, 0.3 or 30%; errors, what the query\n"
         "                                  names and one line of each sort stay even beyond it\n"
         "      --reads HOW                 What of a file read is kept: whole, or fold for folded bodies\n"
         "                                  [HEADROOM_READS, whole]\n"
         "      --model MODEL               Whose tokens count: claude-sonnet-4-5, gpt-4.1 [gpt-5]\n"
         "\n"
         "Output:\n"
         "      --diff                      Print what went and came instead, in colour on a terminal\n"
         "      --json                      Print the text and the figures as one line of JSON\n"
         "      --stats                     Print the figures on standard error\n"
         "\n"
         "Program:\n"
         "      --data-dir DIR              Where originals are kept [HEADROOM_DATA_DIR, ~/.headroom]\n"
         "      --config FILE               Settings in TOML [HEADROOM_CONFIG]\n"
         "  -h, --help                      Print this help\n"
         "\n"
         "Exit status: 0 done, also where nothing could be made shorter; 1 a file or the output\n"
         "failed; 2 an option cannot be read. NO_COLOR turns colours off.\n";
}

std::string RetrieveHelpText() {
  return "Usage: headroom retrieve [OPTIONS] HASH\n"
         "\n"
         "Prints the original behind [... Retrieve more: hash=HASH], byte for byte: of headroom compress,\n"
         "of a proxy with tenant = single, and of any proxy for the API keys in ANTHROPIC_API_KEY and\n"
         "OPENAI_API_KEY. The proxy may be running.\n"
         "\n"
         "      --query TEXT                Only the lines or elements that have to do with TEXT, with marks\n"
         "                                  for what lies between; all of it where nothing has\n"
         "      --key-env NAME              Another variable that holds an API key\n"
         "      --data-dir DIR              Where originals are kept [HEADROOM_DATA_DIR, ~/.headroom]\n"
         "      --config FILE               Settings in TOML [HEADROOM_CONFIG]\n"
         "  -h, --help                      Print this help\n"
         "\n"
         "Exit status: 0 done; 1 the data directory or the output failed; 2 the hash or an option cannot\n"
         "be read; 3 nothing is kept under HASH, or not any more.\n";
}

std::string PricesHelpText() {
  return "Usage: headroom prices [OPTIONS] [MODEL]\n"
         "\n"
         "Prints what is known of MODEL, or of every listed model: its context window, the most prompt\n"
         "tokens that its provider takes, and its prices in dollars per million tokens, with the date of\n"
         "the price list. Settings of yours are in it (docs/configuration.md, Models).\n"
         "\n"
         "      --data-dir DIR              Where models.json is [HEADROOM_DATA_DIR, ~/.headroom]\n"
         "      --config FILE               Settings in TOML [HEADROOM_CONFIG]\n"
         "  -h, --help                      Print this help\n"
         "\n"
         "Exit status: 0 done; 1 the output failed; 2 a setting cannot be read; 3 nothing is known of MODEL.\n";
}

std::string ToinHelpText() {
  return "Usage: headroom toin export [FILE]\n"
         "       headroom toin import [FILE]\n"
         "       headroom toin stats\n"
         "\n"
         "What the proxy learnt of which results are asked for again, as counts and hashes under this\n"
         "installation's key, to FILE or from it (standard output or input without one, or with -), or in\n"
         "figures. An import takes over each pattern that has seen more than the one that is there; a file of\n"
         "another installation is refused: copy toin.json.key there first, while it has none of its own.\n"
         "\n"
         "      --data-dir DIR              Where toin.json is [HEADROOM_DATA_DIR, ~/.headroom]\n"
         "      --config FILE               Settings in TOML [HEADROOM_CONFIG]\n"
         "  -h, --help                      Print this help\n"
         "\n"
         "Exit status: 0 done; 1 a file cannot be read or written; 2 a setting cannot be read; 3 FILE is refused.\n";
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
