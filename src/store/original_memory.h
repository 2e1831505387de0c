// Originals in memory: those that wait to be written or, without a disk, all of
// them, least recently used first to go. Keeps the retrievals that the disk has
// not counted yet.
//
// Thread-safe.

#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "store/store.h"

namespace headroom::store {

size_t OriginalBytes(const Original& original);

class OriginalMemory {
 public:
  struct Options {
    bool waiting_only = true;  // entries leave by Remove alone; else by budget and age
    size_t budget_bytes = 0;
    int64_t ttl_seconds = 0;
  };
  struct Totals {
    uint64_t count = 0;
    uint64_t bytes = 0;    // of their texts
    uint64_t evicted = 0;  // for the budget
    uint64_t expired = 0;
  };

  explicit OriginalMemory(Options options);

  // False if it is there already; its use is refreshed.
  bool Put(Original original, int64_t unix_seconds);
  // With the retrievals counted here so far. Counts as a use.
  std::optional<Original> Find(const TenantId& tenant, std::string_view id, int64_t unix_seconds);
  // A rendition of it was used.
  void Keep(const TenantId& tenant, std::string_view id, int64_t unix_seconds);
  // Adds the tenant's originals to `sums`. Cost: O(its originals).
  void Sum(const TenantId& tenant, std::map<std::string, OriginalsOfUpstream>& sums) const;
  // The entry itself, to be written; null if it is gone. Unchanged while held.
  std::shared_ptr<const Original> Peek(const TenantId& tenant, std::string_view id) const;
  // Written, or given up.
  void Remove(const TenantId& tenant, std::string_view id);

  // Counts a retrieval; returns how many of this original the disk does not know.
  uint64_t AddRetrieval(const TenantId& tenant, std::string_view id);
  // The disk has counted one.
  void RetrievalWritten(const TenantId& tenant, std::string_view id);

  Totals totals() const;
  // With what the map itself costs.
  size_t bytes() const;

 private:
  using Key = std::pair<TenantId, std::string>;
  struct Entry {
    std::shared_ptr<const Original> original;
    size_t bytes = 0;
    int64_t last_used = 0;
    std::list<Key>::iterator position;
  };
  using Entries = std::map<Key, Entry>;

  void Use(Entry& entry, int64_t unix_seconds);
  void Erase(Entries::iterator entry);
  void Evict(int64_t unix_seconds);

  const Options options_;
  mutable std::mutex mutex_;
  Entries entries_;
  std::list<Key> by_use_;  // oldest last
  std::map<Key, uint64_t> retrievals_;
  size_t bytes_ = 0;
  Totals totals_;
};

}  // namespace headroom::store
