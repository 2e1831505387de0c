// Token buckets by key, as few bytes each as can be: a bucket is the moment at
// which it is full again (the "theoretical arrival time" of the generic cell
// rate algorithm, ITU-T I.371).
//
//   holds = per_minute - (full_at - now) * per_minute / 1 min
//   taking n moves full_at by n / per_minute min
//
// Of a bucket that is full nothing has to be remembered: its slot is free at the
// next rebuild. Open addressing, 24 bytes a slot, 4 of 5 slots in use at most.
// There are no single deletions, hence no tombstones.
//
// Thread-compatible: EmbeddedCounters has one of these for each of its locks.

#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "base/hash.h"
#include "store/counters.h"

namespace headroom::store {

class BucketTable {
 public:
  using Nanoseconds = int64_t;

  // Keys that come when there are `max_entries` that are not full share one
  // bucket for each rate.
  explicit BucketTable(size_t max_entries) : max_entries_(max_entries) {}

  // Requires now > 0 and not before that of an earlier call.
  BucketState Look(const BucketClaim& claim, Nanoseconds now) const;
  // Takes the amount, whether it is there or not.
  BucketState Take(const BucketClaim& claim, Nanoseconds now);
  // Takes `used` and gives `taken` back; never above full.
  void Correct(const Settlement::Bucket& bucket, Nanoseconds now);

  // Forgets buckets that are full. Cost: O(slots).
  void Sweep(Nanoseconds now);
  // Those that are not full, as of the last Sweep, and those taken from since.
  size_t size() const { return used_; }
  size_t bytes() const { return slots_.capacity() * sizeof(Slot); }

 private:
  struct Slot {
    Hash128 key;
    Nanoseconds full_at = 0;  // 0: the slot was never used since the last rebuild
  };

  const Slot* Find(const Hash128& key) const;
  Nanoseconds FullAt(const Hash128& key, int64_t per_minute) const;
  void Put(const Hash128& key, int64_t per_minute, Nanoseconds full_at, Nanoseconds now);
  void Rebuild(Nanoseconds now);
  Slot& Place(const Hash128& key);

  const size_t max_entries_;
  std::vector<Slot> slots_;
  size_t used_ = 0;
  Nanoseconds rebuilt_at_ = 0;
  std::map<int64_t, Nanoseconds> shared_;  // by rate, when the table is full
};

}  // namespace headroom::store
