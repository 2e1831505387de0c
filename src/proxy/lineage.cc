#include "proxy/lineage.h"

#include <algorithm>

namespace headroom::proxy {
namespace {

Hash128 Next(Hasher128& hasher, const Hash128& link, const Block& block) {
  if (block.kind == BlockKind::kThinking) return link;
  hasher.Reset();
  return hasher.Add(link).Add(block.canonical).Finish();
}

std::vector<Hash128> Chain(const RequestView& view, Hash128 link) {
  std::vector<Hash128> keys;
  keys.reserve(view.blocks.size());
  Hasher128 hasher;
  for (const Block& block : view.blocks) keys.push_back(link = Next(hasher, link, block));
  return keys;
}

}  // namespace

Hash128 StartOf(const RequestView& view, const store::TenantId& tenant) {
  if (view.start != Hash128{}) return view.start;
  return Hasher128().Add("lineage").Add(tenant).Add(ApiName(view.api)).Finish();
}

std::vector<Hash128> LineageOf(const RequestView& view, const store::TenantId& tenant) {
  return Chain(view, StartOf(view, tenant));
}

Hash128 RootOf(const RequestView& view, const std::vector<Hash128>& lineage) {
  if (view.continues()) return view.root;
  const auto answer = std::find_if(view.blocks.begin(), view.blocks.end(),
                                   [](const Block& block) { return block.role == Role::kAssistant; });
  const auto before = static_cast<size_t>(answer - view.blocks.begin());
  return before == 0 ? Hash128{} : lineage[before - 1];
}

Hash128 LineageBefore(const RequestView& view, const std::vector<Hash128>& lineage, size_t message) {
  const auto first = std::lower_bound(view.blocks.begin(), view.blocks.end(), message,
                                      [](const Block& block, size_t index) { return block.message < index; });
  const auto before = static_cast<size_t>(first - view.blocks.begin());
  return before == 0 ? Hash128{} : lineage[before - 1];
}

Hash128 Extend(Hash128 link, const std::vector<Block>& blocks) {
  Hasher128 hasher;
  for (const Block& block : blocks) link = Next(hasher, link, block);
  return link;
}

std::vector<Hash128> OpenLineageOf(const RequestView& view) {
  return Chain(view, Hasher128().Add("open lineage").Add(ApiName(view.api)).Finish());
}

Hash128 ContentKey(const store::TenantId& tenant, const Block& block) {
  return Hasher128().Add("content").Add(tenant).Add(block.call_id).Add(block.canonical).Finish();
}

}  // namespace headroom::proxy
