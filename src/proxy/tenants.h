// From a credential to its tenant: a rotated opaque login finds its account
// again by the conversation it continues, and an unverified login counts as
// proven only after the provider accepted it. Thread-safe.

#pragma once

#include <mutex>
#include <optional>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "proxy/credential.h"
#include "proxy/request_view.h"
#include "store/store.h"

namespace headroom::proxy {

class Tenants {
 public:
  explicit Tenants(store::Store& store) : store_(store) {}

  // The tenant of a request. An opaque token is of the tenant whose conversation
  // its request reproduces up to an assistant message with provider-issued ids,
  // else of the one that it was of before, else of its own. `record` files what
  // is found.
  store::TenantId Resolve(const Credential& credential, const RequestView& view, bool record);

  // The tenant of a request without a conversation; never joins.
  store::TenantId Known(const Credential& credential);

  // That upstream answered a request with this credential by 2xx.
  void MarkAccepted(const Credential& credential, std::string_view upstream);
  // True for keys, and for logins that this upstream has accepted since the start.
  bool Proven(const Credential& credential, std::string_view upstream) const;

 private:
  void Link(const Hash128& key, const store::TenantId& tenant);
  // The tenant of the last of `keys` that has one; `complete` as in Store::Find.
  std::optional<store::TenantId> Linked(const std::vector<Hash128>& keys, bool& complete);

  store::Store& store_;
  mutable std::mutex mutex_;
  std::unordered_set<Hash128, Hash128Hasher> accepted_;  // bounded by kMaxAccepted
};

}  // namespace headroom::proxy
