// Width and height of a picture from its first bytes: PNG, JPEG, GIF, WebP.
//
//   PNG   IHDR right behind the signature        GIF   logical screen
//   JPEG  first SOF segment, after any others    WebP  VP8, VP8L or VP8X header
//
// Nothing of the picture itself is decoded. Thread-safe.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace headroom::proxy {

struct ImageSize {
  uint32_t width = 0;  // pixels, 1 to kMaxPixels
  uint32_t height = 0;

  // No provider takes more on one side.
  static constexpr uint32_t kMaxPixels = 65'535;

  bool operator==(const ImageSize&) const = default;
};

// A JPEG's segments are followed up to here; the sizes of the others stand in
// the first 64 bytes.
inline constexpr size_t kMaxImageHeaderBytes = 256 * 1024;

// Nothing for another format, a size outside its bounds or a header that ends too early.
// Cost: O(1), of a JPEG O(segments before the picture).
std::optional<ImageSize> ReadImageSize(std::string_view bytes);

// The same from base64 text, of which no more is decoded than is needed.
std::optional<ImageSize> ReadImageSizeBase64(std::string_view base64);

// Decodes base64 (standard or URL alphabet) up to `max_bytes` or to the first
// character that is none; blanks are skipped.
std::string DecodeBase64Prefix(std::string_view base64, size_t max_bytes);

}  // namespace headroom::proxy
