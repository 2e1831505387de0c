// What tokens cost, as integers.
//
//   cost = (input*p_in + read*p_read + written*p_write + written_1h*p_write_1h + output*p_out) * tier
//
// A prompt beyond the model's long-prompt bound pays the dearer prices for the
// whole request, cached tokens included. A price that is not listed is taken from
// the input price: where the provider is Anthropic a tenth for reading its cache,
// five quarters and double for writing it, as its documentation has it for every
// model; elsewhere the input price itself, since a provider that lists no other has no other.
//
// Sources, read in November 2026: platform.claude.com/docs/en/about-claude/pricing
// (cache rates, batch at half), platform.openai.com/docs/pricing (batch and flex at
// half; priority by model).

#pragma once

#include <cstdint>
#include <optional>

#include "policy/model_catalog.h"

namespace headroom::policy {

// 1'000'000'000 are one dollar.
using NanoDollars = int64_t;

enum class PriceTier { kStandard, kHalf, kPriority };

// Disjoint counts of one reply.
struct BilledTokens {
  uint64_t input = 0;
  uint64_t cache_read = 0;
  uint64_t cache_write_5m = 0;
  uint64_t cache_write_1h = 0;
  uint64_t output = 0;
  PriceTier tier = PriceTier::kStandard;

  uint64_t prompt() const { return input + cache_read + cache_write_5m + cache_write_1h; }
};

// Rounded to the nearest nano-dollar. Nothing where the input or, with output,
// the output price is not known.
std::optional<NanoDollars> CostOf(const ModelFacts& facts, const BilledTokens& tokens);

}  // namespace headroom::policy
