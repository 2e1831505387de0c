// Token counts per model: exact for models whose vocabulary is public, a
// labelled estimate for the rest.
//
// Special tokens in text ("<|endoftext|>") are read as ordinary text. Cost is
// linear in the text on any input. Vocabularies are mapped on first use; a
// counter that is never asked costs no memory. Thread-safe.

#pragma once

#include <cstddef>
#include <string_view>

#include "base/status.h"

namespace headroom::tokens {

enum class Exactness { kExact, kEstimate };

class Counter {
 public:
  virtual ~Counter() = default;

  // Tokens of `text` (UTF-8; invalid bytes count, they never fail).
  virtual size_t Count(std::string_view text) const = 0;
  virtual Exactness exactness() const = 0;
  // "o200k_base", "cl100k_base", "claude-estimate", "estimate". Part of the generation.
  virtual std::string_view name() const = 0;
};

// The counter for a model name as clients send it ("gpt-4o-mini",
// "anthropic/claude-sonnet-4-5", "claude-opus-4-1@20250805"). Never fails:
// unknown models get the estimate. The counter lives for ever.
const Counter& CounterFor(std::string_view model);

}  // namespace headroom::tokens
