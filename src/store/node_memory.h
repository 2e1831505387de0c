// Nodes in memory: what was decided lately, and what is not yet on disk.
//
// A sharded hash map. An entry is either pinned (not yet written; never leaves)
// or evictable, in order of arrival with a second chance for entries used since
// (the CLOCK algorithm): a hit sets a flag and moves nothing, so that reading
// costs one look-up and the copy.
//
// Thread-safe.

#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/hash.h"
#include "store/store.h"

namespace headroom::store {

// What a node costs in memory, with the map's own share.
size_t NodeBytes(const Node& node);

class NodeMemory {
 public:
  struct Hit {
    bool found = false;
    bool first_use_today = false;  // the day on disk is to be moved
    bool keeps_originals = false;  // the last use of its originals is to be moved
  };
  struct Standing {
    Node node;
    bool added = false;
  };
  struct Unwritten {
    Hash128 key;
    size_t bytes = 0;
  };

  // Nodes unused for more than `ttl_days` are absent; the use of originals moves
  // every `keep_seconds`.
  NodeMemory(size_t budget_bytes, int64_t ttl_days, int64_t keep_seconds);

  // Copies the node into `node`. A hit counts as a use at `now` (seconds since
  // 1970-01-01 UTC). Cost: below 200 ns for small nodes; bench/store:
  // FindInMemory.
  Hit Find(const Hash128& key, int64_t now, std::optional<Node>& node);

  // Adds the node unless its key is there; the one that is there stands.
  // `last_used_day` is the day known to the disk, or today for a new node; its
  // originals count as used at `now`.
  Standing Insert(Node node, int64_t last_used_day, int64_t now, bool pinned);

  // A copy, without counting as a use.
  std::optional<Node> Peek(const Hash128& key) const;

  // The entry is on disk, or given up: it may be evicted from now on.
  void Unpin(const Hash128& key);
  // Pins all that is evictable, because the disk has lost it, and lists it.
  std::vector<Unwritten> PinAll();

  uint64_t count() const { return count_.load(std::memory_order_relaxed); }
  uint64_t bytes() const { return bytes_.load(std::memory_order_relaxed); }

 private:
  static constexpr size_t kShards = 16;

  struct Entry {
    Node node;
    size_t bytes = 0;
    int64_t last_used_day = 0;
    int64_t originals_used = 0;  // seconds since 1970-01-01 UTC
    bool pinned = false;
    bool used = false;
    std::list<Hash128>::iterator position;  // in Shard::evictable, unless pinned
  };
  struct alignas(64) Shard {
    mutable std::mutex mutex;
    std::unordered_map<Hash128, Entry, Hash128Hasher> entries;
    std::list<Hash128> evictable;  // oldest last
    size_t bytes = 0;
  };

  // The map inside a shard uses `low`.
  Shard& ShardOf(const Hash128& key) { return shards_[key.high % kShards]; }
  const Shard& ShardOf(const Hash128& key) const { return shards_[key.high % kShards]; }
  void MakeEvictable(Shard& shard, Entry& entry, const Hash128& key);
  void Evict(Shard& shard);
  void Erase(Shard& shard, std::unordered_map<Hash128, Entry, Hash128Hasher>::iterator entry);

  const size_t shard_budget_;
  const int64_t ttl_days_;
  const int64_t keep_seconds_;
  std::array<Shard, kShards> shards_;
  std::atomic<uint64_t> count_{0};
  std::atomic<uint64_t> bytes_{0};
};

}  // namespace headroom::store
