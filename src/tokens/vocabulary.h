// A byte pair vocabulary, read in place from the packed bytes in the program.
//
// Nothing is built when it is first used: the sections are tables in read-only,
// file-backed memory, and only the pages that are touched become resident.
//
// Immutable, thread-safe.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tokens/vocabulary_format.h"

namespace headroom::tokens {

using format::kNoToken;

class Vocabulary {
 public:
  // The longest token that starts a text; every text of one byte or more has one.
  struct Match {
    TokenId token;
    size_t size;  // bytes
  };

  // `packed` is what src/tokens/pack wrote, at 64-byte alignment; it must outlive this.
  explicit Vocabulary(const unsigned char* packed);

  uint32_t size() const { return token_count_; }

  // Requires a non-empty text. Cost: one table read per byte of the longest
  // token prefix, at most 255.
  Match LongestMatch(std::string_view text) const {
    uint32_t cell = 0;
    uint64_t value = trie_[0];
    Match match = {kNoToken, 0};
    for (size_t i = 0; i < text.size(); ++i) {
      const uint32_t child = format::CellBase(value) + static_cast<uint8_t>(text[i]);
      value = trie_[child];
      if (format::CellParent(value) != cell) break;
      cell = child;
      if (format::CellToken(value) != kNoToken) match = {format::CellToken(value), i + 1};
    }
    return match;
  }

  TokenId ByteToken(char byte) const {
    return format::CellToken(trie_[format::CellBase(trie_[0]) + static_cast<uint8_t>(byte)]);
  }

  // The token that byte pair encoding makes of this pair; kNoToken if it never does.
  TokenId Merge(TokenId left, TokenId right) const {
    const uint64_t key = format::PairKey(left, right);
    const uint64_t hash = format::HashPair(key);
    const uint32_t bit = format::FilterBit(hash, pair_mask_ + 1);
    if ((filter_[bit / 64] >> (bit % 64) & 1) == 0) return kNoToken;
    uint32_t slot = format::PairSlot(hash, pair_mask_ + 1);
    while (pairs_[slot] >> format::kTokenBits != key) {
      if (pairs_[slot] == format::kEmptyPair) return kNoToken;
      slot = (slot + 1) & pair_mask_;
    }
    return static_cast<TokenId>(pairs_[slot]) & kNoToken;
  }

  // The pair a token is merged from; a byte is its own.
  format::Split SplitOf(TokenId token) const { return splits_[token]; }
  static bool IsByte(TokenId token) { return token < 256; }

  // The longest token that is a proper prefix of `token`; kNoToken for a byte.
  TokenId PrefixOf(TokenId token) const { return prefixes_[token]; }
  size_t LengthOf(TokenId token) const { return lengths_[token]; }

  // Appends the token's bytes. Requires token < size().
  void AppendBytes(TokenId token, std::string* text) const;

 private:
  const uint64_t* trie_;
  const uint64_t* filter_;
  const uint64_t* pairs_;
  const format::Split* splits_;
  const TokenId* prefixes_;
  const uint8_t* lengths_;
  uint32_t pair_mask_;
  uint32_t token_count_;
  char byte_of_[256];  // of tokens 0..255
};

// The vocabularies in the program. Cost of the first call: microseconds.
const Vocabulary& O200kBase();
const Vocabulary& Cl100kBase();

}  // namespace headroom::tokens
