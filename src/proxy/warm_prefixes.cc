#include "proxy/warm_prefixes.h"

#include <algorithm>

namespace headroom::proxy {
namespace {

// Beside the requests of a conversation stands its latest one.
Hash128 LatestKey(const Hash128& root, const Hash128& model) {
  return Hasher128().Add("latest request").Add(root).Add(model).Finish();
}

}  // namespace

void WarmPrefixes::Put(const Hash128& key, const WarmPrefix& prefix) {
  if (const auto place = places_.find(key); place != places_.end()) {
    place->second->second = prefix;
    entries_.splice(entries_.begin(), entries_, place->second);
    return;
  }
  entries_.emplace_front(key, prefix);
  places_.emplace(key, entries_.begin());
  if (entries_.size() <= max_entries_) return;
  places_.erase(entries_.back().first);
  entries_.pop_back();
}

void WarmPrefixes::Record(const Hash128& place, const Hash128& root, const WarmPrefix& prefix) {
  const std::lock_guard lock(mutex_);
  Put(place, prefix);
  if (root != Hash128()) Put(LatestKey(root, prefix.model), prefix);
}

WarmPrefixes::Found WarmPrefixes::Find(const std::vector<Hash128>& lineage, const Hash128& root, const Hash128& model) {
  Found found;
  const std::lock_guard lock(mutex_);
  const size_t first = lineage.size() > kMaxLookBack ? lineage.size() - kMaxLookBack : 0;
  // Thinking has the key of the block before it.
  for (size_t i = lineage.size(); i > first && found.steps.size() < kMaxSteps; --i) {
    if (i < lineage.size() && lineage[i - 1] == lineage[i]) continue;
    const auto place = places_.find(lineage[i - 1]);
    if (place == places_.end() || place->second->second.model != model) continue;
    entries_.splice(entries_.begin(), entries_, place->second);
    found.steps.push_back({i - 1, place->second->second});
  }
  std::reverse(found.steps.begin(), found.steps.end());
  if (root == Hash128()) return found;
  const auto latest = places_.find(LatestKey(root, model));
  if (latest == places_.end()) return found;
  found.latest = latest->second->second;
  found.goes_on = !found.steps.empty() && found.steps.back().prefix.used == found.latest->used;
  return found;
}

size_t WarmPrefixes::size() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

}  // namespace headroom::proxy
