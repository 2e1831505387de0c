#include "policy/rate_limits.h"

namespace headroom::policy {
namespace {

Hash128 KeyOf(const Hash128& client, std::string_view unit) {
  return Hasher128().Add("rate").Add(unit).Add(client).Finish();
}

}  // namespace

RateLimits::Places RateLimits::AddTo(store::Claim& claim, const Hash128& client, std::optional<int64_t> tokens) const {
  Places places;
  if (options_.requests_per_minute > 0) {
    places.requests = claim.buckets.size();
    claim.buckets.push_back({KeyOf(client, "requests"), 1, options_.requests_per_minute});
  }
  if (options_.tokens_per_minute > 0 && tokens.has_value()) {
    places.tokens = claim.buckets.size();
    claim.buckets.push_back({KeyOf(client, "tokens"), *tokens, options_.tokens_per_minute});
  }
  return places;
}

}  // namespace headroom::policy
