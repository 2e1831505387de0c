// Byte pair encoding of one piece, in linear time. bpe.cc explains the algorithm.
//
// A BpeEncoder holds scratch memory of about the size of the longest piece it
// has seen; make one per call or per thread. Thread-compatible.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "tokens/vocabulary.h"

namespace headroom::tokens {

class BpeEncoder {
 public:
  explicit BpeEncoder(const Vocabulary& vocabulary) : vocabulary_(vocabulary) {}

  // The tokens of `piece`: what merging its bytes by rank ends with. The answer
  // is valid until the next call. Cost: O(bytes); bench/tokens bpe/*.
  const std::vector<TokenId>& Encode(std::string_view piece);

  // Encode(piece).size(). A piece that is one token costs no more than its look-up.
  size_t Count(std::string_view piece) {
    const Vocabulary::Match match = vocabulary_.LongestMatch(piece);
    if (match.size == piece.size()) return piece.empty() ? 0 : 1;
    EncodeFrom(match, piece);
    return tokens_.size();
  }

 private:
  // Sets tokens_, given the longest match at the start of the piece.
  void EncodeFrom(Vocabulary::Match first, std::string_view piece);
  // Whether merging the bytes of both leaves exactly these two tokens.
  bool StandsBeside(TokenId left, TokenId right) const;

  const Vocabulary& vocabulary_;
  std::vector<TokenId> tokens_;
  std::vector<uint64_t> dead_;  // one bit per position: no encoding goes through it
};

}  // namespace headroom::tokens
