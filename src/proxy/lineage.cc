#include "proxy/lineage.h"

namespace headroom::proxy {
namespace {

std::vector<Hash128> Chain(const RequestView& view, Hash128 link) {
  std::vector<Hash128> keys;
  keys.reserve(view.blocks.size());
  Hasher128 hasher;
  for (const Block& block : view.blocks) {
    if (block.kind != BlockKind::kThinking) {
      hasher.Reset();
      link = hasher.Add(link).Add(block.canonical).Finish();
    }
    keys.push_back(link);
  }
  return keys;
}

}  // namespace

std::vector<Hash128> LineageOf(const RequestView& view, const store::TenantId& tenant) {
  return Chain(view, Hasher128().Add("lineage").Add(tenant).Add(ApiName(view.api)).Finish());
}

std::vector<Hash128> OpenLineageOf(const RequestView& view) {
  return Chain(view, Hasher128().Add("open lineage").Add(ApiName(view.api)).Finish());
}

Hash128 ContentKey(const store::TenantId& tenant, const Block& block) {
  return Hasher128().Add("content").Add(tenant).Add(block.call_id).Add(block.canonical).Finish();
}

}  // namespace headroom::proxy
