// Finished replies by the request that they answered: the same request again is
// answered from here. Entries are bytes that the caller makes and reads.
//
// A key holds the tenant beside the digest, so that nothing is ever found for
// another tenant and one tenant's entries can be dropped alone. Entries live for
// their time, or until the least recently used have to make room.
//
// A cache never fails a request: what cannot be reached has nothing and keeps
// nothing, and says so in stats(). Thread-safe.

#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <memory>
#include <string>

#include "base/hash.h"
#include "store/store.h"

namespace headroom::store {

struct CacheKey {
  TenantId tenant;
  Sha256Digest digest{};  // of everything that the reply depends on

  auto operator<=>(const CacheKey&) const = default;
};

// Of this process where several share a cache, but for entries and bytes.
struct CacheStats {
  uint64_t entries = 0;
  uint64_t bytes = 0;  // with what keeping them costs
  uint64_t max_entries = 0;
  uint64_t max_bytes = 0;
  uint64_t evicted = 0;    // within their time, to make room
  uint64_t expired = 0;    // found too old
  uint64_t too_large = 0;  // never kept
  uint64_t failures = 0;   // calls that did not reach it
};

class ResponseCache {
 public:
  virtual ~ResponseCache() = default;

  // The entry's bytes, and it counts as used; null where there is none, where its
  // time is over, or where the cache cannot be reached.
  virtual std::shared_ptr<const std::string> Get(const CacheKey& key) = 0;
  // Keeps `bytes` for `ttl` (above 0) in place of what the key had. What is larger
  // than the whole cache is not kept.
  virtual void Put(const CacheKey& key, std::string bytes, std::chrono::seconds ttl) = 0;
  // Forgets a tenant's entries; returns how many there were.
  virtual uint64_t Clear(const TenantId& tenant) = 0;
  virtual uint64_t ClearAll() = 0;

  // True where a call may wait for another machine: not to be made on an I/O thread.
  virtual bool waits() const { return false; }
  virtual CacheStats stats() const = 0;
};

}  // namespace headroom::store
