// A provider's refusal of a prompt that is too long, recognised in the error it
// answers with.
//
//   Anthropic   400  prompt is too long: 208345 tokens > 200000 maximum
//               400  input length and `max_tokens` exceed context limit: 188240 + 21333 > 200000, ...
//               413  request_too_large (bytes, not tokens)
//   OpenAI      400  code context_length_exceeded; "maximum context length is 128000 tokens. However, your
//                    messages resulted in 130212 tokens", "... you requested 9000 tokens (5000 in the
//                    messages, 4000 in the completion)", "Input tokens exceed the configured limit of
//                    272000 tokens. Your messages resulted in 289650 tokens", "Your input exceeds the
//                    context window of this model"
//   Azure       400  as OpenAI, also code string_above_max_length
//   Bedrock     400  Input is too long for requested model (ValidationException)
//   Vertex      400  The input token count (1066750) exceeds the maximum number of tokens allowed (1048575)
//   gateways         the same sentences inside their own; vLLM, xAI, Mistral and OpenRouter spell their own
//
// A sentence that quotes the client's text could be mistaken for such a refusal;
// the price is one request more. Thread-safe.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace headroom::proxy {

struct Overflow {
  // Figures below and above these are not believed.
  static constexpr uint64_t kLeastTokens = 256;
  static constexpr uint64_t kMostTokens = 100'000'000;

  std::optional<uint64_t> prompt_tokens;  // what the provider counted, output not included
  std::optional<uint64_t> limit;          // tokens that it named as its limit
  std::optional<uint64_t> output_tokens;  // what it added to the prompt for the output before it compared
  bool bytes = false;                     // the body is too large, whatever its tokens

  // The most prompt tokens that would have been taken: the limit without the
  // output that was added; nothing if the provider named none.
  std::optional<uint64_t> prompt_limit() const;
};

// Bodies are read up to here.
inline constexpr size_t kMaxOverflowBytes = 64 * 1024;

// `body`: the decoded body of the reply; of an event stream, the data of one error
// event (status 400 then). Nothing if it is no such refusal. Cost: O(bytes).
std::optional<Overflow> ReadOverflow(int http_status, std::string_view body);

}  // namespace headroom::proxy
