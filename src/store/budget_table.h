// What budgets have spent and hold, in memory, and what of it the disk does not
// know yet.
//
//   spent = on_disk + leaving (with the writer now) + unwritten
//
// The disk is told differences, and tells the sum that results: processes that
// share it see each other's spending.
//
// Thread-safe.

#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "base/hash.h"
#include "store/counters.h"

namespace headroom::store {

class BudgetTable {
 public:
  // What is spent after the claims' ends is remembered so long: clocks step back.
  static constexpr int64_t kGraceSeconds = 86'400;

  // Budgets that come when there are `max_rows` share one row for each period's end.
  explicit BudgetTable(size_t max_rows) : max_rows_(max_rows) {}

  // Whether every one of `claims` has something left. Fills `states`.
  bool Look(const std::vector<BudgetClaim>& claims, std::vector<BudgetState>& states) const;
  // As Look, and holds the amounts if that is so, or if `forced`.
  bool Hold(const std::vector<BudgetClaim>& claims, bool forced, std::vector<BudgetState>& states);
  void Settle(const std::vector<Settlement::Budget>& settled);
  std::vector<BudgetState> Read(const std::vector<Hash128>& keys) const;
  void Sweep(int64_t unix_seconds);

  struct Difference {
    Hash128 key;
    int64_t amount = 0;
    int64_t ends_at = 0;
  };
  // What the disk does not know; it counts as leaving until one of the two.
  std::vector<Difference> TakeUnwritten();
  // The differences are on disk, where the sums are now `sums`.
  void Written(const std::vector<Difference>& differences, const std::vector<int64_t>& sums);
  void Failed(const std::vector<Difference>& differences);
  // What the disk held before this process changed it.
  void Restore(const Difference& row);
  // The disk lost everything: all that is known is to be written again.
  void ForgetDisk();

 private:
  struct Row {
    int64_t on_disk = 0;
    int64_t leaving = 0;
    int64_t unwritten = 0;
    int64_t held = 0;
    int64_t ends_at = 0;

    int64_t spent() const { return on_disk + leaving + unwritten; }
    bool idle() const { return spent() == 0 && leaving == 0 && held == 0; }
  };

  // The key under which the claim is counted.
  Hash128 Counted(const Hash128& key, int64_t ends_at) const;
  Hash128 Holding(const Settlement::Budget& budget) const;
  bool LookLocked(const std::vector<BudgetClaim>& claims, std::vector<BudgetState>& states) const;

  const size_t max_rows_;
  mutable std::mutex mutex_;
  std::unordered_map<Hash128, Row, Hash128Hasher> rows_;  // guarded by mutex_
};

}  // namespace headroom::store
