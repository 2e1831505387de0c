#include "cli/load.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <thread>
#include <utility>

#include "cli/config_file.h"
#include "cli/model_overrides.h"
#include "cli/secrets.h"
#include "cli/values.h"

namespace headroom::cli {
namespace {

using Source = ValueOrigin::Source;

constexpr size_t kMostDefaultWorkers = 4;

Status Set(const Assignment& assignment, const std::string& home, Config& config) {
  if (!assignment.option->secret) return assignment.option->set(assignment.text, config);
  const Result<std::string> secret = ReadSecret(assignment.text, home);
  return secret.ok() ? assignment.option->set(*secret, config) : secret.status();
}

Status Apply(const Assignment& assignment, Source source, const std::string& home, Config& config) {
  const Option& option = *assignment.option;
  const Status status = Set(assignment, home, config);
  if (!status.ok()) {
    const std::string key = source == Source::kFile ? std::string(option.key) + ": " : "";
    return {status.code(), assignment.where + ": " + key + status.detail()};
  }
  config.origins.insert_or_assign(std::string(option.key), ValueOrigin{source, assignment.where});
  return {};
}

Status ApplyAll(const std::vector<Assignment>& assignments, Source source, const std::string& home, Config& config) {
  for (const Assignment& assignment : assignments) {
    const Status status = Apply(assignment, source, home, config);
    if (!status.ok()) return status;
  }
  return {};
}

// The text that means the same for the positive spelling of a switch.
Result<std::string> Negated(const Assignment& assignment) {
  const Result<bool> value = ParseBool(assignment.text);
  if (!value.ok()) return Status(value.status().code(), assignment.where + ": " + value.status().detail());
  return std::string(*value ? "false" : "true");
}

Result<std::optional<Assignment>> FromEnvironment(const Option& option, const Environment& environment) {
  std::optional<Assignment> found;
  const std::string negative = option.kind == Kind::kSwitch ? EnvironmentName(option, false) : "";
  for (const std::string& name : {EnvironmentName(option), std::string(option.other_env), negative}) {
    if (name.empty()) continue;
    const std::optional<std::string> text = environment(name);
    if (!text || text->empty()) continue;
    if (found) {
      return Status(Code::kInvalidArgument, found->where + " and " + name + " are both set; one of them has to go");
    }
    found = Assignment{&option, *text, name};
    if (name != negative) continue;
    Result<std::string> positive = Negated(*found);
    if (!positive.ok()) return positive.status();
    found->text = *std::move(positive);
  }
  return found;
}

Result<std::vector<Assignment>> FromEnvironment(const Environment& environment) {
  std::vector<Assignment> assignments;
  for (const Option& option : Options()) {
    Result<std::optional<Assignment>> found = FromEnvironment(option, environment);
    if (!found.ok()) return found.status();
    if (found->has_value()) assignments.push_back(**std::move(found));
  }
  return assignments;
}

std::string ConfigFile(const std::vector<Assignment>& environment, const std::vector<Assignment>& command_line) {
  std::string path;
  for (const auto* assignments : {&environment, &command_line}) {
    for (const Assignment& assignment : *assignments) {
      if (assignment.option->key == "config") path = assignment.text;
    }
  }
  return path;
}

Status ExpandPaths(const Environment& environment, Config& config) {
  const std::optional<std::string> home = environment("HOME");
  for (std::string* path : {&config.data_dir, &config.ca_file, &config.log_file, &config.config_file, &config.toin_path,
                            &config.tls_cert, &config.tls_key}) {
    if (!path->starts_with('~')) continue;
    if (!home || home->empty()) {
      return {Code::kInvalidArgument,
              "'" + *path + "' needs HOME, which is not set (--data-dir names another directory)"};
    }
    *path = ExpandHome(*path, *home);
  }
  if (config.data_dir.empty()) return {Code::kInvalidArgument, "data_dir is empty"};
  if (config.tls_cert.empty() != config.tls_key.empty()) {
    const bool no_key = config.tls_key.empty();
    return {Code::kInvalidArgument, std::string(no_key ? "tls_cert" : "tls_key") + " is given without " +
                                        (no_key ? "tls_key" : "tls_cert") + ": TLS needs both"};
  }
  return {};
}

// The strongest first: the setting, the file's tables, models.json in the data directory.
Status JoinModels(const Environment& environment, Config& config) {
  std::vector<policy::ModelOverride> models;
  if (!config.model_limits.empty()) {
    const std::string text = ExpandHome(config.model_limits, environment("HOME").value_or("~"));
    const auto origin = config.origins.find("model_limits");
    const std::string where = origin == config.origins.end() ? "model_limits" : origin->second.where;
    Result<std::vector<policy::ModelOverride>> given = ReadModelOverrides(text, where);
    if (!given.ok()) return given.status();
    AddWeaker(*given, models);
  }
  AddWeaker(config.models, models);
  const std::string file = config.data_dir + "/models.json";
  std::error_code ignored;
  if (std::filesystem::is_regular_file(file, ignored)) {
    Result<std::vector<policy::ModelOverride>> kept = ReadModelOverrides(file, file);
    if (!kept.ok()) return kept.status();
    AddWeaker(*kept, models);
  }
  config.models = std::move(models);
  return {};
}

Status CheckKeys(const Environment& environment, const Config& config) {
  for (const Upstream& upstream : config.upstreams) {
    if (upstream.key_env.empty()) continue;
    const std::optional<std::string> key = environment(upstream.key_env);
    if (!key || key->empty()) {
      return {Code::kInvalidArgument,
              "upstream " + upstream.name + " takes its key from " + upstream.key_env + ", which is not set"};
    }
  }
  return {};
}

// "Keep nothing" wins over what would keep something.
void KeepNothing(Config& config) {
  config.data_dir.clear();
  config.toin_path.clear();
  config.original_budget_bytes = 0;
  config.telemetry_disabled = true;
  config.gaps = proxy::Gaps::kOff;
  config.ccr = false;
}

Status CheckBudgets(const Environment& environment, const Config& config) {
  const TenantBudget* each = nullptr;
  for (const TenantBudget& budget : config.budgets) {
    const std::string complaint = "budget " + budget.name;
    if (budget.whose == TenantBudget::Whose::kKeyEnv && environment(budget.value).value_or("").empty()) {
      return {Code::kInvalidArgument, complaint + " is for the key in " + budget.value + ", which is not set"};
    }
    if (budget.whose == TenantBudget::Whose::kKeyEnv && config.tenant.kind != TenantRule::Kind::kCredential) {
      return {Code::kInvalidArgument, complaint + " is for a key, and tenant is not credential"};
    }
    if (budget.whose == TenantBudget::Whose::kHeader && config.tenant.kind != TenantRule::Kind::kHeader) {
      return {Code::kInvalidArgument, complaint + " is for a header's value, and tenant is not header:NAME"};
    }
    if (budget.whose != TenantBudget::Whose::kEachOne) continue;
    if (each != nullptr)
      return {Code::kInvalidArgument, complaint + " and " + each->name + " are both for each tenant"};
    each = &budget;
  }
  return {};
}

void AppendDefaultUpstreams(Config& config) {
  config.upstreams.push_back({"anthropic", config.anthropic_api_url, {Api::kMessages}, {}, {}, ""});
  config.upstreams.push_back({"openai", config.openai_api_url, {Api::kChat, Api::kResponses}, {}, {}, ""});
}

}  // namespace

Environment ProcessEnvironment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return value;
  };
}

Result<Config> Load(const std::vector<Assignment>& command_line, const Environment& environment) {
  const Result<std::vector<Assignment>> variables = FromEnvironment(environment);
  if (!variables.ok()) return variables.status();

  const std::string home = environment("HOME").value_or("~");
  Config config;
  if (const std::string path = ConfigFile(*variables, command_line); !path.empty()) {
    Result<FileSettings> file = ReadConfigFile(ExpandHome(path, home));
    if (!file.ok()) return file.status();
    const Status status = ApplyAll(file->assignments, Source::kFile, home, config);
    if (!status.ok()) return status;
    config.upstreams = std::move(file->upstreams);
    config.models = std::move(file->models);
    config.budgets = std::move(file->budgets);
  }
  Status status = ApplyAll(*variables, Source::kEnvironment, home, config);
  if (status.ok()) status = ApplyAll(command_line, Source::kCommandLine, home, config);
  if (status.ok()) status = ExpandPaths(environment, config);
  if (status.ok()) status = JoinModels(environment, config);
  if (status.ok()) status = CheckKeys(environment, config);
  if (status.ok()) status = CheckBudgets(environment, config);
  if (!status.ok()) return status;

  if (config.no_store) KeepNothing(config);
  if (config.workers == 0) {
    config.workers = std::clamp<size_t>(std::thread::hardware_concurrency(), 1, kMostDefaultWorkers);
  }
  AppendDefaultUpstreams(config);
  return config;
}

Result<Config> LoadLocal(const std::optional<std::string>& data_dir, const std::optional<std::string>& config,
                         const Environment& environment) {
  std::vector<Assignment> assignments;
  if (data_dir.has_value()) assignments.push_back({FindOption("data_dir"), *data_dir, "--data-dir"});
  if (config.has_value()) assignments.push_back({FindOption("config"), *config, "--config"});
  return Load(assignments, environment);
}

}  // namespace headroom::cli
