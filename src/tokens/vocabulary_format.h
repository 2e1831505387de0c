// The packed vocabulary: what src/tokens/pack writes at build time and
// Vocabulary reads in place.
//
//   | Header | trie u64[] | filter u64[] | pairs u64[] | splits Split[] | prefixes u32[] | lengths u8[] |
//            ^ each section starts on a multiple of 64 bytes
//
//   trie      double array over the tokens' bytes. Cell 0 is the root; the child
//             of a cell by byte b is cell base + b, provided that its parent
//             field names the cell. token is kNoToken on inner nodes.
//   filter    a bit for each hash of a pair in `pairs`, four per slot. Most pairs asked
//             for do not merge; the filter says so from a cache that holds it.
//   pairs     open-addressed map (left, right) -> merged token, for the one pair
//             each token is merged from. Empty slots are all ones.
//   splits    that pair, by token. Bytes name themselves.
//   prefixes  the longest shorter token that starts the token; kNoToken for bytes.
//   lengths   bytes of each token.
//
// Integers are in the byte order of the machine: the file is made where the
// program is built and never leaves it.

#pragma once

#include <cstddef>
#include <cstdint>

namespace headroom::tokens {

// A token's number in its vocabulary, which is also its rank: lower merges first.
using TokenId = uint32_t;

namespace format {

inline constexpr uint64_t kMagic = 0x31304b4f54524448;  // "HDRTOK01"
inline constexpr int kTokenBits = 18;
inline constexpr int kCellBits = 22;
inline constexpr TokenId kNoToken = (1u << kTokenBits) - 1;
inline constexpr uint32_t kNoParent = (1u << kCellBits) - 1;
inline constexpr uint64_t kEmptyPair = ~uint64_t{0};

struct Header {
  uint64_t magic;
  uint32_t token_count;
  uint32_t trie_cells;
  uint32_t pair_slots;   // a power of two
  uint32_t trie_offset;  // bytes from the start of the file
  uint32_t filter_offset;
  uint32_t pairs_offset;
  uint32_t splits_offset;
  uint32_t prefixes_offset;
  uint32_t lengths_offset;
  uint32_t file_bytes;
};

struct Split {
  TokenId left;
  TokenId right;
};

// One trie cell: base (22 bits), parent (22), token (18).
inline constexpr uint64_t PackCell(uint32_t base, uint32_t parent, TokenId token) {
  return uint64_t{base} << (kCellBits + kTokenBits) | uint64_t{parent} << kTokenBits | token;
}
inline constexpr uint32_t CellBase(uint64_t cell) { return static_cast<uint32_t>(cell >> (kCellBits + kTokenBits)); }
inline constexpr uint32_t CellParent(uint64_t cell) {
  return static_cast<uint32_t>(cell >> kTokenBits) & ((1u << kCellBits) - 1);
}
inline constexpr TokenId CellToken(uint64_t cell) { return static_cast<TokenId>(cell) & kNoToken; }

// One pair slot: key (36 bits), merged token (18).
inline constexpr uint64_t PairKey(TokenId left, TokenId right) { return uint64_t{left} << kTokenBits | right; }
inline constexpr uint64_t PackPair(uint64_t key, TokenId merged) { return key << kTokenBits | merged; }

// Fibonacci hashing: the upper bits depend on all of the key.
inline constexpr uint64_t HashPair(uint64_t key) { return key * 0x9e3779b97f4a7c15u; }
// The first slot to try; later ones follow in order, wrapping.
inline constexpr uint32_t PairSlot(uint64_t hash, uint32_t slots) {
  return static_cast<uint32_t>(hash >> 32) & (slots - 1);
}
inline constexpr uint32_t FilterBit(uint64_t hash, uint32_t slots) {
  return static_cast<uint32_t>(hash >> 40) & (4 * slots - 1);
}

}  // namespace format
}  // namespace headroom::tokens
