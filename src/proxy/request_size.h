// How many prompt tokens a request comes to, as its provider will count it.
//
//   kBound   the body is so short that it cannot reach the limit: half its bytes
//            (and kUnseenTokens for every picture or document) are below it
//   kUsage   the conversation's last reply told what the prompt came to: that,
//            its output, and our count of what is new since
//   kCount   nobody told: our count of everything, corrected by what was learnt
//            of the model
//
//   |system, tools|m1 m2 m3 ... mk|reply|new new new|
//   |<------ counted by the provider --->|<- by us ->|
//
// Counted: system, tools and all messages, thinking of the current turn only,
// pictures and documents by image_tokens.h, an overhead for every message.
// Signatures and encrypted reasoning are not: the provider does not read them as
// text. What we splice into the body is said by the caller.
//
// Thread-safe.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "json/document.h"
#include "proxy/request_view.h"
#include "proxy/usage_memory.h"
#include "tokens/counter.h"

namespace headroom::proxy {

struct RequestSize {
  enum class Source { kBound, kUsage, kCount };

  uint64_t tokens = 0;  // of kBound: no more than these
  Source source = Source::kBound;
};

struct SizeRequest {
  const json::Document& document;
  const RequestView& view;
  const std::vector<Hash128>& lineage;  // of `view`
  // What our edits of this body take off it; negative where they add more.
  int64_t tokens_saved = 0;
  // Billed over counted, as learnt of the model; 1 if nothing was.
  double ratio = 1;
  // The figure that matters: below it the answer may be a bound.
  uint64_t limit = 0;
};

class RequestSizer {
 public:
  // Of a message: role and separators (OpenAI: 3 and 1 for a name).
  static constexpr uint64_t kMessageTokens = 4;
  // Of the reply that is begun.
  static constexpr uint64_t kReplyTokens = 3;
  // Of a picture or document, for the bound.
  static constexpr uint64_t kUnseenTokens = 6'000;

  // Nothing where the provider holds a part of the conversation: its size is not
  // ours to know. Requires lineage.size() == view.blocks.size().
  // Cost: O(blocks) for kBound; the new messages' text for kUsage; the body's
  // text for kCount (bench: about 10 ms for 1 MB).
  std::optional<RequestSize> Measure(const SizeRequest& request);

  // What the provider counted for the request whose document this is.
  void Record(const SizeRequest& request, uint64_t prompt_tokens, uint64_t output_tokens);
  // The same without the document: `fixed_bytes` as FixedBytes gave it.
  void Record(const Hash128& last_lineage, std::string_view model, uint64_t fixed_bytes, int64_t tokens_saved,
              uint64_t prompt_tokens, uint64_t output_tokens);

  // Tokens of the whole prompt by our count. Cost: that of counting its text.
  static uint64_t CountAll(const json::Document& document, const RequestView& view);

  // Bytes of the body outside its messages.
  static uint64_t FixedBytes(const json::Document& document);

  // Tokens of one value of the body, for instance a message: its text, pictures
  // and documents; kMessageTokens not included. Cost: O(bytes).
  static uint64_t CountValue(const json::Document& document, const json::Token& value, std::string_view model,
                             bool with_thinking);

 private:
  UsageMemory memory_;
};

}  // namespace headroom::proxy
