#include "tokens/vocabulary.h"

#include <cstdlib>

// Defined in embedded_vocabularies.S.
extern "C" const unsigned char headroom_o200k_base[];
extern "C" const unsigned char headroom_cl100k_base[];

namespace headroom::tokens {
namespace {

template <typename T>
const T* Section(const unsigned char* packed, uint32_t offset) {
  return static_cast<const T*>(static_cast<const void*>(packed + offset));
}

}  // namespace

Vocabulary::Vocabulary(const unsigned char* packed) {
  const format::Header& header = *Section<format::Header>(packed, 0);
  // The build put the bytes there; a wrong magic means a broken build.
  if (header.magic != format::kMagic) std::abort();
  trie_ = Section<uint64_t>(packed, header.trie_offset);
  filter_ = Section<uint64_t>(packed, header.filter_offset);
  pairs_ = Section<uint64_t>(packed, header.pairs_offset);
  splits_ = Section<format::Split>(packed, header.splits_offset);
  prefixes_ = Section<TokenId>(packed, header.prefixes_offset);
  lengths_ = Section<uint8_t>(packed, header.lengths_offset);
  pair_mask_ = header.pair_slots - 1;
  token_count_ = header.token_count;
  for (int byte = 0; byte < 256; ++byte) byte_of_[ByteToken(static_cast<char>(byte))] = static_cast<char>(byte);
}

void Vocabulary::AppendBytes(TokenId token, std::string* text) const {
  // A token is at most 255 bytes, so its halves nest at most that deep.
  TokenId pending[256];
  size_t count = 0;
  pending[count++] = token;
  while (count > 0) {
    const TokenId next = pending[--count];
    if (IsByte(next)) {
      text->push_back(byte_of_[next]);
      continue;
    }
    pending[count++] = splits_[next].right;
    pending[count++] = splits_[next].left;
  }
}

const Vocabulary& O200kBase() {
  static const Vocabulary vocabulary(headroom_o200k_base);
  return vocabulary;
}

const Vocabulary& Cl100kBase() {
  static const Vocabulary vocabulary(headroom_cl100k_base);
  return vocabulary;
}

}  // namespace headroom::tokens
