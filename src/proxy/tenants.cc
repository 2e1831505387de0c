#include "proxy/tenants.h"

#include "proxy/lineage.h"

namespace headroom::proxy {
namespace {

constexpr size_t kMaxAccepted = 65536;

Hash128 TokenKey(const Credential& credential) { return Hasher128().Add("token").Add(credential.token).Finish(); }

store::TenantId TenantIn(const store::Node& node) { return Hash128::FromBytes(node.payload); }

bool IsLink(const std::optional<store::Node>& node) {
  return node.has_value() && node->decision == store::Node::Decision::kTenantLink && node->payload.size() == 16;
}

// Open lineage of the assistant's tool calls: their ids are issued by the
// provider and cannot be guessed.
std::vector<Hash128> IssuedKeys(const RequestView& view) {
  const std::vector<Hash128> chain = OpenLineageOf(view);
  std::vector<Hash128> keys;
  for (size_t i = 0; i < view.blocks.size(); ++i) {
    const Block& block = view.blocks[i];
    const bool issued = block.role == Role::kAssistant && block.kind == BlockKind::kToolCall && !block.call_id.empty();
    if (issued) keys.push_back(chain[i]);
  }
  return keys;
}

}  // namespace

void Tenants::Link(const Hash128& key, const store::TenantId& tenant) {
  const auto bytes = tenant.Bytes();
  store::Node node;
  node.key = key;
  node.tenant = tenant;
  node.decision = store::Node::Decision::kTenantLink;
  node.payload.assign(bytes.data(), bytes.size());
  store_.Insert(std::move(node));
}

std::optional<store::TenantId> Tenants::Linked(const Hash128& key) {
  const std::vector<std::optional<store::Node>> found = store_.Find({key});
  if (!IsLink(found[0])) return std::nullopt;
  return TenantIn(*found[0]);
}

store::TenantId Tenants::Resolve(const Credential& credential, const RequestView& view) {
  if (credential.kind != Credential::Kind::kOpaque) return credential.tenant;
  const std::vector<Hash128> issued = IssuedKeys(view);
  std::optional<store::TenantId> tenant = Linked(TokenKey(credential));
  if (!tenant.has_value()) {
    for (const std::optional<store::Node>& node : store_.Find(issued)) {
      if (IsLink(node)) tenant = TenantIn(*node);
    }
    if (!tenant.has_value()) tenant = credential.tenant;
    Link(TokenKey(credential), *tenant);
  }
  if (!issued.empty() && !Linked(issued.back()).has_value()) Link(issued.back(), *tenant);
  return *tenant;
}

store::TenantId Tenants::Known(const Credential& credential) {
  if (credential.kind != Credential::Kind::kOpaque) return credential.tenant;
  return Linked(TokenKey(credential)).value_or(credential.tenant);
}

void Tenants::MarkAccepted(const Credential& credential) {
  if (credential.kind != Credential::Kind::kJwt && credential.kind != Credential::Kind::kOpaque) return;
  const std::lock_guard lock(mutex_);
  if (accepted_.size() >= kMaxAccepted) accepted_.clear();
  accepted_.insert(credential.token);
}

bool Tenants::Proven(const Credential& credential) const {
  if (credential.kind != Credential::Kind::kJwt && credential.kind != Credential::Kind::kOpaque) return true;
  const std::lock_guard lock(mutex_);
  return accepted_.contains(credential.token);
}

}  // namespace headroom::proxy
