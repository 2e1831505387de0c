#include "learning/patterns.h"

namespace headroom::learning {

const Pattern* Patterns::Find(const PatternKey& key) const {
  const auto found = entries_.find(key);
  return found == entries_.end() ? nullptr : &found->second.pattern;
}

void Patterns::Update(const PatternKey& key, const std::function<void(Pattern&)>& change) {
  const auto [found, added] = entries_.try_emplace(key);
  Entry& entry = found->second;
  if (added) {
    entry.use = uses_.insert(uses_.end(), key);
  } else {
    uses_.splice(uses_.end(), uses_, entry.use);
  }
  change(entry.pattern);
  bytes_ -= entry.bytes;
  entry.bytes = entry.pattern.Bytes();
  bytes_ += entry.bytes;
  while (entries_.size() > 1 && (entries_.size() > limits_.entries || bytes_ > limits_.bytes)) {
    const auto oldest = entries_.find(uses_.front());
    bytes_ -= oldest->second.bytes;
    entries_.erase(oldest);
    uses_.pop_front();
  }
}

void Patterns::Merge(const Patterns& other) {
  other.ForEach([this](const PatternKey& key, const Pattern& pattern) {
    Update(key, [&](Pattern& mine) { mine.Merge(pattern); });
  });
}

void Patterns::TakeLarger(const Patterns& other) {
  other.ForEach([this](const PatternKey& key, const Pattern& pattern) {
    const Pattern* mine = Find(key);
    if (mine != nullptr && mine->compressions() >= pattern.compressions()) return;
    Update(key, [&](Pattern& taken) { taken = pattern; });
  });
}

void Patterns::ForEach(const std::function<void(const PatternKey&, const Pattern&)>& visit) const {
  for (const PatternKey& key : uses_) visit(key, entries_.at(key).pattern);
}

}  // namespace headroom::learning
