// Content codings (RFC 9110 8.4): gzip, deflate, br, zstd, and lists of them.
//
// Decoder is streaming and bounded: it serves request bodies (which must be
// read) and the side view of responses (which are relayed as they came).
// Thread-compatible.

#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/status.h"

namespace headroom::net {

class Decoder {
 public:
  virtual ~Decoder() = default;
  // Appends what `bytes` decode to. Errors: kInvalidArgument (corrupt data,
  // trailing garbage), kResourceExhausted (see MakeDecoder); the decoder is
  // unusable afterwards.
  virtual Status Decode(std::string_view bytes, std::string& out) = 0;
  // True when the last stream is complete.
  virtual bool complete() const = 0;
};

// For a Content-Encoding value: "gzip", "x-gzip", "deflate", "br", "zstd",
// "identity", "" or a comma list of at most two. One call of Decode fails when
// it would append more than `max_bytes_per_call`. Memory: 64 KB a coding, plus
// the coding's window (32 KB gzip, up to 16 MB br, 8 MB zstd by RFC 9659).
// Errors: kInvalidArgument.
Result<std::unique_ptr<Decoder>> MakeDecoder(std::string_view content_encoding,
                                             size_t max_bytes_per_call = 64 * 1024 * 1024);

// A whole body. Errors: kInvalidArgument (unknown coding, corrupt, incomplete),
// kResourceExhausted past `limit_bytes` (checked while decoding: a bomb costs
// at most the limit plus one buffer).
Result<PaddedBytes> DecodeBody(std::string_view content_encoding, std::string_view body, size_t limit_bytes);

}  // namespace headroom::net
