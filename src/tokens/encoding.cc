#include "tokens/encoding.h"

#include "tokens/bpe.h"

namespace headroom::tokens {

size_t Encoding::Count(std::string_view text) const {
  BpeEncoder encoder(vocabulary_);
  const char* const end = text.data() + text.size();
  size_t count = 0;
  for (const char* at = text.data(); at != end;) {
    const char* const piece_end = piece_end_(at, end);
    count += encoder.Count({at, static_cast<size_t>(piece_end - at)});
    at = piece_end;
  }
  return count;
}

std::vector<TokenId> Encoding::Encode(std::string_view text) const {
  BpeEncoder encoder(vocabulary_);
  std::vector<TokenId> tokens;
  const char* const end = text.data() + text.size();
  for (const char* at = text.data(); at != end;) {
    const char* const piece_end = piece_end_(at, end);
    const std::vector<TokenId>& piece = encoder.Encode({at, static_cast<size_t>(piece_end - at)});
    tokens.insert(tokens.end(), piece.begin(), piece.end());
    at = piece_end;
  }
  return tokens;
}

std::string Encoding::Decode(const std::vector<TokenId>& tokens) const {
  std::string text;
  for (TokenId token : tokens) vocabulary_.AppendBytes(token, &text);
  return text;
}

const Encoding& O200kEncoding() {
  static const Encoding encoding("o200k_base", O200kBase(), O200kPieceEnd);
  return encoding;
}

const Encoding& Cl100kEncoding() {
  static const Encoding encoding("cl100k_base", Cl100kBase(), Cl100kPieceEnd);
  return encoding;
}

}  // namespace headroom::tokens
