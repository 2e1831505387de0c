// How many requests and tokens a client may send in a minute.
//
// Two token buckets for each client, of a minute's amount each: one gives
// requests, the other the tokens that go upstream. Thread-safe.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/hash.h"
#include "store/counters.h"

namespace headroom::policy {

class RateLimits {
 public:
  // The most that can be set for either; above it a bucket's clock is too coarse.
  static constexpr int64_t kMaxPerMinute = 1'000'000'000;

  // 0: not limited.
  struct Options {
    int64_t requests_per_minute = 0;
    int64_t tokens_per_minute = 0;
  };

  explicit RateLimits(const Options& options) : options_(options) {}

  const Options& options() const { return options_; }

  // Where in a claim the buckets stand.
  struct Places {
    std::optional<size_t> requests;
    std::optional<size_t> tokens;
  };
  // Adds what one request of `client` takes; `tokens`: nothing where a request counts for none.
  Places AddTo(store::Claim& claim, const Hash128& client, std::optional<int64_t> tokens) const;

 private:
  const Options options_;
};

}  // namespace headroom::policy
