// Byte pair encoding by merging, in order of rank: the engine for the pieces on
// which the search of bpe.cc loses its way (long runs of one sign).
//
// Holds scratch memory of about 50 bytes per byte of the longest piece it has
// seen. Thread-compatible.

#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "tokens/vocabulary.h"

namespace headroom::tokens {

// A priority queue of (rank, position) for ranks that never fall below the last
// one taken: a radix heap over the ranks. Bucket b holds the keys whose highest
// bit of rank that differs from the last rank is bit b-1; a key only ever moves
// to lower buckets, 18 times at most. Keys of one rank end up in bucket 0 and are
// sorted there by position. (Ahuja, Mehlhorn, Orlin, Tarjan, "Faster algorithms
// for the shortest path problem", 1990.)
class RankQueue {
 public:
  struct Key {
    TokenId rank;
    uint32_t position;
  };

  // Requires a rank above that of the last Pop.
  void Push(Key key) { buckets_[BucketOf(key.rank)].push_back(key); }
  // Removes the key of the lowest rank, of equals the lowest position; false if
  // there is none.
  bool Pop(Key* key);
  void Clear();

 private:
  size_t BucketOf(TokenId rank) const { return static_cast<size_t>(std::bit_width(rank ^ last_rank_)); }
  // Moves the keys of the lowest rank to bucket 0; false if there are none.
  bool Refill();

  std::array<std::vector<Key>, format::kTokenBits + 1> buckets_;
  size_t taken_ = 0;  // keys of bucket 0 that Pop has returned
  TokenId last_rank_ = 0;
};

class RankMerge {
 public:
  explicit RankMerge(const Vocabulary& vocabulary) : vocabulary_(vocabulary) {}

  // Sets *tokens to the tokens of `piece`. Requires fewer than 2^32 bytes.
  // Cost: O(bytes), but for the sorting of positions that come nearly sorted;
  // bench/tokens engine/merge/*.
  void Encode(std::string_view piece, std::vector<TokenId>* tokens);

 private:
  // A token of the piece so far, at the position of its first byte.
  struct Part {
    TokenId token;
    TokenId merged;  // with the next part; kNoToken if they do not merge
    uint32_t previous;
    uint32_t next;
  };

  // Looks up what the part at `at` and the next one merge to, and queues that.
  void Offer(uint32_t at);

  const Vocabulary& vocabulary_;
  std::vector<Part> parts_;
  RankQueue queue_;
};

}  // namespace headroom::tokens
