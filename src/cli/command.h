// What a sub-command of the program is: its options and arguments, its help,
// and what it does. The parser, the help texts, the man page and the shell
// completions follow from it.
//
// A member of the family is one file NAME_command.cc that defines the function
// which commands.h declares. Constant; thread-safe.

#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/load.h"

namespace headroom::cli {

// What a shell may offer for a value.
enum class Completion { kNothing, kFile, kDirectory };

struct CommandOption {
  std::string flag;            // "--query"
  std::string value = {};      // what stands for the value in help: "TEXT"; "" for a switch
  std::string help = {};       // a sentence without a full stop, or more; broken into lines where it is shown
  std::string group = {};      // the heading it stands under; options of one group stand together
  std::string no_flag = {};    // of a switch: the spelling that turns it off
  bool lists_no_flag = false;  // help shows no_flag instead of flag
  std::string other_flag = {};
  char short_flag = 0;
  bool repeated = false;  // every value given counts, not only the last
  Completion completion = Completion::kNothing;
};

struct CommandArgument {
  std::string_view name;  // as usage shows it: "HASH"
  std::string_view noun;  // as a sentence names it: "hash"
  bool required = false;
  std::vector<std::string_view> words = {};  // all there are; empty where any text may stand
  bool repeated = false;                     // takes all that follow; only the last argument
  Completion completion = Completion::kNothing;
};

// What was given on the command line for one command.
class Given {
 public:
  // The last value of the option "--query"; nothing where it was not given.
  std::optional<std::string> Text(std::string_view flag) const;
  // Every value, in the order given.
  std::vector<std::string> All(std::string_view flag) const;
  // Of a switch: nothing where it was not given.
  std::optional<bool> Switch(std::string_view flag) const;
  bool On(std::string_view flag) const { return Switch(flag).value_or(false); }
  // The arguments that are no options, in order.
  const std::vector<std::string>& arguments() const { return arguments_; }
  // The argument at `index`, `otherwise` where there are fewer.
  std::string Argument(size_t index, std::string_view otherwise = "") const;

  void Add(const std::string& flag, std::string value) { values_[flag].push_back(std::move(value)); }
  void AddArgument(std::string argument) { arguments_.push_back(std::move(argument)); }

 private:
  std::map<std::string, std::vector<std::string>, std::less<>> values_;  // of a switch "true" or "false"
  std::vector<std::string> arguments_;
};

struct Command {
  std::string_view name;
  std::string_view summary = {};             // its line in headroom --help
  std::vector<std::string_view> usage = {};  // what follows "headroom NAME ", one per form
  std::string_view about = {};               // paragraphs, an empty line between them; one line each
  std::vector<CommandOption> options = {};
  std::vector<CommandArgument> arguments = {};
  std::string_view exit_status = {};               // "0 done; 1 the output failed"
  std::vector<CommandOption> hidden_options = {};  // taken, and not listed: another command lists them
  // Options end at the first argument: what follows belongs to another program.
  bool passes_on = false;
  // Returns the exit status.
  int (*run)(const Given& given, const Environment& environment) = nullptr;
};

// --data-dir, with `help` to it, and --config: the options of a command that works on this
// installation without running the proxy.
std::vector<CommandOption> LocalOptions(std::string help);
// The settings of the program as these two and the environment give them. Errors as Load.
Result<Config> LoadLocal(const Given& given, const Environment& environment);

// `options` with those of LocalOptions(data_dir_help) behind them.
std::vector<CommandOption> WithLocalOptions(std::vector<CommandOption> options, std::string data_dir_help);

}  // namespace headroom::cli
