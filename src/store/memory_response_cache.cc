#include "store/memory_response_cache.h"

#include <cstring>
#include <utility>

namespace headroom::store {

size_t MemoryResponseCache::Hasher::operator()(const CacheKey& key) const {
  size_t hash = 0;
  std::memcpy(&hash, key.digest.data(), sizeof(hash));
  return hash;
}

std::shared_ptr<const std::string> MemoryResponseCache::Get(const CacheKey& key) {
  const Clock::TimePoint now = clock_.Now();
  const std::lock_guard lock(mutex_);
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return nullptr;
  if (found->second->ends <= now) {
    ++expired_;
    Erase(found->second);
    return nullptr;
  }
  entries_.splice(entries_.begin(), entries_, found->second);
  return found->second->bytes;
}

void MemoryResponseCache::Put(const CacheKey& key, std::string bytes, std::chrono::seconds ttl) {
  const size_t size = bytes.size() + kEntryOverhead;
  auto kept = std::make_shared<const std::string>(std::move(bytes));
  const Clock::TimePoint now = clock_.Now();
  const std::lock_guard lock(mutex_);
  // Also where the new one is too large: the old one is not the latest answer any more.
  if (const auto old = by_key_.find(key); old != by_key_.end()) Erase(old->second);
  if (size > options_.max_bytes || options_.max_entries == 0) {
    ++too_large_;
    return;
  }
  while (entries_.size() + 1 > options_.max_entries || bytes_ + size > options_.max_bytes) {
    ++(entries_.back().ends <= now ? expired_ : evicted_);
    Erase(std::prev(entries_.end()));
  }
  entries_.push_front({key, std::move(kept), now + ttl});
  by_key_.emplace(key, entries_.begin());
  bytes_ += size;
}

uint64_t MemoryResponseCache::Clear(const TenantId& tenant) {
  const std::lock_guard lock(mutex_);
  uint64_t cleared = 0;
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    const auto next = std::next(entry);
    if (entry->key.tenant == tenant) {
      Erase(entry);
      ++cleared;
    }
    entry = next;
  }
  return cleared;
}

uint64_t MemoryResponseCache::ClearAll() {
  const std::lock_guard lock(mutex_);
  const uint64_t cleared = entries_.size();
  by_key_.clear();
  entries_.clear();
  bytes_ = 0;
  return cleared;
}

CacheStats MemoryResponseCache::stats() const {
  const std::lock_guard lock(mutex_);
  CacheStats stats;
  stats.entries = entries_.size();
  stats.bytes = bytes_;
  stats.max_entries = options_.max_entries;
  stats.max_bytes = options_.max_bytes;
  stats.evicted = evicted_;
  stats.expired = expired_;
  stats.too_large = too_large_;
  return stats;
}

void MemoryResponseCache::Erase(Entries::iterator entry) {
  bytes_ -= entry->bytes->size() + kEntryOverhead;
  by_key_.erase(entry->key);
  entries_.erase(entry);
}

}  // namespace headroom::store
