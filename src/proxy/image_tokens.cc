#include "proxy/image_tokens.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "policy/model_names.h"

namespace headroom::proxy {
namespace {

// Lower-case beginnings of bare names; the first that fits counts.
struct ClaudeRow {
  std::string_view stem;
  double long_edge;
  uint64_t most_tokens;
};
constexpr ClaudeRow kClaude[] = {{"claude-opus-4-7", 2576, 4784}, {"claude-opus-4-8", 2576, 4784},
                                 {"claude-opus-5", 2576, 4784},   {"claude-sonnet-5", 2576, 4784},
                                 {"claude-fable-5", 2576, 4784},  {"claude", 1568, 1568}};

struct TileRow {
  std::string_view stem;
  uint64_t base;
  uint64_t tile;
};
struct PatchRow {
  std::string_view stem;
  double factor;
};
constexpr PatchRow kPatches[] = {
    {"gpt-4.1-mini", 1.62}, {"gpt-4.1-nano", 2.46}, {"gpt-5-mini", 1.62},   {"gpt-5-nano", 2.46},   {"o4-mini", 1.72},
    {"gpt-5.2", 1.0},       {"gpt-5.3", 1.0},       {"gpt-5.4-mini", 1.62}, {"gpt-5.4-nano", 2.46}, {"gpt-5.4", 1.0},
    {"gpt-5.5", 1.0},       {"gpt-5.6", 1.0},       {"gpt-6", 1.0}};
constexpr TileRow kTiles[] = {
    {"gpt-4o-mini", 2833, 5667}, {"computer-use", 65, 129}, {"o1", 75, 150},     {"o3", 75, 150},
    {"gpt-5", 70, 140},          {"gpt-", 85, 170},         {"chatgpt", 85, 170}};

constexpr double kPatch = 32;
constexpr double kMostPatches = 1'536;
constexpr double kMostOriginalPatches = 10'000;
constexpr double kGeminiTile = 768;
constexpr uint64_t kGeminiTokens = 258;

uint64_t ClaudeTokens(const ClaudeRow& row, ImageSize size) {
  const double width = size.width;
  const double height = size.height;
  const double scale = std::min(1.0, row.long_edge / std::max(width, height));
  const auto tokens = static_cast<uint64_t>(std::ceil(width * scale * height * scale / 750));
  return std::clamp<uint64_t>(tokens, 1, row.most_tokens);
}

uint64_t TileTokens(const TileRow& row, ImageSize size, ImageDetail detail) {
  if (detail == ImageDetail::kLow) return row.base;
  double width = size.width;
  double height = size.height;
  const double fit = std::min(1.0, 2048 / std::max(width, height));
  width *= fit;
  height *= fit;
  const double shrink = std::min(1.0, 768 / std::min(width, height));
  const double tiles = std::ceil(width * shrink / 512) * std::ceil(height * shrink / 512);
  return row.base + row.tile * static_cast<uint64_t>(tiles);
}

uint64_t PatchTokens(const PatchRow& row, ImageSize size, ImageDetail detail) {
  const double most = detail == ImageDetail::kOriginal ? kMostOriginalPatches : kMostPatches;
  const double patches = std::ceil(size.width / kPatch) * std::ceil(size.height / kPatch);
  return static_cast<uint64_t>(std::ceil(std::min(patches, most) * row.factor));
}

uint64_t GeminiTokens(ImageSize size) {
  if (size.width <= 384 && size.height <= 384) return kGeminiTokens;
  return kGeminiTokens *
         static_cast<uint64_t>(std::ceil(size.width / kGeminiTile) * std::ceil(size.height / kGeminiTile));
}

}  // namespace

uint64_t ImageTokens(std::string_view model, ImageSize size, ImageDetail detail) {
  const std::string bare = policy::BareName(policy::LowerName(model));
  for (const ClaudeRow& row : kClaude) {
    if (bare.starts_with(row.stem)) return ClaudeTokens(row, size);
  }
  for (const PatchRow& row : kPatches) {
    if (bare.starts_with(row.stem)) return PatchTokens(row, size, detail);
  }
  for (const TileRow& row : kTiles) {
    if (bare.starts_with(row.stem)) return TileTokens(row, size, detail);
  }
  return GeminiTokens(size);
}

uint64_t DocumentTokens(uint64_t bytes) { return std::max<uint64_t>(1, bytes / kBytesPerPage) * kTokensPerPage; }

}  // namespace headroom::proxy
