// What the readers of the formats share: canonical hashing of members and
// of text, and the forms of content (string, list of parts).

#pragma once

#include <initializer_list>
#include <string_view>

#include "base/hash.h"
#include "json/document.h"
#include "proxy/request_view.h"

namespace headroom::proxy {

class BlockReader {
 public:
  BlockReader(const json::Document& document, RequestView& view) : document_(document), view_(view) {}

  // Reads one message and appends its blocks.
  void ReadMessagesMessage(const json::Token& message, uint32_t index);
  void ReadChatMessage(const json::Token& message, uint32_t index);
  void ReadResponsesItem(const json::Token& item, uint32_t index);
  void AppendText(Role role, const json::Token& string, uint32_t message);

 private:
  // Members of an object; the decoded keys are compared with `Is`.
  using Members = std::vector<json::Member>;

  bool Is(const json::Member& member, std::string_view key) const { return document_.TextIs(member.key, key); }
  bool IsTrue(const json::Token& token) const { return document_.Raw(token) == "true"; }
  std::string StringOf(const json::Token& token) const;

  // Adds the decoded text of a string, or its raw bytes when malformed; returns
  // the hash of that text alone.
  Hash128 HashText(const json::Token& string);
  // Adds every member except those named, cache marks and nulls, as raw bytes.
  void HashRest(const Members& members, std::initializer_list<std::string_view> except);
  // Begins a block's canonical hash.
  void Begin(Role role, std::string_view type);
  Block& Append(Role role, BlockKind kind, uint32_t message);

  // A text that was read: the next call's preamble, and a question if the user wrote it.
  void Remember(Role role, const json::Token& string);
  // Messages
  void ReadMessagesBlock(Role role, const json::Token& token, uint32_t message);
  void ReadToolUse(Role role, const Members& members, uint32_t message);
  void ReadToolResult(Role role, const Members& members, uint32_t message);
  // Chat
  void ReadChatBlocks(const Members& members, uint32_t message);
  void ReadChatContent(Role role, const json::Token& content, uint32_t message);
  void ReadChatPart(Role role, const json::Token& part, uint32_t message);
  void ReadChatCalls(const json::Token& calls, uint32_t message);
  void ReadChatCall(const json::Token& call, uint32_t message);
  void ReadChatResult(const Members& members, uint32_t message);
  // Responses
  void ReadResponsesMessage(const Members& members, uint32_t index);
  void ReadResponsesPart(Role role, const json::Token& part, uint32_t index);
  void ReadReasoning(const Members& members, uint32_t index);
  void ReadResponsesCall(std::string_view type, const Members& members, uint32_t index);
  void ReadHostedOutput(const json::Token& output, std::string call_id, uint32_t index);
  void ReadResponsesResult(std::string_view type, const Members& members, uint32_t index);
  void ReadShellChunk(const json::Token& chunk, Block& block);
  Hash128 HashOfValue(const json::Token& value) const;
  // Without nulls, cache marks and the members named.
  Hash128 HashOfMembers(const Members& members, std::initializer_list<std::string_view> except) const;

  // The parts of a tool result; sets pieces and replaceable, hashes the content.
  void ReadResultContent(const json::Token& content, Block& block);
  void ReadResultPart(const json::Token& part, Block& block);

  const json::Document& document_;
  RequestView& view_;
  Hasher128 hasher_;
  json::Token question_;  // the last user text so far
  json::Token preamble_;  // the last text of the message being read
};

}  // namespace headroom::proxy
