#include "store/original_memory.h"

namespace headroom::store {

size_t OriginalBytes(const Original& original) {
  // Map node, list node, both copies of the key.
  constexpr size_t kOverhead = 256;
  return sizeof(Original) + kOverhead + original.text.size() + original.tool_name.size() + original.project.size() +
         original.upstream.size();
}

OriginalMemory::OriginalMemory(Options options) : options_(options) {}

bool OriginalMemory::Put(Original original, int64_t unix_seconds) {
  const std::lock_guard lock(mutex_);
  const auto [found, added] = entries_.try_emplace(Key(original.tenant, original.id));
  Entry& entry = found->second;
  if (!added) {
    Use(entry, unix_seconds);
    return false;
  }
  entry.bytes = OriginalBytes(original);
  bytes_ += entry.bytes;
  totals_.count += 1;
  totals_.bytes += original.text.size();
  original.retrievals = 0;
  entry.original = std::make_shared<const Original>(std::move(original));
  entry.last_used = unix_seconds;
  by_use_.push_front(found->first);
  entry.position = by_use_.begin();
  Evict(unix_seconds);
  return true;
}

std::optional<Original> OriginalMemory::Find(const TenantId& tenant, std::string_view id, int64_t unix_seconds) {
  std::shared_ptr<const Original> found;
  uint64_t retrievals = 0;
  {
    const std::lock_guard lock(mutex_);
    Evict(unix_seconds);
    const auto entry = entries_.find(Key(tenant, id));
    if (entry == entries_.end()) return std::nullopt;
    Use(entry->second, unix_seconds);
    found = entry->second.original;
    const auto counted = retrievals_.find(entry->first);
    if (counted != retrievals_.end()) retrievals = counted->second;
  }
  // The text is copied outside the lock.
  Original original = *found;
  original.retrievals = retrievals;
  return original;
}

void OriginalMemory::Keep(const TenantId& tenant, std::string_view id, int64_t unix_seconds) {
  const std::lock_guard lock(mutex_);
  Evict(unix_seconds);
  const auto entry = entries_.find(Key(tenant, id));
  if (entry != entries_.end()) Use(entry->second, unix_seconds);
}

void OriginalMemory::Sum(const TenantId& tenant, std::map<std::string, OriginalsOfUpstream>& sums) const {
  const std::lock_guard lock(mutex_);
  for (auto entry = entries_.lower_bound(Key(tenant, "")); entry != entries_.end(); ++entry) {
    if (entry->first.first != tenant) break;
    const Original& original = *entry->second.original;
    OriginalsOfUpstream& sum = sums[original.upstream];
    sum.count += 1;
    sum.bytes += original.text.size();
    sum.tokens += original.tokens;
    sum.tokens_after += original.tokens_after;
  }
}

size_t OriginalMemory::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

std::shared_ptr<const Original> OriginalMemory::Peek(const TenantId& tenant, std::string_view id) const {
  const std::lock_guard lock(mutex_);
  const auto entry = entries_.find(Key(tenant, id));
  return entry == entries_.end() ? nullptr : entry->second.original;
}

void OriginalMemory::Remove(const TenantId& tenant, std::string_view id) {
  const std::lock_guard lock(mutex_);
  const auto entry = entries_.find(Key(tenant, id));
  if (entry != entries_.end()) Erase(entry);
}

uint64_t OriginalMemory::AddRetrieval(const TenantId& tenant, std::string_view id) {
  const std::lock_guard lock(mutex_);
  return ++retrievals_[Key(tenant, id)];
}

void OriginalMemory::RetrievalWritten(const TenantId& tenant, std::string_view id) {
  const std::lock_guard lock(mutex_);
  const auto counted = retrievals_.find(Key(tenant, id));
  if (counted == retrievals_.end()) return;
  if (--counted->second == 0) retrievals_.erase(counted);
}

OriginalMemory::Totals OriginalMemory::totals() const {
  const std::lock_guard lock(mutex_);
  return totals_;
}

void OriginalMemory::Use(Entry& entry, int64_t unix_seconds) {
  entry.last_used = unix_seconds;
  by_use_.splice(by_use_.begin(), by_use_, entry.position);
}

void OriginalMemory::Erase(Entries::iterator entry) {
  bytes_ -= entry->second.bytes;
  totals_.count -= 1;
  totals_.bytes -= entry->second.original->text.size();
  by_use_.erase(entry->second.position);
  if (!options_.waiting_only) retrievals_.erase(entry->first);
  entries_.erase(entry);
}

void OriginalMemory::Evict(int64_t unix_seconds) {
  if (options_.waiting_only) return;
  while (!by_use_.empty()) {
    const auto oldest = entries_.find(by_use_.back());
    const bool expired = unix_seconds - oldest->second.last_used > options_.ttl_seconds;
    const bool over_budget = bytes_ > options_.budget_bytes && by_use_.size() > 1;
    if (!expired && !over_budget) return;
    ++(expired ? totals_.expired : totals_.evicted);
    Erase(oldest);
  }
}

}  // namespace headroom::store
