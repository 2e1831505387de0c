#include "cli/local_store.h"

#include <optional>
#include <utility>

#include "base/clock.h"
#include "base/hash.h"
#include "cli/store_options.h"
#include "net/message.h"
#include "proxy/credential.h"

namespace headroom::cli {
namespace {

// A command can wait for a disk that a request would not wait for.
constexpr std::chrono::seconds kReadTimeout{5};

store::TenantId SingleTenant() { return proxy::ReadCredential({}, {proxy::TenantRule::By::kSingle, {}}).tenant; }

store::TenantId TenantOf(const std::string& key) {
  net::HeaderList headers;
  headers.Add("x-api-key", key);
  return proxy::ReadCredential(headers, {}).tenant;
}

}  // namespace

Result<LocalStore> LocalStore::Open(const Config& config) {
  store::Store::Options options = StoreOptionsFrom(config);
  options.read_timeout = kReadTimeout;
  Result<std::unique_ptr<store::Store>> store = store::Store::Open(std::move(options), Clock::System());
  if (!store.ok()) return store.status();
  return LocalStore(*std::move(store), config.project);
}

Status LocalStore::Keep(std::string_view text, std::string_view tool, size_t tokens, size_t tokens_after) {
  store::Original original;
  original.id = ContentId(text);
  original.tenant = SingleTenant();
  original.text = text;
  original.tool_name = tool;
  original.project = project_;
  original.tokens = static_cast<uint32_t>(tokens);
  original.tokens_after = static_cast<uint32_t>(tokens_after);
  store_->PutOriginal(std::move(original));
  store_->Flush();
  const store::Stats stats = store_->stats();
  if (stats.disk_ok && stats.write_failures == 0 && stats.queued_writes == 0) return {};
  return {Code::kUnavailable, "the data directory cannot be written"};
}

Result<std::string> LocalStore::Fetch(const std::string& id, const Environment& environment,
                                      const std::string& key_variable) {
  std::vector<store::TenantId> tenants = {SingleTenant()};
  for (const std::string& variable : {key_variable, std::string("ANTHROPIC_API_KEY"), std::string("OPENAI_API_KEY")}) {
    if (variable.empty()) continue;
    const std::optional<std::string> key = environment(variable);
    if (key.has_value() && !key->empty()) tenants.push_back(TenantOf(*key));
  }
  Status status(Code::kNotFound, "no such original");
  for (const store::TenantId& tenant : tenants) {
    Result<store::Original> original = store_->GetOriginal(tenant, id);
    if (original.ok()) return std::move(original->text);
    if (original.status().code() != Code::kNotFound) status = original.status();
  }
  return status;
}

}  // namespace headroom::cli
