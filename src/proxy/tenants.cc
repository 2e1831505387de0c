#include "proxy/tenants.h"

#include "proxy/lineage.h"

namespace headroom::proxy {
namespace {

constexpr size_t kMaxAccepted = 65536;

Hash128 TokenKey(const Credential& credential) { return Hasher128().Add("token").Add(credential.token).Finish(); }

Hash128 ProofKey(const Credential& credential, std::string_view upstream) {
  return Hasher128().Add(credential.token).Add(upstream).Finish();
}

store::TenantId TenantIn(const store::Node& node) { return Hash128::FromBytes(node.payload); }

bool IsLink(const std::optional<store::Node>& node) {
  return node.has_value() && node->decision == store::Node::Decision::kTenantLink && node->payload.size() == 16;
}

// Shorter ids may have been made up by a framework ("call_1").
constexpr size_t kMinIssuedIdBytes = 20;

// Open lineage of the assistant's tool calls: their ids are issued by the
// provider and cannot be guessed.
std::vector<Hash128> IssuedKeys(const RequestView& view) {
  const std::vector<Hash128> chain = OpenLineageOf(view);
  std::vector<Hash128> keys;
  for (size_t i = 0; i < view.blocks.size(); ++i) {
    const Block& block = view.blocks[i];
    const bool call = block.role == Role::kAssistant && block.kind == BlockKind::kToolCall;
    if (call && block.has_id && block.call_id.size() >= kMinIssuedIdBytes) keys.push_back(chain[i]);
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

std::optional<store::TenantId> Tenants::Linked(const std::vector<Hash128>& keys, bool& complete) {
  std::optional<store::TenantId> tenant;
  complete = true;
  if (keys.empty()) return tenant;
  for (const std::optional<store::Node>& node : store_.Find(keys, &complete)) {
    if (IsLink(node)) tenant = TenantIn(*node);
  }
  return tenant;
}

store::TenantId Tenants::Resolve(const Credential& credential, const RequestView& view, bool record) {
  if (credential.kind != Credential::Kind::kOpaque) return credential.tenant;
  const std::vector<Hash128> issued = IssuedKeys(view);
  bool complete = false;
  bool token_complete = false;
  const std::optional<store::TenantId> by_conversation = Linked(issued, complete);
  const std::optional<store::TenantId> by_token = Linked({TokenKey(credential)}, token_complete);
  const store::TenantId tenant = by_conversation.value_or(by_token.value_or(credential.tenant));
  // A request that shows no conversation says nothing of whose token it is, and
  // a link that was not read may exist.
  if (!record || issued.empty() || !complete || !token_complete) return tenant;
  if (!by_token.has_value()) Link(TokenKey(credential), tenant);
  Link(issued.back(), tenant);
  return tenant;
}

store::TenantId Tenants::Known(const Credential& credential) {
  if (credential.kind != Credential::Kind::kOpaque) return credential.tenant;
  bool complete = false;
  return Linked({TokenKey(credential)}, complete).value_or(credential.tenant);
}

void Tenants::MarkAccepted(const Credential& credential, std::string_view upstream) {
  if (credential.kind != Credential::Kind::kJwt && credential.kind != Credential::Kind::kOpaque) return;
  const std::lock_guard lock(mutex_);
  if (accepted_.size() >= kMaxAccepted) accepted_.clear();
  accepted_.insert(ProofKey(credential, upstream));
}

bool Tenants::Proven(const Credential& credential, std::string_view upstream) const {
  if (credential.kind != Credential::Kind::kJwt && credential.kind != Credential::Kind::kOpaque) return true;
  const std::lock_guard lock(mutex_);
  return accepted_.contains(ProofKey(credential, upstream));
}

}  // namespace headroom::proxy
