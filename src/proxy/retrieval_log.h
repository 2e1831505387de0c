// What each tenant opened lately, for /v1/retrieve/stats, and how often
// originals were asked for since the start.
//
// Bounded: kRecent retrievals of each of kMaxTenants tenants, the one that
// retrieved longest ago making room; queries and names of tools cut at
// kMaxQueryBytes and kMaxNameBytes. Nothing is kept on disk. Thread-safe.

#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "store/store.h"

namespace headroom::proxy {

struct Retrieval {
  std::string hash;
  std::string query;  // "" for the whole
  size_t items = 0;   // of the original's units, in the answer
  size_t total_items = 0;
  std::string tool_name;  // whose result the original is
  std::string upstream;
  int64_t unix_millis = 0;  // set by Add
};

class RetrievalLog {
 public:
  static constexpr size_t kRecent = 20;
  static constexpr size_t kMaxTenants = 512;
  static constexpr size_t kMaxQueryBytes = 500;
  static constexpr size_t kMaxNameBytes = 128;

  explicit RetrievalLog(const Clock& clock) : clock_(clock) {}

  void Add(const store::TenantId& tenant, Retrieval retrieval);
  // Something was asked for that is not kept, or not for whom asks.
  void Miss();

  // The latest first; empty for a tenant unknown here.
  std::vector<Retrieval> Recent(const store::TenantId& tenant) const;

  struct Totals {
    uint64_t whole = 0;
    uint64_t by_query = 0;
    uint64_t missed = 0;
  };
  Totals totals() const;
  // Of one tenant since it was last unknown here; misses are nobody's.
  Totals TotalsOf(const store::TenantId& tenant) const;

 private:
  struct Tenant {
    std::deque<Retrieval> recent;
    Totals totals;
    std::list<store::TenantId>::iterator position;
  };

  const Clock& clock_;
  mutable std::mutex mutex_;
  std::unordered_map<store::TenantId, Tenant, Hash128Hasher> tenants_;
  std::list<store::TenantId> by_use_;  // latest first
  Totals totals_;
};

}  // namespace headroom::proxy
