#include "store/codec.h"

#include <zstd.h>

#include <cstring>

namespace headroom::store {
namespace {

// Level 1 halves the cost of level 3 for a tenth more bytes on tool output.
constexpr int kLevel = 1;

}  // namespace

void Codec::Free::operator()(ZSTD_CCtx_s* context) const { ZSTD_freeCCtx(context); }
void Codec::Free::operator()(ZSTD_DCtx_s* context) const { ZSTD_freeDCtx(context); }

std::string_view Codec::Encode(std::string_view text, std::string_view about, Encoding& encoding) {
  const std::string_view compressed = Compress(text, encoding);
  if (sealer_ == nullptr) return compressed;
  encoding = encoding == Encoding::kZstd ? Encoding::kSealedZstd : Encoding::kSealedPlain;
  // Where it cannot be sealed nothing is stored: the row reads as damaged.
  (void)sealer_->Seal(compressed, about, sealed_);
  return sealed_;
}

bool Codec::Decode(std::string_view stored, std::string_view about, Encoding encoding, std::string& text) {
  if (encoding != Encoding::kSealedPlain && encoding != Encoding::kSealedZstd)
    return Decompress(stored, encoding, text);
  if (sealer_ == nullptr || !sealer_->Open(stored, about, sealed_)) return false;
  return Decompress(sealed_, encoding == Encoding::kSealedZstd ? Encoding::kZstd : Encoding::kPlain, text);
}

std::string_view Codec::Compress(std::string_view text, Encoding& encoding) {
  encoding = Encoding::kPlain;
  if (text.size() < kMinCompressed) return text;
  if (compressor_ == nullptr) compressor_.reset(ZSTD_createCCtx());
  if (compressor_ == nullptr) return text;
  // One byte less than the text: what does not shrink fails and stays plain.
  buffer_.resize(text.size() - 1);
  const size_t size =
      ZSTD_compressCCtx(compressor_.get(), buffer_.data(), buffer_.size(), text.data(), text.size(), kLevel);
  if (ZSTD_isError(size)) return text;
  encoding = Encoding::kZstd;
  return {buffer_.data(), size};
}

bool Codec::Decompress(std::string_view stored, Encoding encoding, std::string& text) {
  if (encoding == Encoding::kPlain) {
    text.assign(stored);
    return true;
  }
  if (encoding != Encoding::kZstd) return false;
  const unsigned long long size = ZSTD_getFrameContentSize(stored.data(), stored.size());
  if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN || size > kMaxDecoded) return false;
  if (decompressor_ == nullptr) decompressor_.reset(ZSTD_createDCtx());
  if (decompressor_ == nullptr) return false;
  text.resize(size);
  return ZSTD_decompressDCtx(decompressor_.get(), text.data(), text.size(), stored.data(), stored.size()) == size;
}

RowChecksum& RowChecksum::Text(std::string_view column) {
  hasher_.Add(column);
  return *this;
}

RowChecksum& RowChecksum::Integer(uint64_t column) {
  char bytes[sizeof(column)];
  std::memcpy(bytes, &column, sizeof(column));
  return Text({bytes, sizeof(bytes)});
}

int64_t RowChecksum::Finish() {
  const auto checksum = static_cast<int64_t>(hasher_.Finish().low);
  hasher_.Reset();
  return checksum;
}

}  // namespace headroom::store
