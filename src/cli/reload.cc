#include "cli/reload.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "cli/options.h"
#include "net/tls_server.h"
#include "proxy/proxy.h"

namespace headroom::cli {
namespace {

std::string Join(const std::vector<std::string>& items) {
  std::string out;
  for (const std::string& item : items) out.append(out.empty() ? "" : ",").append(item);
  return out;
}

bool SameModel(const policy::ModelOverride& one, const policy::ModelOverride& other) {
  return one.model == other.model && one.context_window == other.context_window && one.max_output == other.max_output &&
         one.prices == other.prices;
}

bool SameUpstream(const Upstream& one, const Upstream& other) {
  return one.name == other.name && one.base_url == other.base_url && one.apis == other.apis &&
         one.models == other.models && one.paths == other.paths && one.key_env == other.key_env;
}

}  // namespace

proxy::GuardRules GuardRulesFrom(const Config& config) {
  return {config.proxy_token, config.admin_token, config.allowed_hosts};
}

proxy::Policy PolicyFrom(const Config& config) {
  proxy::Policy policy;
  policy.protect_tools = config.protect_tools;
  policy.group_hits = config.group_hits;
  policy.gaps = config.gaps;
  policy.fold_reads = config.reads == Reads::kFold;
  policy.tool_profiles = config.tool_profiles;
  policy.logins = config.oauth;
  return policy;
}

std::vector<std::string> Differences(const Config& one, const Config& other, bool reloads) {
  std::vector<std::string> keys;
  for (const Option& option : Options()) {
    if (option.reloads != reloads) continue;
    const bool same = option.reveal == nullptr ? option.print(one) == option.print(other)
                                               : option.reveal(one) == option.reveal(other);
    if (!same) keys.emplace_back(option.key);
  }
  if (reloads) return keys;
  if (!std::equal(one.models.begin(), one.models.end(), other.models.begin(), other.models.end(), SameModel)) {
    keys.emplace_back("models");
  }
  if (!std::equal(one.upstreams.begin(), one.upstreams.end(), other.upstreams.begin(), other.upstreams.end(),
                  SameUpstream)) {
    keys.emplace_back("upstream");
  }
  return keys;
}

Reloader::Reloader(Config config, std::function<Result<Config>()> load, Running running)
    : started_(std::move(config)), taken_(started_), load_(std::move(load)), running_(running) {}

Status Reloader::Reload() {
  Result<Config> config = load_();
  Status status = config.status();
  if (status.ok() && running_.tls != nullptr && !config->tls_cert.empty()) {
    status = running_.tls->Reload(config->tls_cert, config->tls_key);
  }
  if (!status.ok()) {
    log::Error("configuration not taken over: everything stays as it was", {{"why", status.detail()}});
    return status;
  }
  log::SetLevel(config->log_level);
  running_.proxy.guard().Use(GuardRulesFrom(*config));
  running_.proxy.Use(PolicyFrom(*config));
  log::Info("configuration read again", {{"changed", Join(Differences(taken_, *config, true))}});
  if (const std::string waiting = Join(Differences(started_, *config, false)); !waiting.empty()) {
    log::Warning("settings that need a restart are as they were", {{"settings", waiting}});
  }
  taken_ = *std::move(config);
  return {};
}

}  // namespace headroom::cli
