// A response cache of one process: entries in memory, the least recently used
// first to go. Ages are of the monotonic clock, so that a stepped clock neither
// revives nor ends an entry. Thread-safe; a call costs a look-up under one lock
// and copies no bytes of an entry.

#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "base/clock.h"
#include "store/response_cache.h"

namespace headroom::store {

class MemoryResponseCache final : public ResponseCache {
 public:
  // What an entry costs beside its bytes: its key, twice, and the nodes of both lists.
  static constexpr size_t kEntryOverhead = 256;

  struct Options {
    size_t max_entries = 1'000;
    size_t max_bytes = 256u << 20;  // kEntryOverhead of each entry included
  };

  // `clock` must outlive the cache.
  MemoryResponseCache(Options options, const Clock& clock) : options_(options), clock_(clock) {}

  std::shared_ptr<const std::string> Get(const CacheKey& key) override;
  void Put(const CacheKey& key, std::string bytes, std::chrono::seconds ttl) override;
  uint64_t Clear(const TenantId& tenant) override;
  uint64_t ClearAll() override;
  CacheStats stats() const override;

 private:
  struct Hasher {
    // The digest is uniformly distributed already.
    size_t operator()(const CacheKey& key) const;
  };
  struct Entry {
    CacheKey key;
    std::shared_ptr<const std::string> bytes;
    Clock::TimePoint ends;
  };
  using Entries = std::list<Entry>;  // most recently used first

  void Erase(Entries::iterator entry);

  const Options options_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  Entries entries_;
  std::unordered_map<CacheKey, Entries::iterator, Hasher> by_key_;
  size_t bytes_ = 0;
  uint64_t evicted_ = 0;
  uint64_t expired_ = 0;
  uint64_t too_large_ = 0;
};

}  // namespace headroom::store
