#include "learning/recommendation.h"

#include <algorithm>
#include <utility>

#include "base/hash.h"

namespace headroom::learning {
namespace {

constexpr double kOften = 0.5;
constexpr double kSometimes = 0.2;
constexpr double kHardlyEver = 0.02;
constexpr double kMostlyWhole = 0.8;
constexpr uint32_t kSureSamples = 50;
constexpr uint32_t kMinTimes = 3;
constexpr double kMinWordShare = 0.2;  // of the openings by query

std::vector<uint64_t> WordsToKeep(const Pattern& pattern) {
  std::vector<std::pair<uint32_t, uint64_t>> often;
  const double least = kMinWordShare * pattern.recent_query;
  for (const WordCounts* counts : {&pattern.fields, &pattern.words}) {
    for (const auto& [word, count] : counts->counts()) {
      if (count >= kMinTimes && count >= least) often.emplace_back(count, word);
    }
  }
  std::sort(often.begin(), often.end(),
            [](const auto& a, const auto& b) { return a.first != b.first ? a.first > b.first : a.second < b.second; });
  std::vector<uint64_t> words;
  for (const auto& [count, word] : often) {
    if (words.size() < Recommendation::kMaxWords) words.push_back(word);
  }
  std::sort(words.begin(), words.end());
  words.erase(std::unique(words.begin(), words.end()), words.end());
  return words;
}

}  // namespace

bool HasEnough(const Pattern& pattern) {
  return pattern.recent_excerpts >= (pattern.of_tool ? kMinToolSamples : kMinStructureSamples);
}

Recommendation Recommend(const Pattern& pattern) {
  Recommendation recommendation;
  const double rate = pattern.retrieval_rate();
  if (rate > kOften && pattern.whole_share() > kMostlyWhole) {
    recommendation.skip = true;
  } else if (rate > kOften) {
    recommendation.share_percent = 200;
  } else if (rate > kSometimes) {
    recommendation.share_percent = 150;
  } else if (rate <= kHardlyEver && pattern.recent_excerpts >= kSureSamples) {
    recommendation.share_percent = 70;
  }
  recommendation.words = WordsToKeep(pattern);
  return recommendation;
}

bool IsSample(std::string_view text) { return HashOf(text).low % kSampleEvery == 0; }

}  // namespace headroom::learning
