// A request body read as the blocks of a conversation, as spans over its bytes.
//
//   Messages   {"messages":[{"role":"user","content":[{"type":"tool_result","content":"..."}]}]}
//   Chat       {"messages":[{"role":"tool","tool_call_id":"c1","content":"..."}]}
//   Responses  {"input":[{"type":"function_call_output","call_id":"c1","output":"..."}]}
//                                                                             ^piece^
//
// All become one flat list of blocks in conversation order. Nothing is copied
// but ids and names; nothing that is not understood is an error as long as the
// body has messages: unknown blocks are carried as kOther and never touched.
//
// A view borrows the document it was made from. Thread-compatible.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "base/status.h"
#include "json/document.h"
#include "proxy/api.h"

namespace headroom::proxy {

enum class Role : uint8_t { kSystem, kUser, kAssistant, kTool };
enum class BlockKind : uint8_t { kText, kToolCall, kToolResult, kThinking, kOther };

struct Block {
  Role role = Role::kUser;
  BlockKind kind = BlockKind::kOther;
  uint32_t message = 0;     // index into "messages" or "input"
  bool cache_mark = false;  // carries cache_control
  bool signed_thinking = false;

  // Role, type, ids, decoded text and the raw bytes of everything else; not
  // cache marks. A string equals one text block.
  Hash128 canonical;

  // kToolCall and kToolResult: the id, or where there is none the function's name.
  std::string call_id;
  bool has_id = false;
  // kToolCall: its name and arguments (Messages: an object, Chat: a string).
  std::string tool_name;
  json::Token arguments;
  std::string recorded_arguments;  // of a call that is not in the body; then `arguments` is kNull
  json::Token preamble;            // kToolCall: the last text before it in its message; kNull if none
  bool direct_caller = true;       // false: a program calls and reads, not the model

  // kToolResult: the string literals that may be replaced, and whether the
  // block's form allows it (no error result, no citable or foreign parts).
  std::vector<json::Token> pieces;
  // kToolResult: the last user text before it, what the agent works on; kNull if none.
  json::Token question;
  bool replaceable = false;
  Hash128 text;  // of the decoded text, when there is exactly one piece and nothing else
};

struct RequestView {
  Api api = Api::kMessages;
  // More blocks than any real conversation has are not read.
  static constexpr size_t kMaxBlocks = 100'000;

  std::string model;                // printable ASCII, at most kMaxModelBytes
  bool context_editing = false;     // the provider may clear earlier results itself
  bool message_cache_mark = false;  // top-level cache_control marks the last block
  std::vector<Block> blocks;

  // Responses: what of the conversation is with the provider and not in the body.
  std::string previous_reply;  // id of the reply that this request continues; "" if none
  std::string conversation;    // id of the conversation object that it is part of; "" if none
  bool background = false;     // the reply will be fetched, not answered
  bool stores_reply = false;   // a later request may continue this one's reply
  // Filled from what was recorded of earlier replies (reply_ledger.h).
  Hash128 start;                     // lineage before the first block; zero: a conversation's beginning
  Hash128 root;                      // RootOf where it began (lineage.h); zero: not known
  std::vector<Block> earlier_calls;  // calls whose results are in the body

  // The body is not all that the provider reads.
  bool continues() const { return !previous_reply.empty() || !conversation.empty(); }
  // Part of the conversation is where we cannot follow it.
  bool server_held() const { return !conversation.empty() || background; }
};

// The arguments of a tool call as the model wrote them: an object as it stands, a string decoded.
std::string ArgumentsOf(const json::Document& document, const Block& call);

// Longer model names are cut, other characters replaced: the name goes into
// logs and labels.
inline constexpr size_t kMaxModelBytes = 128;
std::string ReadModel(const json::Document& document);

// Errors: kInvalidArgument    the body is not an object with one "messages" array
//                             of objects (Responses: at most one "input", a string
//                             or such an array)
//         kResourceExhausted  more than kMaxBlocks blocks
// Cost: O(bytes).
Result<RequestView> ReadRequest(Api api, const json::Document& document);

// The blocks of one output item of a Responses reply, as a client sends it back.
// Requires an object.
std::vector<Block> ReadReplyItem(const json::Document& document, const json::Token& item);
// Of several, each raw JSON, with the arguments of calls recorded.
std::vector<Block> ReadReplyItems(const std::vector<std::string>& items);

}  // namespace headroom::proxy
