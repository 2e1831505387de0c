// Byte pair encoding of one piece, in linear time. bpe.cc explains the algorithm.
//
// A BpeEncoder holds scratch memory of about the size of the longest piece it
// has seen; make one per call or per thread. Thread-compatible.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "tokens/rank_merge.h"
#include "tokens/vocabulary.h"

namespace headroom::tokens {

class BpeEncoder {
 public:
  explicit BpeEncoder(const Vocabulary& vocabulary) : vocabulary_(vocabulary) {}

  // The tokens of `piece`: what merging its bytes by rank ends with. The answer
  // is valid until the next call. Cost: O(bytes); bench/tokens engine/*.
  const std::vector<TokenId>& Encode(std::string_view piece);

  // Encode(piece).size(). A piece that is one token costs no more than its look-up.
  size_t Count(std::string_view piece) {
    const Vocabulary::Match match = vocabulary_.LongestMatch(piece);
    if (match.size == piece.size()) return piece.empty() ? 0 : 1;
    EncodeFrom(match, piece);
    return tokens_.size();
  }

 private:
  // What the search may spend on a piece before merging takes over.
  static constexpr size_t kWorkPerByte = 12;
  static constexpr size_t kLargestMerge = 1 << 20;  // bytes; bounds the memory

  // Sets tokens_, given the longest match at the start of the piece.
  void EncodeFrom(Vocabulary::Match first, std::string_view piece);
  // The same by search alone; false, with tokens_ unspecified, once it has cost
  // more than `budget` table reads, roughly.
  bool Search(Vocabulary::Match first, std::string_view piece, size_t budget);
  // Whether merging the bytes of both leaves exactly these two tokens.
  bool StandsBeside(TokenId left, TokenId right) const;

  const Vocabulary& vocabulary_;
  std::vector<TokenId> tokens_;
  std::vector<uint64_t> dead_;        // one bit per position: no encoding goes through it
  std::unique_ptr<RankMerge> merge_;  // made when first needed
};

}  // namespace headroom::tokens
