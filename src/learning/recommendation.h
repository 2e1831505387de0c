// What a pattern recommends for the next results of its structure.
//
//   of recent excerpts, opened for what was left out:
//     above 50 %, four of five times whole     skip: lossless only, but for one in ten
//     above 50 %                               twice the share
//     above 20 %                               one and a half times the share
//     at most 2 % of at least 50               seven tenths of the share
//   words asked for at least three times, and in one of five openings by query:
//     what has them stays
//
// Pure; thread-safe.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "learning/pattern.h"

namespace headroom::learning {

struct Recommendation {
  static constexpr size_t kMaxWords = 10;

  bool skip = false;
  uint32_t share_percent = 100;  // of the tokens that an excerpt would aim at
  std::vector<uint64_t> words;   // hashes of words and names of fields to keep, ascending

  bool has_effect() const { return skip || share_percent != 100 || !words.empty(); }
  bool operator==(const Recommendation&) const = default;
};

// Excerpts that a pattern must have seen before it recommends anything.
inline constexpr uint32_t kMinStructureSamples = 10;
inline constexpr uint32_t kMinToolSamples = 5;
// Tenants from whom an installation's pattern must come to count for another.
inline constexpr size_t kMinTenants = 3;

bool HasEnough(const Pattern& pattern);
// Requires HasEnough(pattern).
Recommendation Recommend(const Pattern& pattern);

// A skipped structure goes on being excerpted for one text in kSampleEvery, so that
// its pattern can change; which ones follows from the text alone.
inline constexpr uint64_t kSampleEvery = 10;
bool IsSample(std::string_view text);

}  // namespace headroom::learning
