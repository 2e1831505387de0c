// What pictures and documents cost in prompt tokens, by the rules that the
// providers publish (docs/context.md has the table with its sources).
//
//   Claude   scaled to at most 1568 px on the long side and 1568 tokens (newer
//            models 2576 px and 4784 tokens), then width * height / 750
//   tiles    GPT-4o, GPT-4.1, GPT-5, o1, o3: into 2048 x 2048, short side to 768,
//            then so much for every 512 px tile and so much more; low detail costs the latter alone
//   patches  the mini and nano models, GPT-5.2 and later: 32 px patches, at most 1536 (with
//            detail "original" 10,000), times a factor of the model
//   others   768 px tiles of 258 tokens (Gemini)
//
// Thread-safe.

#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "proxy/image_size.h"

namespace headroom::proxy {

enum class ImageDetail { kLow, kHigh, kOriginal };

// Taken for a picture whose size we do not see (a URL, a file's id): what a
// screenshot of 1024 x 1024 costs.
inline constexpr ImageSize kAssumedImage = {1024, 1024};

// Tokens of one picture for `model`.
uint64_t ImageTokens(std::string_view model, ImageSize size, ImageDetail detail);

// A page of a PDF: its text and its picture (Anthropic: 1,500 to 3,000 tokens of
// text, and an image). In doubt the lower figure.
inline constexpr uint64_t kTokensPerPage = 1'500;
// Pages taken for a document that we do not see.
inline constexpr uint64_t kAssumedPages = 10;
// A page is taken for every so many bytes of a PDF: pages are counted by nobody
// without reading its compressed streams.
inline constexpr uint64_t kBytesPerPage = 50'000;

// Tokens of a PDF of `bytes` bytes: one page at least.
uint64_t DocumentTokens(uint64_t bytes);

}  // namespace headroom::proxy
