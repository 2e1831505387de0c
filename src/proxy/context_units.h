// The messages of a conversation as units that are dropped whole or not at all.
//
//   system | user "first task" | assistant [call a, call b] | [result a] [result b] | user "q" | assistant "answer" |
//   ... └─────── protected ──────┘ └───────────────── one unit ─────────────────────────┘ └──────── one unit ─────────┘
//
// A unit is a run of the model's messages and all results of its calls, however
// many messages they are spread over, a question and its answer without calls, or
// a message alone. What lies between a call and its result belongs to their unit.
//
// Protected: instructions, everything up to the user's first message, the user's
// newest message, the last kProtectedTurns turns, and messages with a cache mark
// or a provider's compaction.
// A turn is what stands between two replies of the model: a user's message, or the
// results of its calls. (Counting only what a person wrote would leave nothing
// to drop in an agent's work, which is one request and a hundred calls.)
//
// Thread-safe.

#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "json/document.h"
#include "proxy/request_view.h"

namespace headroom::proxy {

inline constexpr size_t kProtectedTurns = 4;

// What a message is to the conversation.
enum class MessageKind : uint8_t {
  kEmpty,      // no block: nothing that counts
  kSystem,     // instructions
  kUser,       // of the user, without results
  kResult,     // results of calls, whatever else
  kAssistant,  // of the model
};

struct ContextUnit {
  uint32_t begin = 0;  // messages [begin, end)
  uint32_t end = 0;
  bool is_protected = false;
};

struct ContextUnits {
  std::vector<ContextUnit> units;  // in order, without gaps, of all messages
  std::vector<MessageKind> kinds;  // by message
  uint32_t head_end = 0;           // one past the user's first message; 0: there is none
  uint32_t newest_user = 0;        // the user's newest message
  uint32_t tail_begin = 0;         // the first message of the protected turns
};

// The elements of "messages" or "input"; none where that is no list.
std::vector<json::Token> MessagesOf(const json::Document& document, Api api);

// `messages`: MessagesOf the document. Cost: O(blocks), and the bytes of messages that hold unknown blocks.
ContextUnits UnitsOf(const json::Document& document, const std::vector<json::Token>& messages, const RequestView& view);

}  // namespace headroom::proxy
