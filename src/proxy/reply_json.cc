#include "proxy/reply_json.h"

#include <charconv>

#include "base/bytes.h"
#include "json/strings.h"
#include "net/sse.h"

namespace headroom::proxy {

std::optional<json::Token> Inside(const json::Document& document, const json::Token& object, std::string_view key) {
  if (object.type != json::Type::kObject) return std::nullopt;
  return document.Find(object, key);
}

std::string TextAt(const json::Document& document, const json::Token& object, std::string_view key) {
  const std::optional<json::Token> token = Inside(document, object, key);
  return token.has_value() ? document.Text(*token).value_or("") : std::string();
}

bool Says(const json::Document& document, const json::Token& value) {
  if (value.type == json::Type::kNull) return false;
  if (value.type == json::Type::kArray) return !document.Elements(value).empty();
  if (value.type == json::Type::kObject) return !document.Members(value).empty();
  return document.Raw(value) != "\"\"";
}

std::optional<uint64_t> NumberAt(const json::Document& document, const json::Token& object, std::string_view key) {
  const std::optional<json::Token> token = Inside(document, object, key);
  if (!token.has_value() || token->type != json::Type::kNumber) return std::nullopt;
  const std::string_view raw = document.Raw(*token);
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(raw.data(), raw.data() + raw.size(), value);
  if (error != std::errc() || end != raw.data() + raw.size()) return std::nullopt;
  return value;
}

std::string WithMembers(const json::Document& document, const json::Token& object, NewMembers members) {
  std::string out = "{";
  const auto add = [&](std::string_view key, std::string_view value) {
    if (value.empty()) return;
    out.append(out.size() == 1 ? "" : ",").append(key).append(":").append(value);
  };
  for (const json::Member& member : document.Members(object)) {
    const auto found = members.find(document.Text(member.key).value_or(""));
    if (found == members.end()) {
      add(document.Raw(member.key), document.Raw(member.value));
      continue;
    }
    add(document.Raw(member.key), found->second);
    found->second.clear();  // of duplicates the first place is as good as any
  }
  for (const auto& [key, value] : members) add(json::Quote(key), value);
  return out.append("}");
}

std::string OneLine(std::string_view json) {
  std::string line(json);
  for (char& c : line) {
    if (c == '\n' || c == '\r') c = ' ';
  }
  return line;
}

std::string EventData(std::string_view raw) {
  std::string data;
  net::SseParser parser([&](const net::SseParser::Event& event) { data = event.data; });
  parser.Feed(raw);
  parser.End();
  return data;
}

std::string ErrorData(std::string_view body, std::string_view ours) {
  const PaddedBytes bytes(body);
  json::Document document;
  if (!document.Parse(bytes).ok() || !Inside(document, document.root(), "error").has_value()) return std::string(ours);
  return OneLine(body);
}

}  // namespace headroom::proxy
