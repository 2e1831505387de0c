// What stands in the place of dropped messages, and what is kept of them.
//
//   {"role":"user","content":"<headroom:dropped_context reason=\"token_cap\" count=\"5\">
//     Left out here and below, to fit the context window: 12 messages in 5 exchanges. They are intact ...
//     They were about: \"port the parser\"; Read src/a.cc; Bash make test.
//     [12 messages compressed to 1. Retrieve more: hash=<24 hex>]
//     </headroom:dropped_context>"}
//
// A message of its own in the user's role, which every provider takes behind
// another of the user's. Thread-safe.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "json/document.h"
#include "proxy/request_view.h"

namespace headroom::proxy {

// How an original of dropped messages is labelled in place of a tool.
inline constexpr std::string_view kDroppedContextTool = "headroom_dropped_context";

using MessageRanges = std::vector<std::pair<uint32_t, uint32_t>>;  // [first, second), in order

// The messages as the client sent them: a JSON array, one element a line.
std::string DroppedMessages(const json::Document& document, const std::vector<json::Token>& messages,
                            const MessageRanges& gone);

// What messages were about, for the marker: what was called and what the user wrote, a few words
// each, in order; at most kMaxTopics of them, the best by `weight` (one number a message).
inline constexpr size_t kMaxTopics = 10;
std::string TopicsOf(const json::Document& document, const std::vector<json::Token>& messages, const RequestView& view,
                     const MessageRanges& gone, const std::vector<double>& weight);

struct MarkerText {
  std::string_view reason;  // "token_cap", "intelligent_cap"
  size_t units = 0;
  size_t messages = 0;
  std::string topics;
  std::string hash;
  bool has_tool = false;  // the model can call headroom_retrieve
};
// The whole message, in the form that all three APIs take.
std::string MarkerMessage(const MarkerText& marker);

// An original of dropped messages as lines to be searched: who said what, texts decoded. Anything
// else as it is.
std::string ReadableMessages(std::string_view original);

}  // namespace headroom::proxy
