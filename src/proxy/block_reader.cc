#include "proxy/block_reader.h"

#include <algorithm>

#include "json/strings.h"

namespace headroom::proxy {
namespace {

bool IsTextType(std::string_view type) { return type == "text" || type == "input_text" || type == "output_text"; }

bool IsCacheMark(std::string_view key) { return key == "cache_control" || key == "prompt_cache_breakpoint"; }

}  // namespace

std::string BlockReader::StringOf(const json::Token& token) const {
  if (token.type != json::Type::kString) return {};
  return document_.Text(token).value_or(std::string());
}

Hash128 BlockReader::HashText(const json::Token& string) {
  const std::string_view inside = document_.Inside(string);
  std::optional<std::string> decoded;
  if (!json::IsPlain(inside)) decoded = json::Unescape(inside);
  const std::string_view text = decoded.has_value() ? std::string_view(*decoded) : inside;
  const Hash128 hash = HashOf(text);
  hasher_.Add(hash);
  return hash;
}

void BlockReader::HashRest(const Members& members, std::initializer_list<std::string_view> except) {
  for (const json::Member& member : members) {
    const std::string_view key = document_.Inside(member.key);
    if (member.value.type == json::Type::kNull || IsCacheMark(key)) continue;
    if (std::find(except.begin(), except.end(), key) != except.end()) continue;
    hasher_.Add(key).Add(document_.Raw(member.value));
  }
}

void BlockReader::Begin(Role role, std::string_view type) {
  hasher_.Reset();
  const char name = static_cast<char>(role);
  hasher_.Add(std::string_view(&name, 1)).Add(type);
}

Block& BlockReader::Append(Role role, BlockKind kind, uint32_t message) {
  // One past the limit tells ReadRequest; what comes after takes no more memory.
  if (view_.blocks.size() > RequestView::kMaxBlocks) view_.blocks.pop_back();
  Block& block = view_.blocks.emplace_back();
  block.role = role;
  block.kind = kind;
  block.message = message;
  if (kind == BlockKind::kToolResult) block.question = question_;
  if (kind == BlockKind::kToolCall) block.preamble = preamble_;
  return block;
}

// Clients put blocks of their own beside what the user wrote.
void BlockReader::Remember(Role role, const json::Token& string) {
  const std::string_view inside = document_.Inside(string);
  preamble_ = role == Role::kAssistant ? string : json::Token{};
  if (role == Role::kUser && !inside.starts_with("<system-reminder>")) question_ = string;
}

void BlockReader::AppendText(Role role, const json::Token& string, uint32_t message) {
  if (document_.Inside(string).empty()) return;
  Begin(role, "text");
  HashText(string);
  Append(role, BlockKind::kText, message).canonical = hasher_.Finish();
  Remember(role, string);
}

void BlockReader::ReadResultContent(const json::Token& content, Block& block) {
  if (content.type == json::Type::kString) {
    hasher_.Add("text");
    block.text = HashText(content);
    block.pieces.push_back(content);
    return;
  }
  if (content.type == json::Type::kArray) {
    const std::vector<json::Token> parts = document_.Elements(content);
    for (const json::Token& part : parts) ReadResultPart(part, block);
    if (parts.size() != 1) block.text = {};
    return;
  }
  hasher_.Add(document_.Raw(content));
  block.replaceable = false;
}

// Text parts without extra members may be replaced; images are carried; any
// other part (citable documents, search results, tool references) protects the
// whole result.
void BlockReader::ReadResultPart(const json::Token& part, Block& block) {
  if (part.type != json::Type::kObject) {
    hasher_.Add(document_.Raw(part));
    block.replaceable = false;
    return;
  }
  const Members members = document_.Members(part);
  std::string_view type;
  const json::Token* text = nullptr;
  bool plain = true;
  for (const json::Member& member : members) {
    const std::string_view key = document_.Inside(member.key);
    if (key == "type" && member.value.type == json::Type::kString) {
      type = document_.Inside(member.value);
    } else if (key == "text" && member.value.type == json::Type::kString) {
      plain = plain && text == nullptr;
      text = &member.value;
    } else if (IsCacheMark(key)) {
      block.cache_mark = true;
    } else if (member.value.type != json::Type::kNull) {
      plain = false;
    }
  }
  if (IsTextType(type) && text != nullptr) {
    hasher_.Add("text");
    block.text = HashText(*text);
    if (plain) {
      block.pieces.push_back(*text);
    } else {
      HashRest(members, {"type", "text"});
      block.replaceable = false;
    }
    return;
  }
  hasher_.Add(type);
  HashRest(members, {"type"});
  if (type != "image" && type != "image_url" && type != "input_image") block.replaceable = false;
}

}  // namespace headroom::proxy
