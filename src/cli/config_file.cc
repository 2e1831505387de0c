#include "cli/config_file.h"

#include <toml++/toml.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <optional>
#include <utility>

#include "cli/model_overrides.h"
#include "cli/suggestion.h"
#include "cli/values.h"

namespace headroom::cli {
namespace {

constexpr size_t kMaxFileBytes = 1 << 20;
constexpr size_t kMaxUpstreams = 256;
constexpr size_t kMaxBudgets = 4096;

std::string Position(const std::string& name, const toml::source_region& region) {
  return name + ":" + std::to_string(region.begin.line) + ":" + std::to_string(region.begin.column);
}

Status Invalid(const std::string& where, const std::string& complaint) {
  return {Code::kInvalidArgument, where + ": " + complaint};
}

// A string, or an array of strings.
std::optional<std::vector<std::string>> Strings(const toml::node& node) {
  if (const auto* text = node.as_string()) return std::vector<std::string>{text->get()};
  const toml::array* array = node.as_array();
  if (array == nullptr) return std::nullopt;
  std::vector<std::string> items;
  for (const toml::node& item : *array) {
    const auto* text = item.as_string();
    if (text == nullptr) return std::nullopt;
    items.push_back(text->get());
  }
  return items;
}

// TOML has parsed the number already; Option::set reads it again under its own
// rules, so it has to look as on the command line: no exponent.
std::string DecimalText(double value) {
  char buffer[512];
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof(buffer), value, std::chars_format::fixed);
  return error == std::errc() ? std::string(buffer, end) : std::string();
}

// The text of a value as Option::set takes it; nothing when its type is wrong.
std::optional<std::string> ValueText(const toml::node& node, Kind kind) {
  switch (kind) {
    case Kind::kText:
      return node.value_exact<std::string>();
    case Kind::kNumber:
      if (const auto* integer = node.as_integer()) return std::to_string(integer->get());
      if (const auto* decimal = node.as_floating_point()) return DecimalText(decimal->get());
      return std::nullopt;
    case Kind::kSwitch:
      if (const auto* boolean = node.as_boolean()) return boolean->get() ? "true" : "false";
      return std::nullopt;
    case Kind::kList:
      break;
  }
  const auto items = Strings(node);
  if (!items) return std::nullopt;
  std::string text;
  for (const std::string& item : *items) text.append(text.empty() ? "" : ",").append(item);
  return text;
}

std::string_view KindName(Kind kind) {
  switch (kind) {
    case Kind::kText:
      return "a string";
    case Kind::kNumber:
      return "a number";
    case Kind::kSwitch:
      return "true or false";
    case Kind::kList:
      break;
  }
  return "an array of strings";
}

// A pattern is a text, or a beginning followed by one '*'.
bool IsPattern(std::string_view text) {
  return !text.empty() && text.substr(0, text.size() - 1).find('*') == std::string_view::npos;
}

class UpstreamReader {
 public:
  explicit UpstreamReader(std::string name) : file_(std::move(name)) {}

  Result<Upstream> Read(const toml::table& table) {
    Upstream row;
    for (const auto& [key, node] : table) {
      const Status status = ReadKey(key.str(), node, Position(file_, key.source()), row);
      if (!status.ok()) return status;
    }
    const std::string where = Position(file_, table.source());
    if (row.name.empty()) return Invalid(where, "an upstream needs a name");
    if (row.base_url.empty()) return Invalid(where, "upstream " + row.name + " needs a base_url");
    if (row.apis.empty()) return Invalid(where, "upstream " + row.name + " needs an api: messages, chat or responses");
    if (row.models.empty() && row.paths.empty()) {
      return Invalid(where, "upstream " + row.name + " needs models or paths that it serves");
    }
    return row;
  }

 private:
  static Status ReadKey(std::string_view key, const toml::node& node, const std::string& where, Upstream& row) {
    if (key == "api") return ReadApis(node, where, row);
    if (key == "models" || key == "paths") return ReadPatterns(key, node, where, row);
    if (key != "name" && key != "base_url" && key != "key_env") {
      return Invalid(where, UnknownName("key", key, {"name", "base_url", "api", "models", "paths", "key_env"}) +
                                " in an upstream");
    }
    const auto text = node.value_exact<std::string>();
    if (!text || text->empty()) return Invalid(where, std::string(key) + " must be a string that is not empty");
    if (key == "base_url") return ReadUrl(*text, where, row);
    if (key == "name") return ReadName(*text, where, row);
    row.key_env = *text;
    return {};
  }

  static Status ReadName(const std::string& text, const std::string& where, Upstream& row) {
    const Result<std::string> label = ParseLabel(text);
    if (!label.ok()) return Invalid(where, "name: " + label.status().detail());
    if (text == "anthropic" || text == "openai") {
      return Invalid(where, "the upstream '" + text + "' exists already; " + text + "_api_url sets its URL");
    }
    row.name = text;
    return {};
  }

  static Status ReadUrl(const std::string& text, const std::string& where, Upstream& row) {
    Result<std::string> url = ParseBaseUrl(text);
    if (!url.ok()) return Invalid(where, "base_url: " + url.status().detail());
    row.base_url = *std::move(url);
    return {};
  }

  static Status ReadApis(const toml::node& node, const std::string& where, Upstream& row) {
    const auto names = Strings(node);
    if (!names) return Invalid(where, "api must be a string or an array of strings");
    for (const std::string& name : *names) {
      const Result<Api> api = ParseApi(name);
      if (!api.ok()) return Invalid(where, "api: " + api.status().detail());
      row.apis.push_back(*api);
    }
    return {};
  }

  static Status ReadPatterns(std::string_view key, const toml::node& node, const std::string& where, Upstream& row) {
    auto patterns = Strings(node);
    if (!patterns) return Invalid(where, std::string(key) + " must be an array of strings");
    for (const std::string& pattern : *patterns) {
      if (!IsPattern(pattern)) return Invalid(where, "'" + pattern + "' may hold one *, at its end");
      if (key == "paths" && !pattern.starts_with('/'))
        return Invalid(where, "path '" + pattern + "' must begin with /");
    }
    (key == "models" ? row.models : row.paths) = *std::move(patterns);
    return {};
  }

  const std::string file_;
};

Status ReadUpstreams(const toml::node& node, const std::string& where, const std::string& name, FileSettings& out) {
  const toml::array* tables = node.as_array();
  if (tables == nullptr || !tables->is_homogeneous(toml::node_type::table)) {
    return Invalid(where, "upstream must be written as [[upstream]] tables");
  }
  if (tables->size() > kMaxUpstreams) return Invalid(where, "more than 256 [[upstream]] tables");
  UpstreamReader reader(name);
  for (const toml::node& table : *tables) {
    Result<Upstream> row = reader.Read(*table.as_table());
    if (!row.ok()) return row.status();
    const auto same_name = [&](const Upstream& other) { return other.name == row->name; };
    if (std::any_of(out.upstreams.begin(), out.upstreams.end(), same_name)) {
      return Invalid(Position(name, table.source()), "a second upstream is named '" + row->name + "'");
    }
    out.upstreams.push_back(*std::move(row));
  }
  return {};
}

Status ReadModel(const toml::table& table, const std::string& name, policy::ModelOverride& model) {
  for (const auto& [key, node] : table) {
    const std::string where = Position(name, key.source());
    const std::optional<std::string> number = ValueText(node, Kind::kNumber);
    if (!number) return Invalid(where, std::string(key.str()) + " must be a number");
    const Status status = SetModelFact(key.str(), *number, model);
    if (status.code() == Code::kNotFound) {
      return Invalid(where, UnknownName("key", key.str(),
                                        {"context_window", "max_output", "input_price", "output_price",
                                         "cache_read_price", "cache_write_price", "cache_write_1h_price"}) +
                                " in a model");
    }
    if (!status.ok()) return Invalid(where, std::string(key.str()) + ": " + status.detail());
  }
  return {};
}

Status ReadModels(const toml::node& node, const std::string& where, const std::string& name, FileSettings& out) {
  const toml::table* models = node.as_table();
  if (models == nullptr) return Invalid(where, "models must be written as [models.\"NAME\"] tables");
  if (models->size() > kMaxModels) return Invalid(where, "more than 4,096 models");
  for (const auto& [key, value] : *models) {
    const std::string position = Position(name, key.source());
    const toml::table* table = value.as_table();
    if (table == nullptr) return Invalid(position, "models must be written as [models.\"NAME\"] tables");
    policy::ModelOverride& model = out.models.emplace_back();
    model.model = key.str();
    if (model.model.empty() || model.model.size() > policy::ModelCatalog::kMaxNameBytes) {
      return Invalid(position, "a model's name has 1 to 256 bytes");
    }
    if (Status status = ReadModel(*table, name, model); !status.ok()) return status;
  }
  return {};
}

std::vector<std::string> FileKeys() {
  std::vector<std::string> keys = {"upstream", "models", "budgets"};
  for (const Option& option : Options()) {
    if (option.in_file) keys.emplace_back(option.key);
  }
  return keys;
}

Status SetWhose(TenantBudget::Whose whose, std::string value, const std::string& where, TenantBudget& budget) {
  if (!budget.value.empty()) return Invalid(where, "a budget has one of tenant, key_env and header");
  if (value.empty()) return Invalid(where, "is empty");
  budget.whose = whose;
  budget.value = std::move(value);
  return {};
}

bool IsDigest(std::string_view text) {
  return text.size() == 32 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

Status ReadBudgetKey(std::string_view key, const toml::node& node, const std::string& where, TenantBudget& budget) {
  const std::optional<std::string> text = ValueText(node, key == "usd" ? Kind::kNumber : Kind::kText);
  if (!text) return Invalid(where, std::string(key) + (key == "usd" ? " must be a number" : " must be a string"));
  if (key == "usd") {
    const Result<int64_t> amount = ParseSpendingLimit(*text);
    if (!amount.ok()) return Invalid(where, "usd: " + amount.status().detail());
    budget.nanodollars = *amount;
    return {};
  }
  if (key == "period") {
    const Result<policy::BudgetPeriod> period = policy::ParseBudgetPeriod(*text);
    if (!period.ok()) return Invalid(where, "period: " + period.status().detail());
    budget.period = *period;
    return {};
  }
  if (key == "key_env") return SetWhose(TenantBudget::Whose::kKeyEnv, *text, where, budget);
  if (key == "header") return SetWhose(TenantBudget::Whose::kHeader, *text, where, budget);
  if (key != "tenant") return Invalid(where, "unknown key '" + std::string(key) + "' in a budget");
  if (*text == "*") return SetWhose(TenantBudget::Whose::kEachOne, *text, where, budget);
  if (!IsDigest(*text)) return Invalid(where, "tenant: '" + *text + "' is not 32 hexadecimal digits or *");
  return SetWhose(TenantBudget::Whose::kDigest, *text, where, budget);
}

Status ReadBudgets(const toml::node& node, const std::string& where, const std::string& name, FileSettings& out) {
  const toml::table* budgets = node.as_table();
  if (budgets == nullptr) return Invalid(where, "budgets must be written as [budgets.NAME] tables");
  if (budgets->size() > kMaxBudgets) return Invalid(where, "more than 4,096 budgets");
  for (const auto& [key, value] : *budgets) {
    const std::string position = Position(name, key.source());
    const toml::table* table = value.as_table();
    if (table == nullptr) return Invalid(position, "budgets must be written as [budgets.NAME] tables");
    TenantBudget& budget = out.budgets.emplace_back();
    budget.name = key.str();
    const Result<std::string> label = ParseLabel(budget.name);
    if (!label.ok()) return Invalid(position, "a budget's name: " + label.status().detail());
    for (const auto& [member, given] : *table) {
      Status status = ReadBudgetKey(member.str(), given, Position(name, member.source()), budget);
      if (!status.ok()) return status;
    }
    if (!table->contains("usd")) return Invalid(position, "budget " + budget.name + " needs usd");
    if (budget.value.empty()) return Invalid(position, "budget " + budget.name + " needs tenant, key_env or header");
  }
  return {};
}

Status ReadSetting(const toml::key& key, const toml::node& node, const std::string& where, FileSettings& out) {
  const Option* option = FindOption(key.str());
  if (option == nullptr || !option->in_file) return Invalid(where, UnknownName("key", key.str(), FileKeys()));
  std::optional<std::string> text = ValueText(node, option->kind);
  if (!text) return Invalid(where, std::string(key.str()) + " must be " + std::string(KindName(option->kind)));
  out.assignments.push_back({option, *std::move(text), where});
  return {};
}

Result<FileSettings> ReadTable(const toml::table& table, const std::string& name) {
  FileSettings settings;
  for (const auto& [key, node] : table) {
    const std::string where = Position(name, key.source());
    Status status;
    if (key.str() == "upstream") {
      status = ReadUpstreams(node, where, name, settings);
    } else if (key.str() == "models") {
      status = ReadModels(node, where, name, settings);
    } else if (key.str() == "budgets") {
      status = ReadBudgets(node, where, name, settings);
    } else {
      status = ReadSetting(key, node, where, settings);
    }
    if (!status.ok()) return status;
  }
  return settings;
}

}  // namespace

Result<FileSettings> ParseConfigText(std::string_view text, const std::string& name) {
  if (text.size() > kMaxFileBytes) return Invalid(name, "larger than 1 MiB");
  try {
    return ReadTable(toml::parse(text), name);
  } catch (const toml::parse_error& error) {
    return Invalid(Position(name, error.source()), std::string(error.description()));
  }
}

Result<FileSettings> ReadConfigFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kMaxFileBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.is_open() || file.bad()) return Status(Code::kNotFound, "cannot read the configuration file " + path);
  text.resize(static_cast<size_t>(file.gcount()));
  return ParseConfigText(text, path);
}

}  // namespace headroom::cli
