// What the provider's cache holds of a conversation, as far as usage told: one
// entry for each request that was answered, by the lineage of its last block.
//
//   request 1   system | u1                       ─► entry at u1: 9,000 tokens, 8,900 of them cached
//   request 2   system | u1 | a1 | results 1      ─► finds it, and adds its own at results 1
//
// In memory only: after a restart a conversation's first request finds nothing.
// The least recently used goes first. Keys hold the tenant, so nothing crosses
// tenants. Thread-safe.

#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/hash.h"

namespace headroom::proxy {

// Of one request. Tokens as the provider counted them.
struct WarmPrefix {
  Hash128 model;              // HashOf its name
  uint64_t prompt = 0;        // as it was forwarded
  uint64_t prompt_after = 0;  // of its last retrieval round; `prompt` where there was none
  uint64_t cached = 0;        // what the provider's cache holds of it from then on
  // The same, had the request gone out with the original blocks.
  uint64_t original_cached = 0;
  uint32_t epoch = 0;  // of the context manager; 0: none. Another one begins with other bytes
  Clock::TimePoint used;
  std::chrono::milliseconds life{0};  // of what is cached, counted from `used`
};

class WarmPrefixes {
 public:
  // About 250 bytes each.
  static constexpr size_t kDefaultEntries = 16'384;
  // Of a lineage, and of the entries along it.
  static constexpr size_t kMaxLookBack = 512;
  static constexpr size_t kMaxSteps = 64;

  explicit WarmPrefixes(size_t max_entries = kDefaultEntries) : max_entries_(max_entries) {}

  // `root`: what the conversation is known by (RootOf); zero where it is not.
  void Record(const Hash128& place, const Hash128& root, const WarmPrefix& prefix);

  struct Step {
    size_t block = 0;  // index into the lineage
    WarmPrefix prefix;
  };
  struct Found {
    std::vector<Step> steps;           // the requests that this one goes on from, oldest first
    std::optional<WarmPrefix> latest;  // of the conversation, whether this one goes on from it or not
    bool goes_on = false;              // it does
  };
  Found Find(const std::vector<Hash128>& lineage, const Hash128& root, const Hash128& model);

  size_t size() const;

 private:
  using Entry = std::pair<Hash128, WarmPrefix>;

  void Put(const Hash128& key, const WarmPrefix& prefix);

  const size_t max_entries_;
  mutable std::mutex mutex_;
  std::list<Entry> entries_;  // most recent first; guarded by mutex_
  std::unordered_map<Hash128, std::list<Entry>::iterator, Hash128Hasher> places_;  // guarded by mutex_
};

}  // namespace headroom::proxy
