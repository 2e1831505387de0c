// The one key: a hash chained over the conversation as the client sent it.
//
//   lineage(i) = H(lineage(i-1), canonical(block i)),  lineage(-1) = H(tenant, API)
//
// Where the body holds only what is new (Responses), lineage(-1) is the view's start.
//
// Two requests agree on lineage(i) when they agree on every block up to i, cache
// marks, thinking, system, tools, model and settings aside. So the key is
// coarser than the provider's cache key, never finer.

#pragma once

#include <vector>

#include "base/hash.h"
#include "proxy/request_view.h"
#include "store/store.h"

namespace headroom::proxy {

// Lineage before the first block.
Hash128 StartOf(const RequestView& view, const store::TenantId& tenant);

// One key per block; a thinking block has the key of the block before it.
std::vector<Hash128> LineageOf(const RequestView& view, const store::TenantId& tenant);

// What a conversation is known by from its first request on: the lineage of what
// stands before its first answer; zero where that is not known.
Hash128 RootOf(const RequestView& view, const std::vector<Hash128>& lineage);

// Lineage of the last block before message `message`; zero where there is none.
Hash128 LineageBefore(const RequestView& view, const std::vector<Hash128>& lineage, size_t message);

// `link` carried on over `blocks`.
Hash128 Extend(Hash128 link, const std::vector<Block>& blocks);

// The same chain without a tenant, for finding out whose conversation a new
// login continues.
std::vector<Hash128> OpenLineageOf(const RequestView& view);

// The second key: one call's result wherever it stands.
Hash128 ContentKey(const store::TenantId& tenant, const Block& block);

}  // namespace headroom::proxy
