// The textbook algorithm with the right queue.
//
// Merging always takes the pair of the lowest rank, the leftmost of equals. A
// token ranks after its halves, so a merge only brings pairs of higher ranks
// within reach: the ranks taken never fall, and all pairs of a rank are known
// when its turn comes. A queue for such ranks need not compare its way through a
// heap: a radix heap sorts keys by the leading bits of the rank and moves each a
// few times.
//
// Keys are not removed when their pair is broken up by a merge next to it; each
// part remembers what it now merges to, and a key that says otherwise is passed
// over. A merge queues two keys at most, so there are fewer than three per byte.

#include "tokens/rank_merge.h"

#include <algorithm>
#include <bit>

namespace headroom::tokens {

bool RankQueue::Refill() {
  buckets_[0].clear();
  taken_ = 0;
  size_t lowest = 1;
  while (lowest < buckets_.size() && buckets_[lowest].empty()) ++lowest;
  if (lowest == buckets_.size()) return false;

  std::vector<Key>& keys = buckets_[lowest];
  last_rank_ = std::min_element(keys.begin(), keys.end(), [](Key a, Key b) { return a.rank < b.rank; })->rank;
  for (Key key : keys) buckets_[BucketOf(key.rank)].push_back(key);
  keys.clear();
  const auto by_position = [](Key a, Key b) { return a.position < b.position; };
  std::vector<Key>& ready = buckets_[0];
  if (!std::is_sorted(ready.begin(), ready.end(), by_position)) std::sort(ready.begin(), ready.end(), by_position);
  return true;
}

bool RankQueue::Pop(Key* key) {
  if (taken_ == buckets_[0].size() && !Refill()) return false;
  *key = buckets_[0][taken_++];
  return true;
}

void RankQueue::Clear() {
  for (std::vector<Key>& keys : buckets_) keys.clear();
  last_rank_ = 0;
  taken_ = 0;
}

void RankMerge::Offer(uint32_t at) {
  Part& part = parts_[at];
  part.merged = part.next < parts_.size() ? vocabulary_.Merge(part.token, parts_[part.next].token) : kNoToken;
  if (part.merged != kNoToken) queue_.Push({part.merged, at});
}

void RankMerge::Encode(std::string_view piece, std::vector<TokenId>* tokens) {
  const auto size = static_cast<uint32_t>(piece.size());
  queue_.Clear();
  parts_.clear();
  for (uint32_t at = 0; at < size; ++at) {
    parts_.push_back({vocabulary_.ByteToken(piece[at]), kNoToken, at == 0 ? 0 : at - 1, at + 1});
  }
  for (uint32_t at = 0; at < size; ++at) Offer(at);

  for (RankQueue::Key key; queue_.Pop(&key);) {
    const uint32_t at = key.position;
    Part& part = parts_[at];
    if (part.merged != key.rank) continue;
    Part& absorbed = parts_[part.next];
    absorbed.merged = kNoToken;
    part.token = part.merged;
    part.next = absorbed.next;
    if (part.next < size) parts_[part.next].previous = at;
    if (at > 0) Offer(part.previous);
    Offer(at);
  }
  tokens->clear();
  for (uint32_t at = 0; at < size; at = parts_[at].next) tokens->push_back(parts_[at].token);
}

}  // namespace headroom::tokens
