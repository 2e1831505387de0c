#include "store/budget_table.h"

#include <algorithm>

namespace headroom::store {
namespace {

int64_t Bounded(int64_t amount) { return std::clamp<int64_t>(amount, 0, Counters::kMaxAmount); }

Hash128 SharedKey(int64_t ends_at) { return {~uint64_t{0}, static_cast<uint64_t>(ends_at)}; }

// Of amounts that are bounded; sums of them are too.
int64_t Sum(int64_t a, int64_t b) { return std::min(a + b, Counters::kMaxAmount); }

}  // namespace

bool BudgetTable::Look(const std::vector<BudgetClaim>& claims, std::vector<BudgetState>& states) const {
  const std::lock_guard lock(mutex_);
  return LookLocked(claims, states);
}

bool BudgetTable::LookLocked(const std::vector<BudgetClaim>& claims, std::vector<BudgetState>& states) const {
  bool enough = true;
  for (const BudgetClaim& claim : claims) {
    const auto found = rows_.find(Counted(claim.key, claim.ends_at));
    states.push_back(found == rows_.end() ? BudgetState{} : BudgetState{found->second.spent(), found->second.held});
    enough = enough && states.back().sum() < claim.limit;
  }
  return enough;
}

bool BudgetTable::Hold(const std::vector<BudgetClaim>& claims, bool forced, std::vector<BudgetState>& states) {
  const std::lock_guard lock(mutex_);
  if (!LookLocked(claims, states) && !forced) return false;
  for (size_t i = 0; i < claims.size(); ++i) {
    Row& row = rows_[Counted(claims[i].key, claims[i].ends_at)];
    row.ends_at = claims[i].ends_at;
    row.held = Sum(row.held, Bounded(claims[i].amount));
    states[i].held = row.held;
  }
  return true;
}

void BudgetTable::Settle(const std::vector<Settlement::Budget>& settled) {
  const std::lock_guard lock(mutex_);
  for (const Settlement::Budget& budget : settled) {
    const Hash128 key = Holding(budget);
    Row& row = rows_[key];
    row.ends_at = budget.ends_at;
    row.held = std::max<int64_t>(row.held - Bounded(budget.held), 0);
    row.unwritten = Sum(row.unwritten, Bounded(budget.spent));
    if (row.idle()) rows_.erase(key);
  }
}

std::vector<BudgetState> BudgetTable::Read(const std::vector<Hash128>& keys) const {
  const std::lock_guard lock(mutex_);
  std::vector<BudgetState> states;
  for (const Hash128& key : keys) {
    const auto found = rows_.find(key);
    states.push_back(found == rows_.end() ? BudgetState{} : BudgetState{found->second.spent(), found->second.held});
  }
  return states;
}

void BudgetTable::Sweep(int64_t unix_seconds) {
  const std::lock_guard lock(mutex_);
  std::erase_if(rows_, [&](const auto& entry) {
    const Row& row = entry.second;
    return row.ends_at + kGraceSeconds < unix_seconds && row.held == 0 && row.leaving == 0 && row.unwritten == 0;
  });
}

std::vector<BudgetTable::Difference> BudgetTable::TakeUnwritten() {
  const std::lock_guard lock(mutex_);
  std::vector<Difference> differences;
  for (auto& [key, row] : rows_) {
    if (row.unwritten == 0) continue;
    differences.push_back({key, row.unwritten, row.ends_at});
    row.leaving += row.unwritten;
    row.unwritten = 0;
  }
  return differences;
}

void BudgetTable::Written(const std::vector<Difference>& differences, const std::vector<int64_t>& sums) {
  const std::lock_guard lock(mutex_);
  for (size_t i = 0; i < differences.size(); ++i) {
    Row& row = rows_[differences[i].key];
    row.leaving -= differences[i].amount;
    row.on_disk = sums[i];
  }
}

void BudgetTable::Failed(const std::vector<Difference>& differences) {
  const std::lock_guard lock(mutex_);
  for (const Difference& difference : differences) {
    Row& row = rows_[difference.key];
    row.leaving -= difference.amount;
    row.unwritten += difference.amount;
  }
}

void BudgetTable::Restore(const Difference& row) {
  const std::lock_guard lock(mutex_);
  rows_[row.key].on_disk = Bounded(row.amount);
  rows_[row.key].ends_at = row.ends_at;
}

void BudgetTable::ForgetDisk() {
  const std::lock_guard lock(mutex_);
  for (auto& [key, row] : rows_) {
    row.unwritten += row.on_disk;
    row.on_disk = 0;
  }
}

Hash128 BudgetTable::Counted(const Hash128& key, int64_t ends_at) const {
  return rows_.size() < max_rows_ || rows_.contains(key) ? key : SharedKey(ends_at);
}

// A row that holds something stays: where the key has none, it was held on the shared row.
Hash128 BudgetTable::Holding(const Settlement::Budget& budget) const {
  if (rows_.contains(budget.key)) return budget.key;
  const auto shared = rows_.find(SharedKey(budget.ends_at));
  const bool there = budget.held > 0 && shared != rows_.end() && shared->second.held >= budget.held;
  return there ? shared->first : Counted(budget.key, budget.ends_at);
}

}  // namespace headroom::store
