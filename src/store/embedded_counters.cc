// Counters of one process: buckets in kShards tables with a lock each, budgets
// in one table with a file behind it. A claim locks the shards of its buckets in
// their order, then the budgets, so that it is taken as one.

#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>
#include <optional>
#include <utility>

#include "store/bucket_table.h"
#include "store/budget_file.h"
#include "store/budget_table.h"
#include "store/counters.h"

namespace headroom::store {
namespace {

constexpr size_t kShards = 64;

struct Shard {
  explicit Shard(size_t max_entries) : buckets(max_entries) {}
  std::mutex mutex;
  BucketTable buckets;  // guarded by mutex
};

size_t ShardOf(const Hash128& key) { return key.high % kShards; }

class EmbeddedCounters : public Counters {
 public:
  EmbeddedCounters(const EmbeddedCountersOptions& options, const Clock& clock)
      : clock_(clock), budgets_(options.max_budgets) {
    for (size_t i = 0; i < kShards; ++i) {
      shards_[i] = std::make_unique<Shard>(std::max<size_t>(options.max_buckets / kShards, 1));
    }
    if (!options.data_dir.empty()) file_.emplace(options.data_dir, options.flush_interval, budgets_, clock);
  }

  Grant Take(const Claim& claim) override;
  void Settle(const Settlement& settlement) override;
  std::vector<BudgetState> Read(const std::vector<Hash128>& keys) override { return budgets_.Read(keys); }
  bool may_wait() const override { return false; }
  void Sweep() override;
  void Flush() override {
    if (file_.has_value()) file_->Flush();
  }
  Stats stats() const override;

 private:
  // A fake clock may begin at 0, a bucket's time may not.
  int64_t Now() const { return clock_.Now().time_since_epoch().count() + 1; }
  std::vector<std::unique_lock<std::mutex>> Lock(const std::vector<BucketClaim>& claims);

  const Clock& clock_;
  std::array<std::unique_ptr<Shard>, kShards> shards_;
  BudgetTable budgets_;
  std::optional<BudgetFile> file_;
  std::atomic<uint64_t> next_hold_{1};
};

std::vector<std::unique_lock<std::mutex>> EmbeddedCounters::Lock(const std::vector<BucketClaim>& claims) {
  std::vector<size_t> numbers;
  for (const BucketClaim& claim : claims) numbers.push_back(ShardOf(claim.key));
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  std::vector<std::unique_lock<std::mutex>> locks;
  for (const size_t number : numbers) locks.emplace_back(shards_[number]->mutex);
  return locks;
}

Grant EmbeddedCounters::Take(const Claim& claim) {
  const std::vector<std::unique_lock<std::mutex>> locks = Lock(claim.buckets);
  const int64_t now = Now();
  Grant grant;
  for (const BucketClaim& bucket : claim.buckets) {
    grant.buckets.push_back(shards_[ShardOf(bucket.key)]->buckets.Look(bucket, now));
    grant.granted = grant.granted && (claim.forced || grant.buckets.back().enough.count() == 0);
  }
  if (!grant.granted) {
    budgets_.Look(claim.budgets, grant.budgets);
    return grant;
  }
  grant.granted = budgets_.Hold(claim.budgets, claim.forced, grant.budgets);
  if (!grant.granted) return grant;
  for (size_t i = 0; i < claim.buckets.size(); ++i) {
    grant.buckets[i] = shards_[ShardOf(claim.buckets[i].key)]->buckets.Take(claim.buckets[i], now);
  }
  if (!claim.budgets.empty()) grant.hold = next_hold_.fetch_add(1, std::memory_order_relaxed);
  return grant;
}

void EmbeddedCounters::Settle(const Settlement& settlement) {
  const int64_t now = Now();
  for (const Settlement::Bucket& bucket : settlement.buckets) {
    Shard& shard = *shards_[ShardOf(bucket.key)];
    const std::lock_guard lock(shard.mutex);
    shard.buckets.Correct(bucket, now);
  }
  if (settlement.budgets.empty()) return;
  budgets_.Settle(settlement.budgets);
  if (file_.has_value()) file_->Wake();
}

void EmbeddedCounters::Sweep() {
  for (const std::unique_ptr<Shard>& shard : shards_) {
    const std::lock_guard lock(shard->mutex);
    shard->buckets.Sweep(Now());
  }
  budgets_.Sweep(clock_.UnixMillis() / 1000);
}

Counters::Stats EmbeddedCounters::stats() const {
  Stats stats;
  for (const std::unique_ptr<Shard>& shard : shards_) {
    const std::lock_guard lock(shard->mutex);
    stats.buckets += shard->buckets.size();
  }
  if (file_.has_value()) stats.write_failures = file_->failures();
  return stats;
}

}  // namespace

std::unique_ptr<Counters> OpenEmbeddedCounters(EmbeddedCountersOptions options, const Clock& clock) {
  return std::make_unique<EmbeddedCounters>(std::move(options), clock);
}

}  // namespace headroom::store
