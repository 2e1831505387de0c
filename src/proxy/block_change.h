// A tool result of one request that went upstream in other words, by where its
// texts are kept: nothing of them is held here.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/hash.h"

namespace headroom::proxy {

struct BlockChange {
  Hash128 node;  // of the ledger, with what stands in its place; zero where an epoch made it
  uint32_t tokens_before = 0;
  uint32_t tokens_after = 0;
  bool fresh = false;        // decided in this request, not replayed
  std::string original_ids;  // 24 hex each; only where `node` is zero
};

// Of one request: the last kMax, those decided in it first.
struct BlockChanges {
  static constexpr size_t kMax = 128;
  uint32_t count = 0;  // of all
  std::vector<BlockChange> kept;
};

}  // namespace headroom::proxy
