// From a credential to its tenant: a rotated opaque login finds its account
// again by the conversation it continues, and an unverified login counts as
// proven only after the provider accepted it. Thread-safe.

#pragma once

#include <mutex>
#include <unordered_set>

#include "proxy/credential.h"
#include "proxy/request_view.h"
#include "store/store.h"

namespace headroom::proxy {

class Tenants {
 public:
  explicit Tenants(store::Store& store) : store_(store) {}

  // The tenant of a request. An opaque token never seen before joins the
  // tenant whose conversation its request reproduces up to an assistant
  // message with provider-issued ids; otherwise it founds its own.
  store::TenantId Resolve(const Credential& credential, const RequestView& view);

  // The tenant of a request without a conversation; never joins.
  store::TenantId Known(const Credential& credential);

  // The provider answered this credential with anything but 401 or 403.
  void MarkAccepted(const Credential& credential);
  // True for keys, and for logins the provider has accepted since the start.
  bool Proven(const Credential& credential) const;

 private:
  void Link(const Hash128& key, const store::TenantId& tenant);
  std::optional<store::TenantId> Linked(const Hash128& key);

  store::Store& store_;
  mutable std::mutex mutex_;
  std::unordered_set<Hash128, Hash128Hasher> accepted_;  // bounded by kMaxAccepted
};

}  // namespace headroom::proxy
