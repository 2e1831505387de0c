// What the readers of the two formats share: canonical hashing of members and
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

  void AppendText(Role role, const json::Token& string, uint32_t message);
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

  // The parts of a tool result; sets pieces and replaceable, hashes the content.
  void ReadResultContent(const json::Token& content, Block& block);
  void ReadResultPart(const json::Token& part, Block& block);

  const json::Document& document_;
  RequestView& view_;
  Hasher128 hasher_;
  json::Token question_;  // the last user text so far
};

}  // namespace headroom::proxy
