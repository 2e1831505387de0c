#include "proxy/usage_memory.h"

namespace headroom::proxy {

void UsageMemory::Record(const Hash128& lineage, const KnownUsage& usage) {
  const std::lock_guard lock(mutex_);
  if (const auto place = places_.find(lineage); place != places_.end()) {
    place->second->second = usage;
    entries_.splice(entries_.begin(), entries_, place->second);
    return;
  }
  entries_.emplace_front(lineage, usage);
  places_.emplace(lineage, entries_.begin());
  if (entries_.size() <= max_entries_) return;
  places_.erase(entries_.back().first);
  entries_.pop_back();
}

std::optional<UsageMemory::Found> UsageMemory::FindLast(const std::vector<Hash128>& lineage, const Hash128& model) {
  const std::lock_guard lock(mutex_);
  const size_t first = lineage.size() > kMaxLookBack ? lineage.size() - kMaxLookBack : 0;
  for (size_t i = lineage.size(); i > first; --i) {
    const auto place = places_.find(lineage[i - 1]);
    if (place == places_.end() || place->second->second.model != model) continue;
    entries_.splice(entries_.begin(), entries_, place->second);
    return Found{i - 1, place->second->second};
  }
  return std::nullopt;
}

size_t UsageMemory::size() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

}  // namespace headroom::proxy
