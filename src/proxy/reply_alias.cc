#include "proxy/reply_alias.h"

#include "base/framing.h"

namespace headroom::proxy {
namespace {

Hash128 KeyOf(std::string_view what, const store::TenantId& tenant, std::string_view id) {
  return Hasher128().Add(what).Add(tenant).Add(id).Finish();
}

constexpr std::string_view kAlias = "reply alias";
constexpr std::string_view kShown = "reply shown";
constexpr std::string_view kOurCall = "call of ours";

void AppendNumber(uint64_t value, std::string& out) {
  AppendUint32(static_cast<uint32_t>(value), out);
  AppendUint32(static_cast<uint32_t>(value >> 32), out);
}

bool TakeNumber(std::string_view& record, uint64_t& value) {
  uint32_t low = 0;
  uint32_t high = 0;
  if (!TakeUint32(record, low) || !TakeUint32(record, high)) return false;
  value = static_cast<uint64_t>(high) << 32 | low;
  return true;
}

}  // namespace

std::string ReplyAlias::Encode() const {
  std::string payload;
  AppendUint32(static_cast<uint32_t>(ids.size()), payload);
  for (const std::string& id : ids) AppendFramed(id, payload);
  for (const std::string* text : {&previous, &results, &items}) AppendFramed(*text, payload);
  AppendNumber(earlier.total, payload);
  for (const auto& [key, count] : earlier.details) {
    AppendFramed(key, payload);
    AppendNumber(count, payload);
  }
  return payload;
}

Result<ReplyAlias> ReplyAlias::Decode(std::string_view payload) {
  const Status cut(Code::kDataLoss, "reply alias cut short");
  ReplyAlias alias;
  uint32_t count = 0;
  if (!TakeUint32(payload, count) || count == 0 || count > payload.size()) return cut;
  for (uint32_t i = 0; i < count; ++i) {
    if (!TakeFramed(payload, alias.ids.emplace_back())) return cut;
  }
  for (std::string* text : {&alias.previous, &alias.results, &alias.items}) {
    if (!TakeFramed(payload, *text)) return cut;
  }
  if (!TakeNumber(payload, alias.earlier.total)) return cut;
  while (!payload.empty()) {
    std::string key;
    uint64_t tokens = 0;
    if (!TakeFramed(payload, key) || !TakeNumber(payload, tokens)) return cut;
    alias.earlier.details[key] = tokens;
  }
  return alias;
}

void ReplyAliases::Record(const store::Node& base, const KeptReply& reply) const {
  const auto insert = [&](const Hash128& key, std::string payload) {
    store::Node node = base;
    node.key = key;
    node.rule = "reply_alias";
    node.payload = std::move(payload);
    store_.Insert(std::move(node));
  };
  for (size_t i = 0; i < std::min(reply.our_calls.size(), kMaxCalls); ++i) {
    insert(KeyOf(kOurCall, base.tenant, reply.our_calls[i]), "");
  }
  if (reply.alias.ids.empty() || !reply.alias.differs()) return;
  ReplyAlias alias = reply.alias;
  if (alias.items.size() > kMaxItemBytes) alias.items.clear();
  for (size_t i = 1; i < alias.ids.size(); ++i) insert(KeyOf(kShown, base.tenant, alias.ids[i]), alias.ids[0]);
  insert(KeyOf(kAlias, base.tenant, alias.ids[0]), alias.Encode());
}

std::optional<ReplyAlias> ReplyAliases::Find(const store::TenantId& tenant, std::string_view id) const {
  const std::optional<store::Node> node = store::FindSurely(store_, {KeyOf(kAlias, tenant, id)})[0];
  if (!node.has_value()) return std::nullopt;
  Result<ReplyAlias> alias = ReplyAlias::Decode(node->payload);
  return alias.ok() ? std::optional(*std::move(alias)) : std::nullopt;
}

std::optional<std::string> ReplyAliases::ShownId(const store::TenantId& tenant, std::string_view id) const {
  const std::optional<store::Node> node = store::FindSurely(store_, {KeyOf(kShown, tenant, id)})[0];
  return node.has_value() ? std::optional(node->payload) : std::nullopt;
}

std::vector<bool> ReplyAliases::AreOurs(const store::TenantId& tenant, const std::vector<std::string>& call_ids) const {
  std::vector<Hash128> keys;
  for (const std::string& id : call_ids) keys.push_back(KeyOf(kOurCall, tenant, id));
  std::vector<bool> ours;
  for (const std::optional<store::Node>& node : store::FindSurely(store_, keys)) ours.push_back(node.has_value());
  return ours;
}

}  // namespace headroom::proxy
