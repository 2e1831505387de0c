// Numbers that requests share: token buckets and budgets, of one process or of
// all nodes behind one Redis.
//
//   Take(claim) ──granted──► request ──► Settle(settlement)
//        └──refused: nothing was taken or held
//
// A bucket holds up to `per_minute` units and fills at that rate. It gives when
// it holds the amount, or is full where the amount is more than it ever holds;
// what a settlement adds may leave it below zero. A bucket nobody knows is
// full, and a full bucket is forgotten.
//
// A budget has two figures, what was spent and what is held for requests under
// way. It grants while their sum is below the limit, so that the limit is
// overshot by the last hold at most, however many ask at once. What was spent
// survives a restart; a hold that is not settled is gone with its process, at
// the latest after kHoldSeconds.
//
// Amounts are whole numbers of the caller's unit: requests, tokens,
// nano-dollars. Amounts below 0 count as 0, those above kMaxAmount as that.
//
// No call fails: an implementation that cannot reach its disk or server goes on
// with what this process knows and counts that in stats(). Thread-safe.

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/hash.h"

namespace headroom::store {

struct BucketClaim {
  Hash128 key;             // of scope and unit
  int64_t amount = 0;      // taken when the claim is granted
  int64_t per_minute = 0;  // above 0
};

struct BudgetClaim {
  Hash128 key;         // of scope and period
  int64_t amount = 0;  // held when the claim is granted
  int64_t limit = 0;
  int64_t ends_at = 0;  // Unix seconds; the figures are forgotten some time after
};

// Keys are distinct within a claim.
struct Claim {
  std::vector<BucketClaim> buckets = {};
  std::vector<BudgetClaim> budgets = {};
  // Taken and held even where there is not enough; then `granted` is true always.
  bool forced = false;
};

struct BucketState {
  int64_t left = 0;                     // units, after what was taken; may be below 0
  std::chrono::milliseconds full{0};    // until it is full again
  std::chrono::milliseconds enough{0};  // until it would grant the amount; 0 if it did or would have
};

struct BudgetState {
  int64_t spent = 0;
  int64_t held = 0;  // of others, and of this claim if it was granted

  int64_t sum() const { return spent + held; }
};

// One state for each member of the claim, in its order, refused or not.
struct Grant {
  bool granted = true;
  uint64_t hold = 0;  // names what is held; 0 if nothing is
  std::vector<BucketState> buckets;
  std::vector<BudgetState> budgets;
};

// What became of a granted claim. Members as in the claim, in its order.
struct Settlement {
  struct Bucket {
    Hash128 key;
    int64_t per_minute = 0;
    int64_t taken = 0;
    int64_t used = 0;  // replaces what was taken
  };
  struct Budget {
    Hash128 key;
    int64_t held = 0;
    int64_t spent = 0;  // added; the hold is given up
    int64_t ends_at = 0;
  };
  uint64_t hold = 0;
  std::vector<Bucket> buckets = {};
  std::vector<Budget> budgets = {};
};

class Counters {
 public:
  static constexpr int64_t kMaxAmount = int64_t{1} << 53;
  static constexpr int64_t kHoldSeconds = 3600;

  struct Stats {
    uint64_t buckets = 0;         // of this process, not full
    uint64_t write_failures = 0;  // to the disk, or calls that the server did not answer
  };

  virtual ~Counters() = default;

  // All of the claim or nothing, atomically among everybody who shares the numbers.
  virtual Grant Take(const Claim& claim) = 0;

  // Once for each granted claim that holds or took something. Never waits: what
  // has to reach a disk or server goes there behind the caller.
  virtual void Settle(const Settlement& settlement) = 0;

  // The figures of budgets, in the order of `keys`; 0 and 0 for one nobody knows.
  virtual std::vector<BudgetState> Read(const std::vector<Hash128>& keys) = 0;

  // True when Take and Read may wait for a server (a few milliseconds, never more
  // than the implementation's time-out): call them off the I/O threads. Where it
  // is false they take about a microsecond and never wait for a disk.
  virtual bool may_wait() const = 0;

  // Forgets buckets that are full and budgets that ended. Call it now and then.
  virtual void Sweep() = 0;
  // Blocks until everything spent is where a restart finds it, or that has failed.
  virtual void Flush() = 0;
  virtual Stats stats() const = 0;
};

// In memory, with what budgets spent in `data_dir`/budgets.db (0600), written by
// a thread of its own; processes that share the directory see each other's
// spending with its delay. "" keeps everything in memory. A file that cannot be
// opened is left alone, logged once and tried again: budgets then count from
// what this process knows. A damaged one is moved aside.
struct EmbeddedCountersOptions {
  std::string data_dir = {};
  size_t max_buckets = 4u << 20;  // further keys share one bucket for each rate
  size_t max_budgets = 1u << 16;  // likewise
  std::chrono::milliseconds flush_interval{100};
};
std::unique_ptr<Counters> OpenEmbeddedCounters(EmbeddedCountersOptions options, const Clock& clock);

}  // namespace headroom::store
