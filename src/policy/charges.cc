#include "policy/charges.h"

#include <algorithm>
#include <cmath>

namespace headroom::policy {
namespace {

// Where the provider is Anthropic and lists none: double the input price for an hour in its cache.
constexpr double kCacheWriteFactor = 1.25;
constexpr double kCacheWrite1hFactor = 2;

void Raise(std::optional<int64_t>& price, const std::optional<int64_t>& other) {
  if (other.has_value()) price = std::max(price.value_or(0), *other);
}

void Raise(Prices& prices, const Prices& other) {
  Raise(prices.input, other.input);
  Raise(prices.output, other.output);
  Raise(prices.cache_read, other.cache_read);
  Raise(prices.cache_write_5m, other.cache_write_5m);
  Raise(prices.cache_write_1h, other.cache_write_1h);
}

double PromptPrice(const Prices& prices, const ChargeRequest& request) {
  const auto input = static_cast<double>(prices.input.value_or(0));
  double price = input;
  const auto raise = [&](const std::optional<int64_t>& listed, double factor) {
    price = std::max(price, listed.has_value() ? static_cast<double>(*listed) : input * factor);
  };
  if (request.writes_cache) raise(prices.cache_write_5m, kCacheWriteFactor);
  if (request.writes_cache_1h) raise(prices.cache_write_1h, kCacheWrite1hFactor);
  return price;
}

double Cost(const Prices& prices, const ChargeRequest& request) {
  return (static_cast<double>(request.prompt_tokens) * PromptPrice(prices, request) +
          static_cast<double>(request.output_tokens) * static_cast<double>(prices.output.value_or(0))) /
         1e6;
}

}  // namespace

std::string_view BasisName(Charge::Basis basis) {
  switch (basis) {
    case Charge::Basis::kListed:
      return "listed";
    case Charge::Basis::kFamily:
      return "family";
    case Charge::Basis::kProvider:
      break;
  }
  return "provider";
}

Charges::Charges(const ModelCatalog& catalog) : catalog_(catalog) {
  for (const ModelFacts& facts : catalog.All()) Raise(highest_[facts.provider], facts.prices);
}

Charge Charges::Of(std::string_view model, std::string_view provider) const {
  Charge charge;
  std::optional<ModelFacts> facts = model.empty() ? std::nullopt : catalog_.Find(model);
  if (facts.has_value()) {
    charge.facts = *std::move(facts);
    if (charge.facts.source == ModelFacts::Source::kFamily) charge.basis = Charge::Basis::kFamily;
  } else {
    charge.basis = Charge::Basis::kProvider;
  }
  Prices& prices = charge.facts.prices;
  if (prices.input.has_value() && prices.output.has_value()) return charge;
  const bool listed = !charge.facts.provider.empty() && highest_.contains(charge.facts.provider);
  if (!listed) charge.facts.provider = provider;
  const auto highest = highest_.find(charge.facts.provider);
  const Prices fallback = highest == highest_.end() ? Prices() : highest->second;
  const bool unknown = !prices.input.has_value();
  if (unknown) prices = fallback;
  if (!prices.output.has_value()) prices.output = fallback.output;
  if (unknown && charge.basis == Charge::Basis::kListed) charge.basis = Charge::Basis::kProvider;
  return charge;
}

int64_t Charges::AtMost(const ModelFacts& facts, const ChargeRequest& request) {
  double cost = Cost(facts.prices, request);
  const bool is_long = facts.long_prompt.has_value() && request.prompt_tokens > facts.long_prompt->above;
  if (is_long) cost = std::max(cost, Cost(facts.long_prompt->prices, request));
  return static_cast<int64_t>(std::ceil(std::min(cost, 9e15)));
}

}  // namespace headroom::policy
