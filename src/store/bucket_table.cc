#include "store/bucket_table.h"

#include <algorithm>
#include <utility>

namespace headroom::store {
namespace {

__extension__ using Wide = __int128;

constexpr int64_t kMinute = 60'000'000'000;
// A correction beyond all measure does not shut its client out for ever.
constexpr int64_t kMaxDebt = int64_t{24} * 60 * kMinute;
constexpr size_t kFirstSlots = 8;
// A table that is full of buckets in use is not searched for free ones at every call.
constexpr int64_t kRebuildPause = 1'000'000'000;

// How long `amount` units take to come back. Rounded down, so that the parts of
// a sum never take longer than the whole.
int64_t TimeFor(int64_t amount, int64_t per_minute) {
  const Wide time = static_cast<Wide>(std::clamp<int64_t>(amount, 0, Counters::kMaxAmount)) * kMinute / per_minute;
  return static_cast<int64_t>(std::min<Wide>(time, kMaxDebt));
}

std::chrono::milliseconds RoundedUp(int64_t nanoseconds) {
  return std::chrono::milliseconds((std::max<int64_t>(nanoseconds, 0) + 999'999) / 1'000'000);
}

// Of a bucket whose full moment is `ahead` away, for another `amount`.
BucketState StateOf(int64_t ahead, const BucketClaim& claim) {
  const int64_t missing = static_cast<int64_t>((static_cast<Wide>(ahead) * claim.per_minute + kMinute - 1) / kMinute);
  const int64_t needed = std::clamp<int64_t>(claim.amount, 0, claim.per_minute);
  const int64_t wait = ahead - TimeFor(claim.per_minute - needed, claim.per_minute);
  return {.left = claim.per_minute - missing, .full = RoundedUp(ahead), .enough = RoundedUp(wait)};
}

}  // namespace

BucketState BucketTable::Look(const BucketClaim& claim, Nanoseconds now) const {
  return StateOf(std::max(FullAt(claim.key, claim.per_minute) - now, Nanoseconds{0}), claim);
}

BucketState BucketTable::Take(const BucketClaim& claim, Nanoseconds now) {
  const Nanoseconds ahead = std::max(FullAt(claim.key, claim.per_minute) - now, Nanoseconds{0});
  const Nanoseconds after = std::min(ahead + TimeFor(claim.amount, claim.per_minute), kMaxDebt);
  if (after > 0) Put(claim.key, claim.per_minute, now + after, now);
  BucketState state = StateOf(after, claim);
  state.enough = {};
  return state;
}

void BucketTable::Correct(const Settlement::Bucket& bucket, Nanoseconds now) {
  const Nanoseconds ahead = std::max(FullAt(bucket.key, bucket.per_minute) - now, Nanoseconds{0});
  const Nanoseconds change = TimeFor(bucket.used, bucket.per_minute) - TimeFor(bucket.taken, bucket.per_minute);
  if (change == 0) return;
  Put(bucket.key, bucket.per_minute, now + std::clamp<Nanoseconds>(ahead + change, 0, kMaxDebt), now);
}

void BucketTable::Sweep(Nanoseconds now) {
  std::erase_if(shared_, [&](const auto& entry) { return entry.second <= now; });
  if (used_ > 0) Rebuild(now);
}

const BucketTable::Slot* BucketTable::Find(const Hash128& key) const {
  if (slots_.empty()) return nullptr;
  for (size_t at = key.low % slots_.size();; at = at + 1 == slots_.size() ? 0 : at + 1) {
    const Slot& slot = slots_[at];
    if (slot.full_at == 0) return nullptr;
    if (slot.key == key) return &slot;
  }
}

BucketTable::Nanoseconds BucketTable::FullAt(const Hash128& key, int64_t per_minute) const {
  if (const Slot* slot = Find(key); slot != nullptr) return slot->full_at;
  if (used_ < max_entries_ || shared_.empty()) return 0;
  const auto shared = shared_.find(per_minute);
  return shared == shared_.end() ? 0 : shared->second;
}

void BucketTable::Put(const Hash128& key, int64_t per_minute, Nanoseconds full_at, Nanoseconds now) {
  if (const Slot* slot = Find(key); slot != nullptr) {
    slots_[static_cast<size_t>(slot - slots_.data())].full_at = full_at;
    return;
  }
  if (full_at <= now) return;
  const bool full = used_ >= max_entries_;
  if (full ? now - rebuilt_at_ >= kRebuildPause : (used_ + 1) * 5 > slots_.size() * 4) Rebuild(now);
  if (used_ >= max_entries_) {
    shared_[per_minute] = full_at;
    return;
  }
  Place(key) = {key, full_at};
  ++used_;
}

// Two in three slots are used afterwards, so that the next rebuild is not soon.
void BucketTable::Rebuild(Nanoseconds now) {
  rebuilt_at_ = now;
  const auto kept = static_cast<size_t>(
      std::count_if(slots_.begin(), slots_.end(), [&](const Slot& slot) { return slot.full_at > now; }));
  std::vector<Slot> old(std::max(kFirstSlots, kept + kept / 2 + 2));
  std::swap(old, slots_);
  used_ = 0;
  for (const Slot& slot : old) {
    if (slot.full_at <= now) continue;
    Place(slot.key) = slot;
    ++used_;
  }
}

BucketTable::Slot& BucketTable::Place(const Hash128& key) {
  size_t at = key.low % slots_.size();
  while (slots_[at].full_at != 0) at = at + 1 == slots_.size() ? 0 : at + 1;
  return slots_[at];
}

}  // namespace headroom::store
