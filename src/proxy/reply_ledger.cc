#include "proxy/reply_ledger.h"

#include <unordered_set>

#include "proxy/lineage.h"

namespace headroom::proxy {
namespace {

constexpr size_t kHashBytes = 16;

Hash128 KeyOf(std::string_view what, const store::TenantId& tenant, std::string_view id) {
  return Hasher128().Add(what).Add(tenant).Add(id).Finish();
}

store::Node NodeFor(const ReplyPlace& place, const Hash128& key, std::string_view rule) {
  store::Node node;
  node.key = key;
  node.tenant = place.tenant;
  node.rule = rule;
  node.project = place.project;
  node.upstream = place.upstream;
  return node;
}

// "name\0arguments"
bool ReadCall(const std::optional<store::Node>& node, Block& call) {
  if (!node.has_value()) return false;
  const size_t end = node->payload.find('\0');
  if (end == std::string::npos) return false;
  call.kind = BlockKind::kToolCall;
  call.role = Role::kAssistant;
  call.tool_name = node->payload.substr(0, end);
  call.recorded_arguments = node->payload.substr(end + 1);
  return true;
}

}  // namespace

void ReplyLedger::Continue(const store::TenantId& tenant, RequestView& view) const {
  if (view.api != Api::kResponses) return;
  if (!view.conversation.empty()) {
    view.start = KeyOf("conversation", tenant, view.conversation);
  } else if (!view.previous_reply.empty()) {
    const Hash128 key = KeyOf("reply", tenant, view.previous_reply);
    const std::optional<store::Node> node = store_.Find({key})[0];
    const std::string payload = node.has_value() ? node->payload : std::string();
    const bool has_root = payload.size() == 2 * kHashBytes;
    const bool known = has_root || payload.size() == kHashBytes;
    view.start = known ? Hash128::FromBytes(payload.substr(0, kHashBytes)) : key;
    if (has_root) view.root = Hash128::FromBytes(payload.substr(kHashBytes));
  }
  FindEarlierCalls(tenant, view);
}

void ReplyLedger::FindEarlierCalls(const store::TenantId& tenant, RequestView& view) const {
  std::unordered_set<std::string_view> present;
  std::vector<Hash128> keys;
  std::vector<std::string> ids;
  for (const Block& block : view.blocks) {
    if (block.kind == BlockKind::kToolCall) present.insert(block.call_id);
    if (block.kind != BlockKind::kToolResult || !present.insert(block.call_id).second) continue;
    keys.push_back(KeyOf("reply call", tenant, block.call_id));
    ids.push_back(block.call_id);
  }
  if (keys.empty()) return;
  const std::vector<std::optional<store::Node>> nodes = store_.Find(keys);
  for (size_t i = 0; i < nodes.size(); ++i) {
    Block call;
    if (!ReadCall(nodes[i], call)) continue;
    call.call_id = std::move(ids[i]);
    view.earlier_calls.push_back(std::move(call));
  }
}

void ReplyLedger::Record(const ReplyPlace& place, const ObservedReply& reply) const {
  if (reply.id.empty() || reply.id.size() > kMaxIdBytes) return;
  size_t calls = 0;
  for (const Block& block : reply.blocks) {
    if (block.kind != BlockKind::kToolCall || !block.has_id || !block.direct_caller) continue;
    if (block.recorded_arguments.size() > kMaxArgumentBytes || ++calls > kMaxCalls) continue;
    store::Node node = NodeFor(place, KeyOf("reply call", place.tenant, block.call_id), "reply_call");
    node.payload.append(block.tool_name).append(1, '\0').append(block.recorded_arguments);
    store_.Insert(std::move(node));
  }
  store::Node node = NodeFor(place, KeyOf("reply", place.tenant, reply.id), "reply");
  for (const Hash128& hash : {Extend(place.lineage, reply.blocks), place.root}) {
    const auto bytes = hash.Bytes();
    node.payload.append(bytes.data(), bytes.size());
  }
  store_.Insert(std::move(node));
}

}  // namespace headroom::proxy
