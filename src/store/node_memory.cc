#include "store/node_memory.h"

#include <utility>

namespace headroom::store {

size_t NodeBytes(const Node& node) {
  // Map node, list node and their allocator headers.
  constexpr size_t kOverhead = 128;
  return sizeof(Node) + kOverhead + node.rule.size() + node.payload.size() + node.original_ids.size() +
         node.project.size() + node.upstream.size();
}

NodeMemory::NodeMemory(size_t budget_bytes, int64_t ttl_days, int64_t keep_seconds)
    : shard_budget_(budget_bytes / kShards), ttl_days_(ttl_days), keep_seconds_(keep_seconds) {}

NodeMemory::Hit NodeMemory::Find(const Hash128& key, int64_t now, std::optional<Node>& node) {
  const int64_t today = now / 86400;
  Shard& shard = ShardOf(key);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.entries.find(key);
  if (found == shard.entries.end()) return {};
  Entry& entry = found->second;
  if (!entry.pinned && today - entry.last_used_day > ttl_days_) {
    Erase(shard, found);
    return {};
  }
  const bool first = entry.last_used_day < today;
  if (first) entry.last_used_day = today;
  const bool keeps = !entry.node.original_ids.empty() && now - entry.originals_used >= keep_seconds_;
  if (keeps) entry.originals_used = now;
  entry.used = true;
  node.emplace(entry.node);
  return {.found = true, .first_use_today = first, .keeps_originals = keeps};
}

NodeMemory::Standing NodeMemory::Insert(Node node, int64_t last_used_day, int64_t now, bool pinned) {
  const Hash128 key = node.key;
  Shard& shard = ShardOf(key);
  const std::lock_guard lock(shard.mutex);
  const auto [found, added] = shard.entries.try_emplace(key);
  Entry& entry = found->second;
  if (!added) return {.node = entry.node, .added = false};

  entry.node = std::move(node);
  entry.bytes = NodeBytes(entry.node);
  entry.last_used_day = last_used_day;
  entry.originals_used = now;
  entry.pinned = true;
  shard.bytes += entry.bytes;
  bytes_.fetch_add(entry.bytes, std::memory_order_relaxed);
  count_.fetch_add(1, std::memory_order_relaxed);
  Standing standing{.node = entry.node, .added = true};
  if (!pinned) MakeEvictable(shard, entry, key);
  Evict(shard);
  return standing;
}

std::optional<Node> NodeMemory::Peek(const Hash128& key) const {
  const Shard& shard = ShardOf(key);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.entries.find(key);
  if (found == shard.entries.end()) return std::nullopt;
  return found->second.node;
}

void NodeMemory::Unpin(const Hash128& key) {
  Shard& shard = ShardOf(key);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.entries.find(key);
  if (found == shard.entries.end() || !found->second.pinned) return;
  MakeEvictable(shard, found->second, key);
  Evict(shard);
}

std::vector<NodeMemory::Unwritten> NodeMemory::PinAll() {
  std::vector<Unwritten> unwritten;
  for (Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    for (const Hash128& key : shard.evictable) {
      Entry& entry = shard.entries.at(key);
      entry.pinned = true;
      unwritten.push_back({.key = key, .bytes = entry.bytes});
    }
    shard.evictable.clear();
  }
  return unwritten;
}

void NodeMemory::MakeEvictable(Shard& shard, Entry& entry, const Hash128& key) {
  entry.pinned = false;
  shard.evictable.push_front(key);
  entry.position = shard.evictable.begin();
}

// The newest evictable entry stays even when it alone exceeds the budget, so
// that what was just decided can be read back. Each entry gets at most one
// second chance per call, which bounds the loop.
void NodeMemory::Evict(Shard& shard) {
  while (shard.bytes > shard_budget_ && shard.evictable.size() > 1) {
    const auto oldest = shard.entries.find(shard.evictable.back());
    if (oldest->second.used) {
      oldest->second.used = false;
      shard.evictable.splice(shard.evictable.begin(), shard.evictable, std::prev(shard.evictable.end()));
    } else {
      Erase(shard, oldest);
    }
  }
}

void NodeMemory::Erase(Shard& shard, std::unordered_map<Hash128, Entry, Hash128Hasher>::iterator entry) {
  shard.bytes -= entry->second.bytes;
  bytes_.fetch_sub(entry->second.bytes, std::memory_order_relaxed);
  count_.fetch_sub(1, std::memory_order_relaxed);
  shard.evictable.erase(entry->second.position);
  shard.entries.erase(entry);
}

}  // namespace headroom::store
