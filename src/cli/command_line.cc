#include "cli/command_line.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <string_view>
#include <utility>

namespace headroom::cli {
namespace {

// CLI11's notation for the spellings of an option: "-p,--port" takes a value,
// "--cache,!--no-cache" is a switch.
std::string Spellings(const Option& option) {
  if (option.kind == Kind::kSwitch) return Flag(option, true) + ",!" + Flag(option, false);
  std::string flag = Flag(option);
  if (!option.other_flag.empty()) flag.append(",").append(option.other_flag);
  return option.short_flag == 0 ? flag : std::string("-") + option.short_flag + "," + flag;
}

void AddOptions(CLI::App& app) {
  for (const Option& option : Options()) {
    CLI::Option* added =
        option.kind == Kind::kSwitch
            ? app.add_flag(Spellings(option))->disable_flag_override()
            : app.add_option(Spellings(option), [](const CLI::results_t&) { return true; })->expected(1);
    added->multi_option_policy(option.kind == Kind::kList ? CLI::MultiOptionPolicy::TakeAll
                                                          : CLI::MultiOptionPolicy::TakeLast);
  }
}

// A list may be given item by item.
std::string JoinItems(const std::vector<std::string>& items) {
  std::string joined;
  for (const std::string& item : items) joined.append(joined.empty() ? "" : ",").append(item);
  return joined;
}

std::vector<Assignment> Assignments(CLI::App& app) {
  std::vector<Assignment> assignments;
  for (const Option& option : Options()) {
    const CLI::Option* given = app.get_option(Flag(option));
    if (given->empty()) continue;
    const std::string text = option.kind == Kind::kList ? JoinItems(given->results()) : given->results().back();
    assignments.push_back({&option, text, Flag(option, option.kind != Kind::kSwitch || text == "true")});
  }
  return assignments;
}

Status UsageError(std::string sentence, bool in_proxy) {
  sentence += in_proxy ? " (headroom proxy --help lists the options)" : " (headroom --help lists the commands)";
  return {Code::kInvalidArgument, std::move(sentence)};
}

// CLI11's sentence about a value that is missing, or given to a switch, begins
// with the option's name.
std::string ValueMistake(std::string_view sentence) {
  std::string option(sentence.substr(0, sentence.find_first_of(": ")));
  if (!option.starts_with('-')) option.insert(0, "--");
  const bool on_switch = sentence.find("override") != std::string_view::npos;
  return option + (on_switch ? " takes no value" : " needs a value");
}

Status Unexpected(const std::string& argument, bool in_proxy) {
  if (argument.starts_with('-')) return UsageError("unknown option " + argument, in_proxy);
  return UsageError((in_proxy ? "unexpected argument " : "unknown command ") + argument, in_proxy);
}

}  // namespace

Result<CommandLine> ParseCommandLine(const std::vector<std::string>& arguments) {
  using Command = CommandLine::Command;
  CLI::App app;
  app.allow_extras();
  const CLI::Option* version = app.add_flag("--version");
  CLI::App* options = app.add_subcommand("options");
  CLI::App* proxy = app.add_subcommand("proxy");
  proxy->allow_extras();
  AddOptions(*proxy);

  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::CallForHelp&) {
    return CommandLine{proxy->parsed() ? Command::kProxyHelp : Command::kHelp, {}};
  } catch (const CLI::ArgumentMismatch& error) {
    return UsageError(ValueMistake(error.what()), proxy->parsed());
  } catch (const CLI::ParseError& error) {
    return UsageError(error.what(), proxy->parsed());
  }

  const std::vector<std::string> extras = proxy->parsed() ? proxy->remaining() : app.remaining();
  if (!extras.empty()) return Unexpected(extras.front(), proxy->parsed());
  if (!version->empty()) return CommandLine{Command::kVersion, {}};
  if (proxy->parsed()) return CommandLine{Command::kProxy, Assignments(*proxy)};
  if (options->parsed()) return CommandLine{Command::kOptions, {}};
  return UsageError("a command is missing", false);
}

}  // namespace headroom::cli
