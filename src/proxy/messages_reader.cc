// Anthropic Messages: content is a string or a list of typed blocks.

#include "proxy/block_reader.h"

namespace headroom::proxy {

void BlockReader::ReadMessagesMessage(const json::Token& message, uint32_t index) {
  Role role = Role::kUser;
  const json::Token* content = nullptr;
  preamble_ = {};
  const Members members = document_.Members(message);
  for (const json::Member& member : members) {
    if (Is(member, "role")) {
      if (document_.TextIs(member.value, "assistant")) role = Role::kAssistant;
      if (document_.TextIs(member.value, "system")) role = Role::kSystem;
    } else if (Is(member, "content")) {
      content = &member.value;
    }
  }
  if (content == nullptr) return;
  if (content->type == json::Type::kString) {
    AppendText(role, *content, index);
  } else if (content->type == json::Type::kArray) {
    for (const json::Token& block : document_.Elements(*content)) ReadMessagesBlock(role, block, index);
  }
}

void BlockReader::ReadMessagesBlock(Role role, const json::Token& token, uint32_t message) {
  if (token.type != json::Type::kObject) {
    Begin(role, "");
    hasher_.Add(document_.Raw(token));
    Append(role, BlockKind::kOther, message).canonical = hasher_.Finish();
    return;
  }
  const Members members = document_.Members(token);
  std::string type;
  const json::Token* text = nullptr;
  bool mark = false;
  bool has_signature = false;
  for (const json::Member& member : members) {
    if (Is(member, "type")) type = StringOf(member.value);
    if (Is(member, "text") && member.value.type == json::Type::kString) text = &member.value;
    if (Is(member, "cache_control")) mark = member.value.type != json::Type::kNull;
    if (Is(member, "signature") || Is(member, "data")) has_signature = true;
  }
  const size_t before = view_.blocks.size();
  if (type == "tool_result") {
    ReadToolResult(role, members, message);
  } else if (type == "tool_use") {
    ReadToolUse(role, members, message);
  } else if (type == "thinking" || type == "redacted_thinking") {
    Append(role, BlockKind::kThinking, message).signed_thinking = has_signature;
  } else if (type == "text" && text != nullptr) {
    Begin(role, "text");
    HashText(*text);
    HashRest(members, {"type", "text"});
    if (!document_.Inside(*text).empty()) Append(role, BlockKind::kText, message).canonical = hasher_.Finish();
    Remember(role, *text);
  } else {
    Begin(role, type);
    HashRest(members, {"type"});
    Append(role, BlockKind::kOther, message).canonical = hasher_.Finish();
  }
  if (mark && view_.blocks.size() > before) view_.blocks.back().cache_mark = true;
}

void BlockReader::ReadToolUse(Role role, const Members& members, uint32_t message) {
  Begin(role, "tool_use");
  HashRest(members, {"type"});
  Block& block = Append(role, BlockKind::kToolCall, message);
  block.canonical = hasher_.Finish();
  for (const json::Member& member : members) {
    if (Is(member, "id")) block.call_id = StringOf(member.value);
    block.has_id = !block.call_id.empty();
    if (Is(member, "name")) block.tool_name = StringOf(member.value);
    if (Is(member, "input")) block.arguments = member.value;
    if (Is(member, "caller") && member.value.type == json::Type::kObject) {
      const std::optional<json::Token> type = document_.Find(member.value, "type");
      block.direct_caller = type.has_value() && document_.Raw(*type) == "\"direct\"";
    }
  }
}

void BlockReader::ReadToolResult(Role role, const Members& members, uint32_t message) {
  Begin(role, "tool_result");
  Block& block = Append(role, BlockKind::kToolResult, message);
  block.replaceable = true;
  int contents = 0;
  for (const json::Member& member : members) {
    if (Is(member, "tool_use_id")) {
      block.call_id = StringOf(member.value);
    } else if (Is(member, "is_error")) {
      if (!IsTrue(member.value)) continue;
      block.replaceable = false;
      hasher_.Add("is_error");
    } else if (Is(member, "content")) {
      ++contents;
      ReadResultContent(member.value, block);
    }
  }
  if (contents != 1) block.replaceable = false;
  hasher_.Add(block.call_id);
  HashRest(members, {"type", "tool_use_id", "is_error", "content"});
  block.canonical = hasher_.Finish();
}

}  // namespace headroom::proxy
