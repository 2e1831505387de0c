#include "cli/command_line.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <string_view>
#include <utility>

#include "cli/output.h"

namespace headroom::cli {
namespace {

// CLI11's notation for the spellings of an option: "-p,--port" takes a value,
// "--cache,!--no-cache" is a switch.
std::string Spellings(const CommandOption& option) {
  std::string spellings = option.short_flag == 0 ? "" : std::string("-") + option.short_flag + ",";
  spellings += option.flag;
  if (!option.other_flag.empty()) spellings.append(",").append(option.other_flag);
  if (!option.no_flag.empty()) spellings.append(",!").append(option.no_flag);
  return spellings;
}

void AddOption(const CommandOption& option, CLI::App& app, Given& given) {
  if (option.value.empty()) {
    // CLI11 gives 1 for the flag and -1 for its opposite.
    const auto take = [&](int64_t on) { given.Add(option.flag, on > 0 ? "true" : "false"); };
    app.add_flag_function(Spellings(option), take)
        ->disable_flag_override()
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    return;
  }
  const auto take = [&](const CLI::results_t& values) {
    for (const std::string& value : values) given.Add(option.flag, value);
    return true;
  };
  app.add_option(Spellings(option), take)->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

Status UsageError(std::string sentence, std::string_view command) {
  return {Code::kInvalidArgument, UsageSentence(std::move(sentence), command)};
}

// CLI11's sentence about a value that is missing, or given to a switch, begins
// with the option's name.
std::string ValueMistake(std::string_view sentence) {
  std::string option(sentence.substr(0, sentence.find_first_of(": ")));
  if (!option.starts_with('-')) option.insert(0, "--");
  const bool on_switch = sentence.find("override") != std::string_view::npos;
  return option + (on_switch ? " takes no value" : " needs a value");
}

// "export, import or stats"
std::string Either(const std::vector<std::string_view>& words) {
  std::string out;
  for (size_t i = 0; i < words.size(); ++i) {
    out.append(i == 0 ? "" : i + 1 == words.size() ? " or " : ", ").append(words[i]);
  }
  return out;
}

Status CheckArgument(const CommandArgument& wanted, const std::string& given, std::string_view command) {
  const auto& words = wanted.words;
  if (words.empty() || std::find(words.begin(), words.end(), given) != words.end()) return {};
  return UsageError("unknown " + std::string(wanted.noun) + " " + given, command);
}

std::string Missing(const CommandArgument& argument) {
  return (argument.words.empty() ? "a " + std::string(argument.noun) : Either(argument.words)) + " is missing";
}

Status CheckArguments(const Command& command, const Given& given) {
  const std::vector<std::string>& arguments = given.arguments();
  const bool open_ended = !command.arguments.empty() && command.arguments.back().repeated;
  if (!open_ended && arguments.size() > command.arguments.size()) {
    return UsageError("unexpected argument " + arguments[command.arguments.size()], command.name);
  }
  for (size_t i = 0; i < command.arguments.size(); ++i) {
    const CommandArgument& wanted = command.arguments[i];
    if (i >= arguments.size()) return wanted.required ? UsageError(Missing(wanted), command.name) : Status();
    if (Status status = CheckArgument(wanted, arguments[i], command.name); !status.ok()) return status;
  }
  return {};
}

// What follows the command's name: as far as it may hold options, and the rest.
struct Split {
  std::vector<std::string> before;  // reversed, as CLI11 wants them
  std::vector<std::string> behind;  // a "--"
};

Split SplitAtDashes(const std::vector<std::string>& arguments) {
  const auto dashes = std::find(arguments.begin() + 1, arguments.end(), "--");
  Split split;
  split.before.assign(std::make_reverse_iterator(dashes), arguments.rend() - 1);
  if (dashes != arguments.end()) split.behind.assign(dashes + 1, arguments.end());
  return split;
}

// What CLI11 knew nothing of: arguments, and options that do not exist.
Status TakeRest(const std::vector<std::string>& rest, const Command& command, Given& given) {
  for (const std::string& argument : rest) {
    const bool others = command.passes_on && !given.arguments().empty();
    if (!others && argument.size() > 1 && argument.starts_with('-')) {
      return UsageError("unknown option " + argument, command.name);
    }
    given.AddArgument(argument);
  }
  return {};
}

Result<CommandLine> ParseFor(const Command& command, const Split& split, CommandLine parsed) {
  CLI::App app;
  command.passes_on ? static_cast<void>(app.prefix_command()) : static_cast<void>(app.allow_extras());
  for (const auto* options : {&command.options, &command.hidden_options}) {
    for (const CommandOption& option : *options) AddOption(option, app, parsed.given);
  }
  try {
    app.parse(std::vector<std::string>(split.before));
  } catch (const CLI::CallForHelp&) {
    return parsed;
  } catch (const CLI::ArgumentMismatch& error) {
    return UsageError(ValueMistake(error.what()), command.name);
  } catch (const CLI::ParseError& error) {
    return UsageError(error.what(), command.name);
  }
  parsed.wish = CommandLine::Wish::kRun;
  if (Status status = TakeRest(app.remaining(), command, parsed.given); !status.ok()) return status;
  for (const std::string& argument : split.behind) parsed.given.AddArgument(argument);
  if (Status status = CheckArguments(command, parsed.given); !status.ok()) return status;
  return parsed;
}

}  // namespace

Result<CommandLine> ParseCommandLine(const std::vector<std::string>& arguments, std::span<const Command> commands) {
  CommandLine parsed;
  if (arguments.empty()) return UsageError("a command is missing", "");
  const std::string& first = arguments.front();
  if (first == "-h" || first == "--help") return parsed;
  if (first == "--version") {
    parsed.wish = CommandLine::Wish::kVersion;
    return parsed;
  }
  const auto named =
      std::find_if(commands.begin(), commands.end(), [&](const Command& command) { return command.name == first; });
  if (named == commands.end()) {
    return UsageError((first.starts_with('-') ? "unknown option " : "unknown command ") + first, "");
  }
  parsed.command = &*named;
  return ParseFor(*named, SplitAtDashes(arguments), std::move(parsed));
}

}  // namespace headroom::cli
