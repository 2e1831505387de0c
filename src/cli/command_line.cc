#include "cli/command_line.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <optional>
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

// A text option; the last one given counts.
void AddText(CLI::App& app, const std::string& name, std::optional<std::string>& text) {
  const auto take = [&text](const CLI::results_t& given) {
    text = given.back();
    return true;
  };
  app.add_option(name, take)->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
}

void AddSwitch(CLI::App& app, const std::string& name, bool& on) {
  const auto turn_on = [&on](int64_t) { on = true; };
  app.add_flag_function(name, turn_on)->disable_flag_override()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
}

void AddCompressOptions(CLI::App& app, std::optional<std::string>& file, CompressOptions& options) {
  AddText(app, "file", file);
  AddText(app, "--query", options.query);
  AddText(app, "--tool", options.tool);
  AddText(app, "--args", options.args);
  AddText(app, "--kind", options.kind);
  AddText(app, "--budget", options.budget);
  AddText(app, "--model", options.model);
  AddText(app, "--reads", options.reads);
  AddText(app, "--data-dir", options.data_dir);
  AddText(app, "--config", options.config);
  AddSwitch(app, "--lossless", options.lossless);
  AddSwitch(app, "--stats", options.stats);
  AddSwitch(app, "--json", options.json);
  AddSwitch(app, "--diff", options.diff);
}

void AddRetrieveOptions(CLI::App& app, std::optional<std::string>& hash, RetrieveOptions& options) {
  AddText(app, "hash", hash);
  AddText(app, "--query", options.query);
  AddText(app, "--key-env", options.key_env);
  AddText(app, "--data-dir", options.data_dir);
  AddText(app, "--config", options.config);
}

void AddPricesOptions(CLI::App& app, PricesOptions& options) {
  AddText(app, "model", options.model);
  AddText(app, "--data-dir", options.data_dir);
  AddText(app, "--config", options.config);
}

void AddToinOptions(CLI::App& app, std::optional<std::string>& action, std::optional<std::string>& file,
                    ToinOptions& options) {
  AddText(app, "action", action);
  AddText(app, "file", file);
  AddText(app, "--data-dir", options.data_dir);
  AddText(app, "--config", options.config);
}

// `command` is "" where none was given.
Status UsageError(std::string sentence, const std::string& command) {
  sentence += command.empty() ? " (headroom --help lists the commands)"
                              : " (headroom " + command + " --help lists the options)";
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

Status Unexpected(const std::string& argument, const std::string& command) {
  if (argument.starts_with('-')) return UsageError("unknown option " + argument, command);
  return UsageError((command.empty() ? "unknown command " : "unexpected argument ") + argument, command);
}

CommandLine::Command HelpOf(const std::string& command) {
  if (command == "proxy") return CommandLine::Command::kProxyHelp;
  if (command == "compress") return CommandLine::Command::kCompressHelp;
  if (command == "retrieve") return CommandLine::Command::kRetrieveHelp;
  if (command == "prices") return CommandLine::Command::kPricesHelp;
  if (command == "toin") return CommandLine::Command::kToinHelp;
  return CommandLine::Command::kHelp;
}

}  // namespace

Result<CommandLine> ParseCommandLine(const std::vector<std::string>& arguments) {
  using Command = CommandLine::Command;
  CommandLine parsed;
  std::optional<std::string> file;
  std::optional<std::string> hash;
  std::optional<std::string> action;
  std::optional<std::string> toin_file;
  CLI::App app;
  app.allow_extras();
  const CLI::Option* version = app.add_flag("--version");
  app.add_subcommand("options");
  CLI::App* proxy = app.add_subcommand("proxy");
  CLI::App* compress = app.add_subcommand("compress");
  CLI::App* retrieve = app.add_subcommand("retrieve");
  CLI::App* prices = app.add_subcommand("prices");
  CLI::App* toin = app.add_subcommand("toin");
  for (CLI::App* with_options : {proxy, compress, retrieve, prices, toin}) with_options->allow_extras();
  AddOptions(*proxy);
  AddCompressOptions(*compress, file, parsed.compress);
  AddRetrieveOptions(*retrieve, hash, parsed.retrieve);
  AddPricesOptions(*prices, parsed.prices);
  AddToinOptions(*toin, action, toin_file, parsed.toin);

  const auto command = [&app] {
    const std::vector<CLI::App*> given = app.get_subcommands();
    return given.empty() || given.front()->get_name() == "options" ? std::string() : given.front()->get_name();
  };
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::CallForHelp&) {
    parsed.command = HelpOf(command());
    return parsed;
  } catch (const CLI::ArgumentMismatch& error) {
    return UsageError(ValueMistake(error.what()), command());
  } catch (const CLI::ParseError& error) {
    return UsageError(error.what(), command());
  }

  const std::string name = command();
  const std::vector<std::string> extras = name.empty() ? app.remaining() : app.get_subcommands().front()->remaining();
  if (!extras.empty()) return Unexpected(extras.front(), name);
  if (!version->empty()) {
    parsed.command = Command::kVersion;
  } else if (name == "proxy") {
    parsed.command = Command::kProxy;
    parsed.assignments = Assignments(*proxy);
  } else if (name == "compress") {
    parsed.command = Command::kCompress;
    parsed.compress.file = file.value_or("-");
  } else if (name == "retrieve") {
    if (!hash.has_value()) return UsageError("a hash is missing", name);
    parsed.command = Command::kRetrieve;
    parsed.retrieve.hash = *hash;
  } else if (name == "prices") {
    parsed.command = Command::kPrices;
  } else if (name == "toin") {
    const std::string given = action.value_or("");
    if (given != "export" && given != "import" && given != "stats") {
      return UsageError(given.empty() ? "export, import or stats is missing" : "unknown action " + given, name);
    }
    if (given == "stats" && toin_file.has_value()) return Unexpected(*toin_file, name);
    parsed.command = Command::kToin;
    parsed.toin.action = given;
    parsed.toin.file = toin_file.value_or("-");
  } else if (!app.get_subcommands().empty()) {
    parsed.command = Command::kOptions;
  } else {
    return UsageError("a command is missing", name);
  }
  return parsed;
}

}  // namespace headroom::cli
