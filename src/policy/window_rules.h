// How much of a model's context window is open to the prompt.
//
// The window of the price list is one number for prompt and output together.
// What the provider refuses is another, and depends on the request:
//
//   window    what the model has, or what a beta header of the request opens
//   reserved  what the provider keeps for the output whatever is asked for
//   output    max_tokens of the request, where the provider adds it to the prompt
//             and refuses the sum
//
// Where a provider's rule is not known, nothing is taken off: a limit that is too
// high costs one refusal and one more try, a limit that is too low drops
// messages that would have fitted. docs/context.md has the table with its sources.
//
// Thread-safe.

#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "policy/model_catalog.h"

namespace headroom::policy {

struct WindowRequest {
  std::string_view model;
  std::string_view anthropic_beta = {};     // the header's values, joined by commas; "" for none
  std::optional<uint64_t> max_output = {};  // max_tokens, max_completion_tokens or max_output_tokens
};

// The most prompt tokens that the provider takes with this request; nothing
// where the model's window is not known. Never below 1.
std::optional<uint64_t> PromptLimit(const ModelCatalog& catalog, const WindowRequest& request);

// The same for facts already looked up.
std::optional<uint64_t> PromptLimit(const ModelFacts& facts, const WindowRequest& request);

}  // namespace headroom::policy
