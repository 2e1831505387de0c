#include "learning/learner.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "learning/pattern_file.h"

namespace headroom::learning {
namespace {

constexpr double kUnknown = 0.5;

Hash128 MemoryKey(const Hash128& tenant, const std::string& original) {
  return Hasher128().Add(tenant).Add(original).Finish();
}

// "" when all stays in memory.
std::string KeyOf(const std::string& path, bool enabled) {
  if (path.empty() || !enabled) return "";
  Result<std::string> key = KeyedHash::LoadOrMake(path + ".key");
  if (key.ok()) return *std::move(key);
  log::Warning("no key for what is learnt; it stays in memory", {{"why", key.status().detail()}});
  return "";
}

}  // namespace

Learner::Learner(Options options, const Clock& clock)
    : options_(std::move(options)),
      clock_(clock),
      hash_(KeyedHash::NewKey()),
      all_(options_.limits),
      unsaved_(options_.limits) {
  const std::string key = KeyOf(options_.path, options_.enabled);
  if (key.empty()) return;
  on_disk_ = true;
  hash_ = KeyedHash(key);
  Result<Patterns> loaded = LoadPatterns(options_.path, hash_, options_.limits);
  if (loaded.ok()) {
    all_ = *std::move(loaded);
  } else {
    log::Warning("learnt patterns are not used", {{"path", options_.path}, {"why", loaded.status().detail()}});
  }
}

std::string Learner::TenantId(const Hash128& tenant) const {
  const std::array<char, 16> bytes = tenant.Bytes();
  return hash_.Id("tenant", std::string_view(bytes.data(), bytes.size()));
}

bool Learner::Post(size_t bytes, std::function<void()> task) {
  if (!options_.enabled) return false;
  if (!options_.run) {
    task();
    return true;
  }
  {
    const std::lock_guard lock(queue_mutex_);
    if (queue_.size() >= options_.max_queued || queued_bytes_ + bytes > options_.max_queued_bytes) {
      ++dropped_;
      return false;
    }
    queue_.push_back({bytes, std::move(task)});
    queued_bytes_ += bytes;
    if (draining_) return true;
    draining_ = true;
  }
  if (options_.run([this] { Drain(); })) return true;
  // What waits is taken along by the next one.
  const std::lock_guard lock(queue_mutex_);
  draining_ = false;
  return true;
}

void Learner::Drain() {
  for (;;) {
    Task task;
    {
      const std::lock_guard lock(queue_mutex_);
      if (queue_.empty()) {
        draining_ = false;
        return;
      }
      task = std::move(queue_.front());
      queue_.pop_front();
      queued_bytes_ -= task.bytes;
    }
    try {
      task.run();
    } catch (const std::exception& error) {
      log::Warning("learning failed", {{"what", error.what()}});
    }
  }
}

void Learner::Apply(const PatternKey& key, const std::function<void(Pattern&)>& change) {
  all_.Update(key, [&](Pattern& pattern) {
    change(pattern);
    pattern.Age();
  });
  unsaved_.Update(key, change);
}

// A structure and a tool, of the tenant and of the installation.
void Learner::Update(const Hash128& tenant, const Structure& structure, const std::function<void(Pattern&)>& change) {
  const std::string tenant_id = TenantId(tenant);
  const int64_t now = clock_.UnixMillis() / 1000;
  const std::lock_guard lock(mutex_);
  dirty_ = true;
  for (const bool of_tool : {false, true}) {
    const std::string& signature = of_tool ? structure.tool : structure.id;
    const auto changed = [&](Pattern& pattern) {
      pattern.of_tool = of_tool;
      pattern.updated = now;
      if (!of_tool) {
        pattern.field_count = static_cast<uint32_t>(structure.fields.size());
        pattern.depth = structure.depth;
        pattern.traits = structure.traits;
      }
      change(pattern);
    };
    Apply({tenant_id, signature}, changed);
    // Of what tenants ask for, only names of fields are structure.
    Apply({"", signature}, [&](Pattern& pattern) {
      changed(pattern);
      pattern.AddTenant(tenant_id);
      pattern.words = WordCounts(Pattern::kMaxWords);
      pattern.queries = WordCounts(Pattern::kMaxQueries);
      if (of_tool) pattern.fields = WordCounts(Pattern::kMaxFields);
    });
  }
}

void Learner::Learn(const Excerpt& excerpt) {
  if (!options_.enabled) return;
  Update(excerpt.tenant, excerpt.structure, [&](Pattern& pattern) {
    pattern.tokens_before += excerpt.tokens_before;
    pattern.tokens_after += excerpt.tokens_after;
    if (Pattern::Strategy* strategy = pattern.StrategyOf(excerpt.rule); strategy != nullptr) ++strategy->uses;
    if (!excerpt.leaves_out) {
      ++pattern.lossless;
      return;
    }
    ++pattern.excerpts;
    ++pattern.recent_excerpts;
    pattern.units += excerpt.units;
    pattern.units_kept += excerpt.units_kept;
  });
  if (!excerpt.leaves_out) return;
  const Hash128 key = MemoryKey(excerpt.tenant, excerpt.original);
  const std::lock_guard lock(mutex_);
  const auto [found, added] = remembered_.try_emplace(key);
  if (added) {
    found->second.use = uses_.insert(uses_.end(), key);
  } else {
    uses_.splice(uses_.end(), uses_, found->second.use);
  }
  found->second.excerpt = {excerpt.structure, excerpt.rule, excerpt.gaps, Remembered::Opened::kNot};
  while (remembered_.size() > options_.max_remembered) {
    remembered_.erase(uses_.front());
    uses_.pop_front();
  }
}

void Learner::Learn(const Opening& opening) {
  if (!options_.enabled) return;
  const std::optional<Remembered> excerpt = Recall(opening.tenant, opening.original);
  using Opened = Remembered::Opened;
  const Opened before = excerpt.has_value() ? excerpt->opened : Opened::kNot;
  const Opened now = opening.whole ? Opened::kWhole : Opened::kInPart;
  const bool more = opening.left_out && before < now;
  const Structure& structure = excerpt.has_value() ? excerpt->structure : opening.structure;
  Update(opening.tenant, structure, [&](Pattern& pattern) {
    ++(opening.by_query ? pattern.query_retrievals : pattern.whole_retrievals);
    if (opening.query.has_value()) pattern.queries.Add(*opening.query);
    if (!opening.left_out) {
      ++pattern.visible_retrievals;
      return;
    }
    for (const uint64_t field : opening.fields) pattern.fields.Add(field);
    for (const uint64_t word : opening.words) pattern.words.Add(word);
    if (!more) return;
    ++(opening.whole ? pattern.recent_whole : pattern.recent_query);
    // Page by page it became the whole.
    if (before == Opened::kInPart && pattern.recent_query > 0) --pattern.recent_query;
    if (excerpt.has_value() && before == Opened::kNot) {
      if (Pattern::Strategy* strategy = pattern.StrategyOf(excerpt->rule); strategy != nullptr) ++strategy->opened;
    }
  });
  if (!more || !excerpt.has_value()) return;
  const std::lock_guard lock(mutex_);
  const auto found = remembered_.find(MemoryKey(opening.tenant, opening.original));
  if (found != remembered_.end()) found->second.excerpt.opened = now;
}

std::optional<Learner::Remembered> Learner::Recall(const Hash128& tenant, const std::string& original) const {
  const std::lock_guard lock(mutex_);
  const auto found = remembered_.find(MemoryKey(tenant, original));
  if (found == remembered_.end()) return std::nullopt;
  return found->second.excerpt;
}

double Learner::Worth(const Hash128& tenant, const std::string& signature_or_tool) const {
  const std::string tenant_id = TenantId(tenant);
  const std::string tool = ToolId(signature_or_tool, hash_);
  const std::lock_guard lock(mutex_);
  for (const std::string& scope : {tenant_id, std::string()}) {
    for (const std::string& signature : {signature_or_tool, tool}) {
      const Pattern* pattern = all_.Find({scope, signature});
      if (pattern == nullptr || !HasEnough(*pattern)) continue;
      if (scope.empty() && pattern->tenants.size() < kMinTenants) continue;
      return kUnknown + kUnknown * pattern->retrieval_rate();
    }
  }
  return kUnknown;
}

Snapshot Learner::Now() const {
  const std::lock_guard lock(mutex_);
  return options_.enabled ? Snapshot(all_) : Snapshot();
}

bool Learner::Tick() {
  const Clock::TimePoint now = clock_.Now();
  if (!last_save_.has_value()) last_save_ = now;
  if (now - *last_save_ >= options_.save_every) {
    last_save_ = now;
    if (const Status saved = Save(); !saved.ok()) {
      log::Warning("learnt patterns are not saved", {{"why", saved.detail()}});
    }
  }
  if (last_snapshot_.has_value() && now - *last_snapshot_ < options_.snapshot_every) return false;
  last_snapshot_ = now;
  return true;
}

Status Learner::Save() {
  Patterns taken(options_.limits);
  {
    const std::lock_guard lock(mutex_);
    if (!on_disk_ || !dirty_) return Status();
    std::swap(taken, unsaved_);
    dirty_ = false;
  }
  Result<Patterns> changed = ChangePatterns(
      options_.path, hash_, clock_.UnixMillis() / 1000, [&](Patterns& patterns) { patterns.Merge(taken); },
      options_.limits);
  const std::lock_guard lock(mutex_);
  if (!changed.ok()) {
    unsaved_.Merge(taken);
    dirty_ = true;
    return changed.status();
  }
  changed->Merge(unsaved_);
  all_ = *std::move(changed);
  return Status();
}

Learner::Totals Learner::totals(const std::string& tenant_id) const {
  Totals totals;
  {
    const std::lock_guard lock(mutex_);
    all_.ForEach([&](const PatternKey& key, const Pattern& pattern) {
      if (key.tenant != tenant_id || pattern.of_tool) return;
      ++totals.patterns;
      totals.compressions += pattern.compressions();
      totals.retrievals += pattern.retrievals();
      if (HasEnough(pattern) && Recommend(pattern).has_effect()) ++totals.with_recommendations;
    });
  }
  const std::lock_guard lock(queue_mutex_);
  totals.dropped = dropped_;
  return totals;
}

std::vector<std::pair<PatternKey, Pattern>> Learner::List(const std::string& tenant_id, bool of_tools,
                                                          size_t limit) const {
  std::vector<std::pair<PatternKey, Pattern>> list;
  const std::lock_guard lock(mutex_);
  all_.ForEach([&](const PatternKey& key, const Pattern& pattern) {
    if (key.tenant == tenant_id && pattern.of_tool == of_tools) list.emplace_back(key, pattern);
  });
  std::stable_sort(list.begin(), list.end(),
                   [](const auto& a, const auto& b) { return a.second.compressions() > b.second.compressions(); });
  if (list.size() > limit) list.resize(limit);
  return list;
}

}  // namespace headroom::learning
