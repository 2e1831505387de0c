#include "learning/pattern.h"

#include <algorithm>

namespace headroom::learning {
namespace {

constexpr uint64_t kMinUses = 3;
constexpr size_t kPatternBytes = 400;
constexpr size_t kCountBytes = 64;
constexpr size_t kNameBytes = 96;

}  // namespace

void WordCounts::Add(uint64_t word, uint32_t count) {
  const auto known = counts_.find(word);
  if (known != counts_.end()) {
    known->second = count > UINT32_MAX - known->second ? UINT32_MAX : known->second + count;
    return;
  }
  if (counts_.size() >= limit_) {
    const auto rarest = std::min_element(counts_.begin(), counts_.end(),
                                         [](const auto& a, const auto& b) { return a.second < b.second; });
    if (rarest->second > count) return;
    counts_.erase(rarest);
  }
  counts_.emplace(word, count);
}

void WordCounts::Merge(const WordCounts& other) {
  for (const auto& [word, count] : other.counts_) Add(word, count);
}

void WordCounts::Halve() {
  for (auto entry = counts_.begin(); entry != counts_.end();) {
    entry->second /= 2;
    entry = entry->second == 0 ? counts_.erase(entry) : std::next(entry);
  }
}

double Pattern::retrieval_rate() const {
  if (recent_excerpts == 0) return 0;
  const double opened = static_cast<double>(recent_whole) + recent_query;
  return std::min(1.0, opened / recent_excerpts);
}

double Pattern::whole_share() const {
  const double opened = static_cast<double>(recent_whole) + recent_query;
  return opened == 0 ? 0 : recent_whole / opened;
}

double Pattern::confidence() const {
  const double samples = std::min(0.7, static_cast<double>(compressions()) / 100);
  const double users = tenants.size() >= 3 ? std::min(0.3, 0.03 * static_cast<double>(tenants.size())) : 0;
  return std::min(0.95, samples + users);
}

std::string_view Pattern::best_strategy() const {
  std::string_view best;
  double lowest = 2;
  for (const auto& [rule, strategy] : strategies) {
    if (strategy.uses < kMinUses) continue;
    const double opened = static_cast<double>(strategy.opened) / static_cast<double>(strategy.uses);
    if (opened >= lowest) continue;
    lowest = opened;
    best = rule;
  }
  return best;
}

Pattern::Strategy* Pattern::StrategyOf(std::string_view rule) {
  const auto known = strategies.find(rule);
  if (known != strategies.end()) return &known->second;
  if (strategies.size() >= kMaxStrategies || rule.empty() || rule.size() > kMaxStrategyBytes) return nullptr;
  return &strategies[std::string(rule)];
}

void Pattern::AddTenant(std::string_view tenant) {
  if (tenants.contains(std::string(tenant))) return;
  if (tenants.size() < kMaxTenants) {
    tenants.emplace(tenant);
  } else {
    more_tenants = true;
  }
}

void Pattern::Merge(const Pattern& other) {
  of_tool = of_tool || other.of_tool;
  excerpts += other.excerpts;
  lossless += other.lossless;
  units += other.units;
  units_kept += other.units_kept;
  tokens_before += other.tokens_before;
  tokens_after += other.tokens_after;
  whole_retrievals += other.whole_retrievals;
  query_retrievals += other.query_retrievals;
  visible_retrievals += other.visible_retrievals;
  recent_excerpts += other.recent_excerpts;
  recent_whole += other.recent_whole;
  recent_query += other.recent_query;
  fields.Merge(other.fields);
  words.Merge(other.words);
  queries.Merge(other.queries);
  for (const auto& [rule, strategy] : other.strategies) {
    if (Strategy* mine = StrategyOf(rule); mine != nullptr) {
      mine->uses += strategy.uses;
      mine->opened += strategy.opened;
    }
  }
  for (const std::string& tenant : other.tenants) AddTenant(tenant);
  more_tenants = more_tenants || other.more_tenants;
  field_count = std::max(field_count, other.field_count);
  depth = std::max(depth, other.depth);
  traits |= other.traits;
  updated = std::max(updated, other.updated);
  Age();
}

void Pattern::Age() {
  while (recent_excerpts >= kRecent) {
    recent_excerpts /= 2;
    recent_whole /= 2;
    recent_query /= 2;
    fields.Halve();
    words.Halve();
    queries.Halve();
  }
}

size_t Pattern::Bytes() const {
  const size_t counts = fields.counts().size() + words.counts().size() + queries.counts().size();
  return kPatternBytes + counts * kCountBytes + (strategies.size() + tenants.size()) * kNameBytes;
}

}  // namespace headroom::learning
