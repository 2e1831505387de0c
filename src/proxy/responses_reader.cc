// OpenAI Responses: a flat list of items, each with a type.
//
//   {"role":"user","content":"..."}                                     a message, its type may be left out
//   {"type":"function_call","call_id":"c","name":"f","arguments":"{}"}  a call
//   {"type":"function_call_output","call_id":"c","output":"..."}        its result
//   {"type":"reasoning","encrypted_content":"..."}                      thinking
//
// An item comes back to the provider in other words than it came from there:
// without its id and status, keys in another order, characters escaped or not,
// members left out that were null. So its canonical hash is over decoded values
// by sorted key, and a reply's items hash to what the client will send.
// Whatever is not understood is carried as kOther.

#include <algorithm>

#include "proxy/block_reader.h"

namespace headroom::proxy {
namespace {

// Calls that the client answers, with the member that says what is asked, and
// the name where the item has none.
struct CallForm {
  std::string_view type;
  std::string_view arguments;
  std::string_view tool_name;
};

constexpr CallForm kCalls[] = {
    {"function_call", "arguments", ""},
    {"custom_tool_call", "input", ""},
    {"local_shell_call", "action", "shell"},
    {"shell_call", "action", "shell"},
    {"apply_patch_call", "operation", "apply_patch"},
    {"mcp_call", "arguments", ""},
};

constexpr std::string_view kResults[] = {"function_call_output", "custom_tool_call_output", "local_shell_call_output",
                                         "shell_call_output",    "apply_patch_call_output", "mcp_tool_call_output"};

const CallForm* FindCall(std::string_view type) {
  const auto* found = std::find_if(std::begin(kCalls), std::end(kCalls), [&](auto& form) { return form.type == type; });
  return found == std::end(kCalls) ? nullptr : found;
}

bool IsResult(std::string_view type) {
  return std::find(std::begin(kResults), std::end(kResults), type) != std::end(kResults);
}

// Items of the client, beside messages and results.
bool IsOfClient(std::string_view type) { return type.ends_with("_output") || type == "mcp_approval_response"; }

}  // namespace

// A value by what it means. Numbers stand as they are written.
Hash128 BlockReader::HashOfValue(const json::Token& value) const {
  Hasher128 hasher;
  switch (value.type) {
    case json::Type::kString:
      return hasher.Add("string").Add(StringOf(value)).Finish();
    case json::Type::kArray:
      hasher.Add("array");
      for (const json::Token& element : document_.Elements(value)) hasher.Add(HashOfValue(element));
      return hasher.Finish();
    case json::Type::kObject:
      return HashOfMembers(document_.Members(value), {});
    default:
      return hasher.Add(document_.Raw(value)).Finish();
  }
}

Hash128 BlockReader::HashOfMembers(const Members& members, std::initializer_list<std::string_view> except) const {
  std::vector<std::pair<std::string, Hash128>> sorted;
  for (const json::Member& member : members) {
    if (member.value.type == json::Type::kNull) continue;
    std::string key = StringOf(member.key);
    if (std::find(except.begin(), except.end(), key) != except.end() || key == "prompt_cache_breakpoint") continue;
    sorted.emplace_back(std::move(key), HashOfValue(member.value));
  }
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  Hasher128 hasher;
  hasher.Add("object");
  for (const auto& [key, hash] : sorted) hasher.Add(key).Add(hash);
  return hasher.Finish();
}

void BlockReader::ReadResponsesItem(const json::Token& item, uint32_t index) {
  const Members members = document_.Members(item);
  std::string type;
  bool has_role = false;
  for (const json::Member& member : members) {
    if (Is(member, "type")) type = StringOf(member.value);
    if (Is(member, "role")) has_role = true;
  }
  if (type == "message" || (type.empty() && has_role)) {
    ReadResponsesMessage(members, index);
  } else if (type == "reasoning") {
    ReadReasoning(members, index);
  } else if (FindCall(type) != nullptr) {
    ReadResponsesCall(type, members, index);
  } else if (IsResult(type)) {
    ReadResponsesResult(type, members, index);
  } else if (type != "additional_tools") {  // tools are no part of a lineage, wherever they stand
    const Role role = IsOfClient(type) ? Role::kUser : Role::kAssistant;
    Begin(role, type);
    // A reference is nothing but its id.
    const bool reference = type.empty() || type == "item_reference";
    hasher_.Add(reference ? HashOfMembers(members, {"type"}) : HashOfMembers(members, {"type", "id", "status"}));
    Append(role, BlockKind::kOther, index).canonical = hasher_.Finish();
  }
}

void BlockReader::ReadResponsesMessage(const Members& members, uint32_t index) {
  Role role = Role::kUser;
  for (const json::Member& member : members) {
    if (!Is(member, "role")) continue;
    if (document_.TextIs(member.value, "assistant")) role = Role::kAssistant;
    if (document_.TextIs(member.value, "system") || document_.TextIs(member.value, "developer")) role = Role::kSystem;
  }
  // As in Chat: leading instructions are not part of the conversation. Those of a
  // continued one do not lead.
  if (role == Role::kSystem && view_.blocks.empty() && view_.previous_reply.empty()) return;
  for (const json::Member& member : members) {
    if (!Is(member, "content")) continue;
    if (member.value.type == json::Type::kString) AppendText(role, member.value, index);
    if (member.value.type != json::Type::kArray) continue;
    for (const json::Token& part : document_.Elements(member.value)) ReadResponsesPart(role, part, index);
  }
}

void BlockReader::ReadResponsesPart(Role role, const json::Token& part, uint32_t index) {
  const Members members = part.type == json::Type::kObject ? document_.Members(part) : Members();
  const json::Token* text = nullptr;
  bool is_text = false;
  bool mark = false;
  for (const json::Member& member : members) {
    if (Is(member, "type"))
      is_text = document_.TextIs(member.value, "input_text") || document_.TextIs(member.value, "output_text");
    if (Is(member, "text") && member.value.type == json::Type::kString) text = &member.value;
    if (Is(member, "prompt_cache_breakpoint")) mark = member.value.type != json::Type::kNull;
  }
  const size_t before = view_.blocks.size();
  if (is_text && text != nullptr) {
    AppendText(role, *text, index);
  } else {
    Begin(role, "part");
    hasher_.Add(HashOfValue(part));
    Append(role, BlockKind::kOther, index).canonical = hasher_.Finish();
  }
  if (mark && view_.blocks.size() > before) view_.blocks.back().cache_mark = true;
}

void BlockReader::ReadReasoning(const Members& members, uint32_t index) {
  Block& block = Append(Role::kAssistant, BlockKind::kThinking, index);
  for (const json::Member& member : members) {
    if (Is(member, "encrypted_content")) block.signed_thinking = member.value.type == json::Type::kString;
  }
}

void BlockReader::ReadResponsesCall(std::string_view type, const Members& members, uint32_t index) {
  const CallForm& form = *FindCall(type);
  Begin(Role::kAssistant, type);
  hasher_.Add(HashOfMembers(members, {"type", "id", "status", "output", "error"}));
  Block& block = Append(Role::kAssistant, BlockKind::kToolCall, index);
  block.canonical = hasher_.Finish();
  block.tool_name = form.tool_name;
  std::string item_id;
  const json::Token* output = nullptr;
  for (const json::Member& member : members) {
    if (Is(member, "call_id")) block.call_id = StringOf(member.value);
    if (Is(member, "id")) item_id = StringOf(member.value);
    if (Is(member, "name")) block.tool_name = StringOf(member.value);
    if (Is(member, form.arguments)) block.arguments = member.value;
    if (Is(member, "output") && member.value.type != json::Type::kNull) output = &member.value;
    if (Is(member, "caller") && member.value.type == json::Type::kObject) {
      const std::optional<json::Token> caller = document_.Find(member.value, "type");
      block.direct_caller = caller.has_value() && document_.TextIs(*caller, "direct");
    }
  }
  if (block.call_id.empty()) block.call_id = std::move(item_id);
  block.has_id = !block.call_id.empty();
  if (type == "mcp_call" && output != nullptr) ReadHostedOutput(*output, block.call_id, index);
}

// The provider itself called the server and read what it answered: changed
// here, the text would differ from the one that the provider has cached.
void BlockReader::ReadHostedOutput(const json::Token& output, std::string call_id, uint32_t index) {
  Begin(Role::kTool, "mcp_call output");
  Block& block = Append(Role::kTool, BlockKind::kToolResult, index);
  block.call_id = std::move(call_id);
  ReadResultContent(output, block);
  block.replaceable = false;
  block.canonical = hasher_.Finish();
}

void BlockReader::ReadResponsesResult(std::string_view type, const Members& members, uint32_t index) {
  Begin(Role::kTool, type);
  Block& block = Append(Role::kTool, BlockKind::kToolResult, index);
  preamble_ = {};
  block.replaceable = true;
  std::string item_id;
  int outputs = 0;
  for (const json::Member& member : members) {
    if (Is(member, "call_id")) block.call_id = StringOf(member.value);
    if (Is(member, "id")) item_id = StringOf(member.value);
    if (Is(member, "status") && document_.TextIs(member.value, "failed")) {
      block.replaceable = false;
      hasher_.Add("failed");
    }
    if (!Is(member, "output")) continue;
    ++outputs;
    if (type == "shell_call_output" && member.value.type == json::Type::kArray) {
      for (const json::Token& chunk : document_.Elements(member.value)) ReadShellChunk(chunk, block);
    } else {
      ReadResultContent(member.value, block);
    }
  }
  if (outputs != 1) block.replaceable = false;
  // The first shell tool's results named their call by the item's id.
  if (block.call_id.empty()) block.call_id = std::move(item_id);
  hasher_.Add(block.call_id).Add(HashOfMembers(members, {"type", "call_id", "id", "status", "output"}));
  block.canonical = hasher_.Finish();
}

// {"stdout","stderr","outcome":{"type":"exit","exit_code"}}
void BlockReader::ReadShellChunk(const json::Token& chunk, Block& block) {
  if (chunk.type != json::Type::kObject) {
    hasher_.Add(document_.Raw(chunk));
    block.replaceable = false;
    return;
  }
  const Members members = document_.Members(chunk);
  for (const std::string_view stream : {"stdout", "stderr"}) {
    for (const json::Member& member : members) {
      if (!Is(member, stream) || member.value.type != json::Type::kString) continue;
      hasher_.Add(stream);
      HashText(member.value);
      block.pieces.push_back(member.value);
    }
  }
  hasher_.Add(HashOfMembers(members, {"stdout", "stderr"}));
}

}  // namespace headroom::proxy
