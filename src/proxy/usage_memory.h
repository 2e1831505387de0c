// What the provider counted for the requests of a conversation, by the lineage
// of each request's last block: the figure from which the next request's size
// follows without counting its history.
//
// In memory only: after a restart one request of a conversation is counted, the
// next has its predecessor's figure again. The least recently used goes first.
// Keys hold the tenant, so nothing crosses tenants. Thread-safe.

#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/hash.h"

namespace headroom::proxy {

struct KnownUsage {
  Hash128 model;               // HashOf its name
  uint64_t prompt_tokens = 0;  // as the provider counted it, cached ones included
  uint64_t output_tokens = 0;
  int64_t tokens_saved = 0;  // what our edits took off the prompt, by the static counter
  uint64_t fixed_bytes = 0;  // of the body outside the conversation: system, tools, settings
};

class UsageMemory {
 public:
  // About 150 bytes each.
  static constexpr size_t kDefaultEntries = 16'384;

  explicit UsageMemory(size_t max_entries = kDefaultEntries) : max_entries_(max_entries) {}

  // A later figure for the same lineage replaces the earlier one.
  void Record(const Hash128& lineage, const KnownUsage& usage);

  struct Found {
    size_t block = 0;  // index into the lineage
    KnownUsage usage;
  };
  // The last of `lineage` that is known for `model`, among its last kMaxLookBack.
  std::optional<Found> FindLast(const std::vector<Hash128>& lineage, const Hash128& model);

  // A request after which the conversation goes on has more new blocks than these
  // only when it was edited.
  static constexpr size_t kMaxLookBack = 512;

  size_t size() const;

 private:
  using Entry = std::pair<Hash128, KnownUsage>;

  const size_t max_entries_;
  mutable std::mutex mutex_;
  std::list<Entry> entries_;  // most recent first; guarded by mutex_
  std::unordered_map<Hash128, std::list<Entry>::iterator, Hash128Hasher> places_;  // guarded by mutex_
};

}  // namespace headroom::proxy
