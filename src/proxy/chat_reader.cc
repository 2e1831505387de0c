// OpenAI Chat Completions: tool results are messages of their own, with the
// legacy "function" form; content is a string or a list of parts.

#include "proxy/block_reader.h"

namespace headroom::proxy {

void BlockReader::ReadChatMessage(const json::Token& message, uint32_t index) {
  const Members members = document_.Members(message);
  const size_t before = view_.blocks.size();
  preamble_ = {};
  ReadChatBlocks(members, index);
  for (const json::Member& member : members) {
    const bool marked = Is(member, "cache_control") && member.value.type != json::Type::kNull;
    if (marked && view_.blocks.size() > before) view_.blocks.back().cache_mark = true;
  }
}

void BlockReader::ReadChatBlocks(const Members& members, uint32_t index) {
  std::string role_name;
  for (const json::Member& member : members) {
    if (Is(member, "role")) role_name = StringOf(member.value);
  }
  if (role_name == "tool" || role_name == "function") {
    ReadChatResult(members, index);
    return;
  }
  Role role = Role::kUser;
  if (role_name == "assistant") role = Role::kAssistant;
  if (role_name == "system" || role_name == "developer") {
    // Leading instructions are not part of the conversation: a date that
    // changes in them must not lose its decisions.
    if (view_.blocks.empty()) return;
    role = Role::kSystem;
  }
  for (const json::Member& member : members) {
    if (Is(member, "content")) ReadChatContent(role, member.value, index);
  }
  for (const json::Member& member : members) {
    if (Is(member, "tool_calls")) ReadChatCalls(member.value, index);
    if (Is(member, "function_call") && member.value.type == json::Type::kObject) ReadChatCall(member.value, index);
  }
}

void BlockReader::ReadChatContent(Role role, const json::Token& content, uint32_t message) {
  if (content.type == json::Type::kString) {
    AppendText(role, content, message);
    return;
  }
  if (content.type != json::Type::kArray) return;
  for (const json::Token& part : document_.Elements(content)) ReadChatPart(role, part, message);
}

void BlockReader::ReadChatPart(Role role, const json::Token& part, uint32_t message) {
  const Members members = part.type == json::Type::kObject ? document_.Members(part) : Members();
  const json::Token* text = nullptr;
  bool is_text = false;
  bool mark = false;
  for (const json::Member& member : members) {
    if (Is(member, "type")) is_text = document_.TextIs(member.value, "text");
    if (Is(member, "text") && member.value.type == json::Type::kString) text = &member.value;
    if (Is(member, "cache_control")) mark = member.value.type != json::Type::kNull;
  }
  const size_t before = view_.blocks.size();
  if (is_text && text != nullptr) {
    AppendText(role, *text, message);
  } else {
    Begin(role, "part");
    if (members.empty()) hasher_.Add(document_.Raw(part));
    HashRest(members, {});
    Append(role, BlockKind::kOther, message).canonical = hasher_.Finish();
  }
  if (mark && view_.blocks.size() > before) view_.blocks.back().cache_mark = true;
}

void BlockReader::ReadChatCalls(const json::Token& calls, uint32_t message) {
  if (calls.type != json::Type::kArray) return;
  for (const json::Token& call : document_.Elements(calls)) {
    if (call.type == json::Type::kObject) ReadChatCall(call, message);
  }
}

// {"id","type":"function","function":{"name","arguments"}}, or the legacy
// {"name","arguments"}, whose result names the function instead of an id.
void BlockReader::ReadChatCall(const json::Token& call, uint32_t message) {
  Begin(Role::kAssistant, "tool_call");
  const Members members = document_.Members(call);
  HashRest(members, {});
  Block& block = Append(Role::kAssistant, BlockKind::kToolCall, message);
  block.canonical = hasher_.Finish();
  const auto read_function = [&](const Members& function) {
    for (const json::Member& member : function) {
      if (Is(member, "name")) block.tool_name = StringOf(member.value);
      if (Is(member, "arguments") || Is(member, "input")) block.arguments = member.value;
    }
  };
  read_function(members);
  for (const json::Member& member : members) {
    if (Is(member, "id")) block.call_id = StringOf(member.value);
    const bool nested = Is(member, "function") || Is(member, "custom");
    if (nested && member.value.type == json::Type::kObject) read_function(document_.Members(member.value));
  }
  block.has_id = !block.call_id.empty();
  if (!block.has_id) block.call_id = block.tool_name;
}

void BlockReader::ReadChatResult(const Members& members, uint32_t message) {
  Begin(Role::kTool, "tool_result");
  Block& block = Append(Role::kTool, BlockKind::kToolResult, message);
  block.replaceable = true;
  std::string name;
  int contents = 0;
  for (const json::Member& member : members) {
    if (Is(member, "tool_call_id")) block.call_id = StringOf(member.value);
    if (Is(member, "name")) name = StringOf(member.value);
    if (Is(member, "content")) {
      ++contents;
      ReadResultContent(member.value, block);
    }
  }
  if (contents != 1) block.replaceable = false;
  if (block.call_id.empty()) block.call_id = name;
  hasher_.Add(block.call_id);
  block.canonical = hasher_.Finish();
}

}  // namespace headroom::proxy
