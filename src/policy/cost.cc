#include "policy/cost.h"

#include <algorithm>
#include <limits>
#include <string_view>

namespace headroom::policy {
namespace {

__extension__ using Wide = __int128;  // the products of counts and prices do not fit 64 bits

constexpr int kPercent = 100;

struct Share {
  int64_t percent;

  int64_t Of(int64_t price) const { return price * percent / kPercent; }
};

// What Anthropic charges for its cache, in shares of the input price.
constexpr Share kRead{10};
constexpr Share kWrite5m{125};
constexpr Share kWrite1h{200};

int64_t PriceOr(const std::optional<int64_t>& listed, int64_t input, Share share, bool has_share) {
  return listed.value_or(has_share ? share.Of(input) : input);
}

// Of OpenAI's priority processing; Anthropic's is bought in advance and adds nothing to a request.
Share PriorityShare(const ModelFacts& facts) {
  if (facts.provider == "anthropic") return {100};
  const std::string_view id = facts.id;
  if (id.starts_with("gpt-4o")) return {170};
  if (id.starts_with("gpt-4.1") || id.starts_with("o3") || id.starts_with("o4")) return {175};
  return {200};
}

Share TierShare(const ModelFacts& facts, PriceTier tier) {
  switch (tier) {
    case PriceTier::kHalf:
      return {50};
    case PriceTier::kPriority:
      return PriorityShare(facts);
    default:
      return {100};
  }
}

}  // namespace

std::optional<NanoDollars> CostOf(const ModelFacts& facts, const BilledTokens& tokens) {
  const bool is_long = facts.long_prompt.has_value() && tokens.prompt() > facts.long_prompt->above;
  const Prices& prices = is_long ? facts.long_prompt->prices : facts.prices;
  if (!prices.input.has_value() || (tokens.output > 0 && !prices.output.has_value())) return std::nullopt;
  const int64_t input = *prices.input;
  const bool anthropic = facts.provider == "anthropic";
  Wide sum = 0;  // in nano-dollars per million
  const auto add = [&](uint64_t count, int64_t price) { sum += static_cast<Wide>(count) * price; };
  add(tokens.input, input);
  add(tokens.cache_read, PriceOr(prices.cache_read, input, kRead, anthropic));
  add(tokens.cache_write_5m, PriceOr(prices.cache_write_5m, input, kWrite5m, anthropic));
  add(tokens.cache_write_1h, PriceOr(prices.cache_write_1h, input, kWrite1h, anthropic));
  add(tokens.output, prices.output.value_or(0));
  sum *= TierShare(facts, tokens.tier).percent;
  constexpr Wide kUnit = static_cast<Wide>(1'000'000) * kPercent;
  return static_cast<NanoDollars>(std::min<Wide>((sum + kUnit / 2) / kUnit, std::numeric_limits<NanoDollars>::max()));
}

}  // namespace headroom::policy
