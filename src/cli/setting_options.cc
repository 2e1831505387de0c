#include "cli/setting_options.h"

#include <string>

namespace headroom::cli {
namespace {

Completion CompletionOf(const Option& option) {
  if (option.value == "FILE") return Completion::kFile;
  return option.value == "DIR" ? Completion::kDirectory : Completion::kNothing;
}

CommandOption AsCommandOption(const Option& option) {
  CommandOption made{.flag = Flag(option), .value = std::string(option.value), .help = std::string(option.help)};
  if (option.kind == Kind::kSwitch) {
    made.no_flag = Flag(option, false);
    made.lists_no_flag = OnByDefault(option);
  } else {
    made.help.append(" [").append(DefaultText(option)).append("]");
  }
  if (!option.has_effect) made.help.append(" (no effect yet)");
  made.group = option.group;
  made.other_flag = option.other_flag;
  made.short_flag = option.short_flag;
  made.repeated = option.kind == Kind::kList;
  made.completion = CompletionOf(option);
  return made;
}

// A list may be given item by item.
std::string JoinItems(const std::vector<std::string>& items) {
  std::string joined;
  for (const std::string& item : items) joined.append(joined.empty() ? "" : ",").append(item);
  return joined;
}

}  // namespace

std::vector<CommandOption> SettingOptions() {
  std::vector<CommandOption> options;
  for (const Option& option : Options()) options.push_back(AsCommandOption(option));
  return options;
}

std::vector<Assignment> SettingAssignments(const Given& given) {
  std::vector<Assignment> assignments;
  for (const Option& option : Options()) {
    const std::vector<std::string> values = given.All(Flag(option));
    if (values.empty()) continue;
    const std::string text = option.kind == Kind::kList ? JoinItems(values) : values.back();
    assignments.push_back({&option, text, Flag(option, option.kind != Kind::kSwitch || text == "true")});
  }
  return assignments;
}

}  // namespace headroom::cli
