// Headers of pictures: any bytes give either nothing or a size within bounds, as
// bytes and as base64.

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "proxy/image_tokens.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using headroom::proxy::ImageSize;
  // A buffer of exactly this size, so that a read past it is seen.
  const std::unique_ptr<char[]> copy(new char[size]);
  for (size_t i = 0; i < size; ++i) copy[i] = static_cast<char>(data[i]);
  const std::string_view bytes(copy.get(), size);
  for (const auto& image : {headroom::proxy::ReadImageSize(bytes), headroom::proxy::ReadImageSizeBase64(bytes)}) {
    if (!image) continue;
    if (image->width == 0 || image->height == 0 || image->width > ImageSize::kMaxPixels ||
        image->height > ImageSize::kMaxPixels) {
      std::abort();
    }
    for (const std::string_view model : {"claude-opus-5", "gpt-4o", "o4-mini", "gemini-2.5-pro"}) {
      const uint64_t tokens = headroom::proxy::ImageTokens(model, *image, headroom::proxy::ImageDetail::kOriginal);
      if (tokens == 0 || tokens > 10'000'000) std::abort();
    }
  }
  return 0;
}
