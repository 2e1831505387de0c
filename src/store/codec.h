// How a row's bytes lie on disk: zstd where that is smaller, sealed where there is a
// key, and a checksum over what is stored.
//
// Thread-compatible: keeps its contexts between calls.

#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/hash.h"
#include "store/sealer.h"

struct ZSTD_CCtx_s;
struct ZSTD_DCtx_s;

namespace headroom::store {

enum class Encoding : uint8_t { kPlain = 0, kZstd = 1, kSealedPlain = 2, kSealedZstd = 3 };

class Codec {
 public:
  // Shorter texts are stored as they are: frame and call cost more than they save.
  static constexpr size_t kMinCompressed = 256;
  // Nothing longer is ever decoded; far above the largest request body.
  static constexpr uint64_t kMaxDecoded = 512ull << 20;

  // From now on rows are sealed; null: they are not.
  void Use(std::shared_ptr<const Sealer> sealer) { sealer_ = std::move(sealer); }

  // The bytes to store: `text` itself (kPlain) or a view of a buffer that lives
  // until the next call. `about` is what Sealer takes.
  std::string_view Encode(std::string_view text, std::string_view about, Encoding& encoding);
  // False if `stored` is no frame of a sane size, or sealed and does not open.
  bool Decode(std::string_view stored, std::string_view about, Encoding encoding, std::string& text);

 private:
  struct Free {
    void operator()(ZSTD_CCtx_s* context) const;
    void operator()(ZSTD_DCtx_s* context) const;
  };
  std::string_view Compress(std::string_view text, Encoding& encoding);
  bool Decompress(std::string_view stored, Encoding encoding, std::string& text);

  std::shared_ptr<const Sealer> sealer_;
  std::unique_ptr<ZSTD_CCtx_s, Free> compressor_;
  std::unique_ptr<ZSTD_DCtx_s, Free> decompressor_;
  std::string buffer_;
  std::string sealed_;
};

// Collects a row's columns in a fixed order; 64 bits of XXH3-128, each column
// framed by its length. SQLite's pages have no checksums of their own.
class RowChecksum {
 public:
  RowChecksum& Text(std::string_view column);
  RowChecksum& Integer(uint64_t column);
  // Forgets the columns.
  int64_t Finish();

 private:
  Hasher128 hasher_;
};

}  // namespace headroom::store
