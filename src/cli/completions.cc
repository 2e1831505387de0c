#include "cli/completions.h"

#include <string_view>
#include <vector>

namespace headroom::cli {
namespace {

std::vector<const CommandOption*> OptionsOf(const Command& command) {
  std::vector<const CommandOption*> options;
  for (const auto* list : {&command.options, &command.hidden_options}) {
    for (const CommandOption& option : *list) options.push_back(&option);
  }
  return options;
}

// A switch as two: the spelling that its help is about, and the one that restores the default.
std::vector<CommandOption> AsListed(const CommandOption& option) {
  if (option.no_flag.empty()) return {option};
  CommandOption listed = option;
  CommandOption opposite = option;
  listed.no_flag.clear();
  opposite.no_flag.clear();
  (option.lists_no_flag ? listed : opposite).flag = option.no_flag;
  opposite.short_flag = 0;
  opposite.help = "Restore the default";
  return {listed, opposite};
}

std::string Join(const std::vector<std::string>& words, std::string_view between = " ") {
  std::string out;
  for (const std::string& word : words) out.append(out.empty() ? "" : between).append(word);
  return out;
}

std::vector<std::string> FlagsOf(const CommandOption& option) {
  std::vector<std::string> flags = {option.flag};
  if (option.short_flag != 0) flags.push_back(std::string("-") + option.short_flag);
  if (!option.other_flag.empty()) flags.push_back(option.other_flag);
  if (!option.no_flag.empty()) flags.push_back(option.no_flag);
  return flags;
}

// The spellings of the options whose value completes so.
std::vector<std::string> FlagsThatTake(const Command& command, Completion completion) {
  std::vector<std::string> flags;
  for (const CommandOption* option : OptionsOf(command)) {
    if (option->value.empty() || option->completion != completion) continue;
    for (std::string& flag : FlagsOf(*option)) flags.push_back(std::move(flag));
  }
  return flags;
}

std::vector<std::string> AllFlags(const Command& command) {
  std::vector<std::string> flags = {"--help", "-h"};
  for (const CommandOption* option : OptionsOf(command)) {
    for (std::string& flag : FlagsOf(*option)) flags.push_back(std::move(flag));
  }
  return flags;
}

std::vector<std::string> Words(const Command& command) {
  std::vector<std::string> words;
  if (command.arguments.empty()) return words;
  for (const std::string_view word : command.arguments.front().words) words.emplace_back(word);
  return words;
}

bool TakesFiles(const Command& command) {
  for (const CommandArgument& argument : command.arguments) {
    if (argument.completion == Completion::kFile) return true;
  }
  return command.passes_on;
}

// In single quotes, as all three shells read it.
std::string Quoted(std::string_view text, std::string_view quote_inside) {
  std::string out = "'";
  for (const char c : text) c == '\'' ? void(out.append(quote_inside)) : out.push_back(c);
  return out + "'";
}

std::string BashCase(const Command& command) {
  std::string out = "    " + std::string(command.name) + ")\n      case \"$previous\" in\n";
  const auto add = [&](Completion completion, const char* action) {
    const std::string flags = Join(FlagsThatTake(command, completion), "|");
    if (!flags.empty()) out.append("        ").append(flags).append(") ").append(action).append("; return ;;\n");
  };
  add(Completion::kFile, "COMPREPLY=($(compgen -f -- \"$word\"))");
  add(Completion::kDirectory, "COMPREPLY=($(compgen -d -- \"$word\"))");
  add(Completion::kNothing, "COMPREPLY=()");
  out += "      esac\n";
  out += "      [[ $word == -* ]] && COMPREPLY=($(compgen -W \"" + Join(AllFlags(command)) +
         "\" -- \"$word\")) && return\n";
  std::string actions;
  if (const std::string words = Join(Words(command)); !words.empty()) actions += " -W \"" + words + "\"";
  if (TakesFiles(command)) actions += command.passes_on ? " -c -f" : " -f";
  if (!actions.empty()) out += "      COMPREPLY=($(compgen" + actions + " -- \"$word\"))\n";
  return out + "      ;;\n";
}

std::string ZshOption(const CommandOption& option) {
  std::string help;
  for (const char c : option.help) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') help.push_back('\\');
    help.push_back(c);
  }
  std::string out;
  for (const std::string& flag : FlagsOf(option)) {
    std::string spec = flag;
    if (!option.value.empty()) spec += flag.size() == 2 ? "+" : "=";
    spec.append("[").append(help).append("]");
    if (!option.value.empty()) {
      const char* const action = option.completion == Completion::kFile        ? "_files"
                                 : option.completion == Completion::kDirectory ? "_files -/"
                                                                               : " ";
      std::string value;
      for (const char c : option.value) c == ':' ? void(value.append("\\:")) : value.push_back(c);
      spec += ":" + value + ":" + action;
    }
    out += " \\\n        " + Quoted(spec, "'\\''");
  }
  return out;
}

std::string ZshCase(const Command& command) {
  std::string out =
      "    " + std::string(command.name) + ")\n      _arguments -s \\\n        '(- *)'{-h,--help}'[Print help]'";
  for (const CommandOption* option : OptionsOf(command)) {
    for (const CommandOption& listed : AsListed(*option)) out += ZshOption(listed);
  }
  if (command.passes_on) {
    out += " \\\n        '1:program:_command_names -e' '*::arguments:_normal'";
  } else {
    for (const CommandArgument& argument : command.arguments) {
      std::string action = argument.completion == Completion::kFile ? "_files" : " ";
      if (!argument.words.empty()) {
        action = "(";
        for (const std::string_view word : argument.words) action.append(word).append(" ");
        action.back() = ')';
      }
      out += " \\\n        '" + std::string(argument.required ? ":" : "::") + std::string(argument.noun) + ":" +
             action + "'";
    }
  }
  return out + "\n      ;;\n";
}

std::string FishLine(const std::string& condition, const std::string& rest) {
  return "complete -c headroom -n '" + condition + "' " + rest + "\n";
}

std::string FishOption(const CommandOption& option) {
  std::string out;
  for (const std::string& flag : FlagsOf(option)) {
    out += flag.starts_with("--") ? "-l " + flag.substr(2) + " " : "-s " + flag.substr(1) + " ";
  }
  const bool files = option.completion != Completion::kNothing;
  if (!option.value.empty()) out += files ? "-r -F " : "-x ";
  return out + "-d " + Quoted(option.help, "\\'");
}

std::string FishCommand(const Command& command) {
  const std::string seen = "__fish_seen_subcommand_from " + std::string(command.name);
  std::string out;
  for (const CommandOption* option : OptionsOf(command)) {
    for (const CommandOption& listed : AsListed(*option)) out += FishLine(seen, FishOption(listed));
  }
  if (const std::string words = Join(Words(command)); !words.empty()) out += FishLine(seen, "-a '" + words + "'");
  if (TakesFiles(command)) out += FishLine(seen, "-F");
  return out;
}

}  // namespace

std::string BashCompletions(std::span<const Command> commands) {
  std::vector<std::string> names;
  for (const Command& command : commands) names.emplace_back(command.name);
  std::string out =
      "# headroom completions bash\n"
      "_headroom() {\n"
      "  local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}\n"
      "  COMPREPLY=()\n"
      "  if ((COMP_CWORD == 1)); then\n"
      "    COMPREPLY=($(compgen -W \"" +
      Join(names) +
      " --help --version\" -- \"$word\"))\n"
      "    return\n"
      "  fi\n"
      "  case \"${COMP_WORDS[1]}\" in\n";
  for (const Command& command : commands) out += BashCase(command);
  return out + "  esac\n}\ncomplete -F _headroom headroom\n";
}

std::string ZshCompletions(std::span<const Command> commands) {
  std::string out =
      "#compdef headroom\n"
      "_headroom() {\n"
      "  local -a commands\n"
      "  commands=(\n";
  for (const Command& command : commands) {
    out += "    " + Quoted(std::string(command.name) + ":" + std::string(command.summary), "'\\''") + "\n";
  }
  out +=
      "  )\n"
      "  if ((CURRENT == 2)); then\n"
      "    _describe command commands\n"
      "    return\n"
      "  fi\n"
      "  local command=$words[2]\n"
      "  shift words\n"
      "  ((CURRENT--))\n"
      "  case $command in\n";
  for (const Command& command : commands) out += ZshCase(command);
  return out + "  esac\n}\n_headroom \"$@\"\n";
}

std::string FishCompletions(std::span<const Command> commands) {
  std::string out = "# headroom completions fish\ncomplete -c headroom -f\n";
  for (const Command& command : commands) {
    out +=
        FishLine("__fish_use_subcommand", "-a " + std::string(command.name) + " -d " + Quoted(command.summary, "\\'"));
  }
  for (const Command& command : commands) out += FishCommand(command);
  return out;
}

}  // namespace headroom::cli
