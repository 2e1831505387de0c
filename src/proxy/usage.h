// What a reply used, in the same disjoint counts for every API.
//
//   prompt │ cache_read │ cache_write │ cache_write_1h │ input │     output
//          └─ read ─────┴─ written ───┴────────────────┴ neither ┘   └─ reasoning, audio are part of it
//
// Anthropic reports the parts of a prompt apart; OpenAI's prompt_tokens are all of
// them, here they are taken apart.

#pragma once

#include <cstdint>
#include <string_view>

namespace headroom::proxy {

// What the provider charges by, as its reply says.
enum class ServiceTier { kStandard, kBatch, kFlex, kPriority };

std::string_view ServiceTierName(ServiceTier tier);

struct Usage {
  uint64_t input = 0;  // neither read from nor written to the provider's cache
  uint64_t cache_read = 0;
  uint64_t cache_write = 0;     // kept for minutes
  uint64_t cache_write_1h = 0;  // kept for an hour
  uint64_t output = 0;
  uint64_t reasoning = 0;     // of output
  uint64_t audio_input = 0;   // of input and cache_read
  uint64_t audio_output = 0;  // of output
  ServiceTier tier = ServiceTier::kStandard;
  bool estimated = false;  // by our count: the provider sent no figures, or was cut before its last ones

  uint64_t prompt() const { return input + cache_read + written(); }
  uint64_t written() const { return cache_write + cache_write_1h; }

  // Adds the counts; one estimate makes the sum an estimate. The tier stays.
  Usage& operator+=(const Usage& other);
};

}  // namespace headroom::proxy
