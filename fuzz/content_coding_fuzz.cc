// A body decodes to the same bytes, or fails, however it is cut, and never past
// its limit. Input: one byte that picks the coding and the cut, then the body.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "net/content_coding.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace headroom::net;
  static constexpr std::string_view kCodings[] = {"gzip", "deflate", "br", "zstd", "gzip, zstd", "br, deflate"};
  constexpr size_t kLimit = 1 << 20;
  if (size == 0) return 0;
  const std::string_view coding = kCodings[data[0] % std::size(kCodings)];
  const size_t piece_bytes = 1 + data[0] / std::size(kCodings);
  const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);

  const auto whole = DecodeBody(coding, body, kLimit);
  if (whole.ok() && whole->size() > kLimit) std::abort();

  const auto decoder = *MakeDecoder(coding, kLimit);
  std::string pieces;
  bool failed = false;
  for (size_t at = 0; at < body.size() && !failed; at += piece_bytes) {
    failed = !decoder->Decode(body.substr(at, piece_bytes), pieces).ok() || pieces.size() > kLimit;
  }
  if (whole.ok() != (!failed && decoder->complete())) std::abort();
  if (whole.ok() && whole->view() != pieces) std::abort();
  return 0;
}
