// The counter on any bytes. The first byte chooses the encoding. What must hold:
// the pieces cover the text, the tokens spell it, Count agrees with Encode, both
// engines agree with each other and, on short texts, with the textbook merge.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "tokens/bpe.h"
#include "tokens/encoding.h"
#include "tokens/slow_bpe.h"

namespace headroom::tokens {
namespace {

constexpr size_t kSlowBytes = 64;

void Require(bool holds) {
  if (!holds) std::abort();
}

void CheckPiece(const Encoding& encoding, const SlowBpe& slow, std::string_view piece) {
  BpeEncoder encoder(encoding.vocabulary());
  RankMerge merge(encoding.vocabulary());
  std::vector<TokenId> merged;
  merge.Encode(piece, &merged);
  Require(merged == encoder.Encode(piece));
  Require(merged.size() == encoder.Count(piece));
  if (piece.size() <= kSlowBytes) Require(merged == slow.Encode(piece));
}

void CheckText(const Encoding& encoding, PieceEndFn piece_end, const SlowBpe& slow, std::string_view text) {
  const std::vector<TokenId> ids = encoding.Encode(text);
  Require(encoding.Decode(ids) == text);
  Require(encoding.Count(text) == ids.size());
  const char* const end = text.data() + text.size();
  for (const char* at = text.data(); at != end;) {
    const char* const stop = piece_end(at, end);
    Require(stop > at && stop <= end);
    CheckPiece(encoding, slow, {at, static_cast<size_t>(stop - at)});
    at = stop;
  }
  // The whole text as one piece: shapes the split rules never let through.
  CheckPiece(encoding, slow, text.substr(0, kSlowBytes));
}

}  // namespace
}  // namespace headroom::tokens

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace headroom::tokens;
  static const SlowBpe slow_o200k(O200kBase());
  static const SlowBpe slow_cl100k(Cl100kBase());
  if (size == 0) return 0;
  // An exact-size copy, so that a read past the end is seen.
  const std::vector<char> copy(data + 1, data + size);
  const std::string_view text(copy.data(), copy.size());
  if (data[0] % 2 == 0) {
    CheckText(O200kEncoding(), O200kPieceEnd, slow_o200k, text);
  } else {
    CheckText(Cl100kEncoding(), Cl100kPieceEnd, slow_cl100k, text);
  }
  return 0;
}
