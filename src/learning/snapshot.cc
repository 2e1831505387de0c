#include "learning/snapshot.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/framing.h"
#include "base/hash.h"

namespace headroom::learning {
namespace {

constexpr uint32_t kFormat = 1;
constexpr uint32_t kMaxShare = 1'000;

bool Counts(const PatternKey& key, const Pattern& pattern) {
  return HasEnough(pattern) && (!key.tenant.empty() || pattern.tenants.size() >= kMinTenants);
}

void AppendWord(uint64_t word, std::string& out) {
  AppendUint32(static_cast<uint32_t>(word >> 32), out);
  AppendUint32(static_cast<uint32_t>(word), out);
}

bool TakeWord(std::string_view& record, uint64_t& word) {
  uint32_t high = 0;
  uint32_t low = 0;
  if (!TakeUint32(record, high) || !TakeUint32(record, low)) return false;
  word = static_cast<uint64_t>(high) << 32 | low;
  return true;
}

bool TakeEntry(std::string_view& record, PatternKey& key, Recommendation& recommendation) {
  uint32_t skip = 0;
  uint32_t words = 0;
  if (!TakeFramed(record, key.tenant) || !TakeFramed(record, key.signature) || !TakeUint32(record, skip) ||
      !TakeUint32(record, recommendation.share_percent) || !TakeUint32(record, words)) {
    return false;
  }
  if (skip > 1 || words > Recommendation::kMaxWords || recommendation.share_percent > kMaxShare) return false;
  recommendation.skip = skip == 1;
  recommendation.words.resize(words);
  return std::all_of(recommendation.words.begin(), recommendation.words.end(),
                     [&](uint64_t& word) { return TakeWord(record, word); });
}

}  // namespace

// An entry without effect is needed, too: it stands before what others' experience would say.
Snapshot::Snapshot(const Patterns& patterns) {
  std::vector<std::pair<PatternKey, Recommendation>> all;
  patterns.ForEach([&](const PatternKey& key, const Pattern& pattern) {
    if (Counts(key, pattern)) all.emplace_back(key, Recommend(pattern));
  });
  if (all.size() > kMaxEntries) all.erase(all.begin(), all.end() - static_cast<std::ptrdiff_t>(kMaxEntries));
  for (auto& [key, recommendation] : all) entries_.emplace(std::move(key), std::move(recommendation));
  const bool any =
      std::any_of(entries_.begin(), entries_.end(), [](const auto& entry) { return entry.second.has_effect(); });
  if (!any) entries_.clear();
  SetDigest();
}

void Snapshot::SetDigest() {
  if (!entries_.empty()) digest_ = Hex(Sha256(Encode())).substr(0, 32);
}

const Recommendation* Snapshot::Find(const std::string& tenant, const Structure& structure) const {
  if (entries_.empty()) return nullptr;
  for (const std::string& scope : {tenant, std::string()}) {
    for (const std::string& signature : {structure.id, structure.tool}) {
      const auto found = entries_.find(PatternKey{scope, signature});
      if (found != entries_.end()) return &found->second;
    }
  }
  return nullptr;
}

std::string Snapshot::Encode() const {
  std::string out;
  AppendUint32(kFormat, out);
  AppendUint32(static_cast<uint32_t>(entries_.size()), out);
  for (const auto& [key, recommendation] : entries_) {
    AppendFramed(key.tenant, out);
    AppendFramed(key.signature, out);
    AppendUint32(recommendation.skip ? 1 : 0, out);
    AppendUint32(recommendation.share_percent, out);
    AppendUint32(static_cast<uint32_t>(recommendation.words.size()), out);
    for (const uint64_t word : recommendation.words) AppendWord(word, out);
  }
  return out;
}

Result<Snapshot> Snapshot::Decode(std::string_view bytes) {
  const Status damaged(Code::kDataLoss, "not a snapshot");
  uint32_t format = 0;
  uint32_t count = 0;
  if (!TakeUint32(bytes, format) || format != kFormat) return damaged;
  if (!TakeUint32(bytes, count) || count > kMaxEntries) return damaged;
  Snapshot snapshot;
  for (uint32_t i = 0; i < count; ++i) {
    PatternKey key;
    Recommendation recommendation;
    if (!TakeEntry(bytes, key, recommendation)) return damaged;
    snapshot.entries_.emplace(std::move(key), std::move(recommendation));
  }
  if (!bytes.empty() || snapshot.entries_.size() != count) return damaged;
  snapshot.SetDigest();
  return snapshot;
}

}  // namespace headroom::learning
