#include "cli/command.h"

#include <utility>

namespace headroom::cli {

std::optional<std::string> Given::Text(std::string_view flag) const {
  const auto found = values_.find(flag);
  if (found == values_.end()) return std::nullopt;
  return found->second.back();
}

std::vector<std::string> Given::All(std::string_view flag) const {
  const auto found = values_.find(flag);
  return found == values_.end() ? std::vector<std::string>() : found->second;
}

std::optional<bool> Given::Switch(std::string_view flag) const {
  const std::optional<std::string> text = Text(flag);
  if (!text) return std::nullopt;
  return *text == "true";
}

std::string Given::Argument(size_t index, std::string_view otherwise) const {
  return index < arguments_.size() ? arguments_[index] : std::string(otherwise);
}

std::vector<CommandOption> LocalOptions(std::string help) {
  return {{.flag = "--data-dir",
           .value = "DIR",
           .help = std::move(help) + " [HEADROOM_DATA_DIR, ~/.headroom]",
           .group = "Program",
           .completion = Completion::kDirectory},
          {.flag = "--config",
           .value = "FILE",
           .help = "Settings in TOML [HEADROOM_CONFIG]",
           .group = "Program",
           .completion = Completion::kFile}};
}

std::vector<CommandOption> WithLocalOptions(std::vector<CommandOption> options, std::string data_dir_help) {
  for (CommandOption& option : LocalOptions(std::move(data_dir_help))) options.push_back(std::move(option));
  return options;
}

Result<Config> LoadLocal(const Given& given, const Environment& environment) {
  return LoadLocal(given.Text("--data-dir"), given.Text("--config"), environment);
}

}  // namespace headroom::cli
