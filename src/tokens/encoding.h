// A vocabulary and its split rule: text to tokens and back.
//
// Immutable, thread-safe.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "tokens/split.h"
#include "tokens/vocabulary.h"

namespace headroom::tokens {

class Encoding {
 public:
  Encoding(std::string_view name, const Vocabulary& vocabulary, PieceEndFn piece_end)
      : name_(name), vocabulary_(vocabulary), piece_end_(piece_end) {}

  // "o200k_base", "cl100k_base".
  std::string_view name() const { return name_; }
  const Vocabulary& vocabulary() const { return vocabulary_; }

  // Encode(text).size(). Cost: O(bytes) on any input, no allocation unless a
  // piece is more than one token; bench/tokens count/*.
  size_t Count(std::string_view text) const;

  // npm tiktoken's encode_ordinary: special tokens are ordinary text. Bytes that
  // are not UTF-8 are signs (character_class.h). Cost: O(bytes).
  std::vector<TokenId> Encode(std::string_view text) const;

  // The bytes Encode was given. Requires tokens of this vocabulary.
  std::string Decode(const std::vector<TokenId>& tokens) const;

 private:
  std::string_view name_;
  const Vocabulary& vocabulary_;
  PieceEndFn piece_end_;
};

// The encodings live for ever.
const Encoding& O200kEncoding();
const Encoding& Cl100kEncoding();

}  // namespace headroom::tokens
