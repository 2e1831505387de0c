#include "proxy/context_marker.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <optional>
#include <unordered_set>

#include "base/bytes.h"
#include "json/strings.h"
#include "proxy/retrieve_tool.h"

namespace headroom::proxy {
namespace {

constexpr size_t kTopicBytes = 60;
constexpr size_t kMaxDepth = 8;

// The beginning of a text on one line.
std::string Brief(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool blank = static_cast<unsigned char>(c) <= ' ' || c == 0x7f;
    if (blank && (out.empty() || out.back() == ' ')) continue;
    if (out.size() >= kTopicBytes && (static_cast<unsigned char>(c) & 0xC0) != 0x80) return out + "...";
    out.push_back(blank ? ' ' : c);
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

// The first text in a call's arguments: a path, a command, a pattern.
std::string FirstArgument(const json::Document& document, const Block& call) {
  std::string arguments = ArgumentsOf(document, call);
  const PaddedBytes bytes(arguments);
  json::Document parsed;
  if (!parsed.Parse(bytes).ok()) return Brief(arguments);
  if (parsed.root().type != json::Type::kObject) return {};
  for (const json::Member& member : parsed.Members(parsed.root())) {
    if (member.value.type == json::Type::kString) return Brief(parsed.Text(member.value).value_or(""));
  }
  return {};
}

// The first text that a message says.
std::optional<json::Token> FirstText(const json::Document& document, const json::Token& message) {
  if (message.type != json::Type::kObject) return std::nullopt;
  const std::optional<json::Token> content = document.Find(message, "content");
  if (!content.has_value() || content->type == json::Type::kString) return content;
  if (content->type != json::Type::kArray) return std::nullopt;
  for (const json::Token& part : document.Elements(*content)) {
    if (part.type != json::Type::kObject) continue;
    const std::optional<json::Token> text = document.Find(part, "text");
    if (text.has_value() && text->type == json::Type::kString) return text;
  }
  return std::nullopt;
}

std::vector<bool> ByMessage(const MessageRanges& gone, size_t messages) {
  std::vector<bool> out(messages);
  for (const auto& [first, end] : gone) {
    for (uint32_t m = first; m < end; ++m) out[m] = true;
  }
  return out;
}

struct Topic {
  std::string text;
  double weight;
};

std::vector<Topic> AllTopics(const json::Document& document, const std::vector<json::Token>& messages,
                             const RequestView& view, const MessageRanges& gone, const std::vector<double>& weight) {
  std::vector<Topic> topics;
  std::unordered_set<std::string> known;
  const auto add = [&](std::string text, uint32_t message) {
    if (!text.empty() && known.insert(text).second) topics.push_back({std::move(text), weight[message]});
  };
  const std::vector<bool> is_gone = ByMessage(gone, messages.size());
  uint32_t last_user = UINT32_MAX;
  for (const Block& block : view.blocks) {
    if (block.message >= messages.size() || !is_gone[block.message]) continue;
    if (block.kind == BlockKind::kToolCall && !IsRetrieveTool(block.tool_name)) {
      const std::string argument = FirstArgument(document, block);
      add(block.tool_name.substr(0, kTopicBytes) + (argument.empty() ? "" : " " + argument), block.message);
    }
    if (block.kind != BlockKind::kText || block.role != Role::kUser || block.message == last_user) continue;
    last_user = block.message;
    const std::optional<json::Token> text = FirstText(document, messages[block.message]);
    const std::string said = text.has_value() ? Brief(document.Text(*text).value_or("")) : std::string();
    if (!said.empty() && !said.starts_with("<")) add("\"" + said + "\"", block.message);
  }
  return topics;
}

void AppendReadable(const json::Document& document, const json::Token& token, std::string_view key, size_t depth,
                    std::string& out) {
  if (depth > kMaxDepth) return;
  if (token.type == json::Type::kObject) {
    for (const json::Member& member : document.Members(token)) {
      AppendReadable(document, member.value, document.Inside(member.key), depth + 1, out);
    }
  } else if (token.type == json::Type::kArray) {
    for (const json::Token& element : document.Elements(token)) AppendReadable(document, element, key, depth + 1, out);
  } else {
    const bool is_text = token.type == json::Type::kString;
    const std::string text = is_text ? document.Text(token).value_or("") : std::string(document.Raw(token));
    out.append(key).append(text.find('\n') == std::string::npos ? ": " : ":\n").append(text);
    if (!out.ends_with('\n')) out.push_back('\n');
  }
}

}  // namespace

std::string DroppedMessages(const json::Document& document, const std::vector<json::Token>& messages,
                            const MessageRanges& gone) {
  std::string out = "[";
  for (const auto& [first, end] : gone) {
    for (uint32_t m = first; m < end; ++m) out.append(out.size() == 1 ? "" : ",\n").append(document.Raw(messages[m]));
  }
  return out.append("]");
}

std::string TopicsOf(const json::Document& document, const std::vector<json::Token>& messages, const RequestView& view,
                     const MessageRanges& gone, const std::vector<double>& weight) {
  const std::vector<Topic> topics = AllTopics(document, messages, view, gone, weight);
  std::vector<size_t> order(topics.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return topics[a].weight > topics[b].weight; });
  order.resize(std::min(order.size(), kMaxTopics));
  std::sort(order.begin(), order.end());
  std::string out;
  for (const size_t i : order) out.append(out.empty() ? "" : "; ").append(topics[i].text);
  if (topics.size() > order.size()) out.append(fmt::format("; and {} more", topics.size() - order.size()));
  return out;
}

std::string MarkerMessage(const MarkerText& marker) {
  std::string text = fmt::format(
      "<headroom:dropped_context reason=\"{}\" count=\"{}\">\nLeft out here and further down, to fit the context "
      "window: {} "
      "earlier messages in {} exchanges. They are intact: ",
      marker.reason, marker.units, marker.messages, marker.units);
  text.append(marker.has_tool ? fmt::format("call {} with the hash to read them, best with a query.", kRetrieveTool)
                              : fmt::format("GET /v1/retrieve/{} of the headroom proxy gives them back.", marker.hash));
  if (!marker.topics.empty()) text.append("\nThey were about: ").append(marker.topics).append(".");
  text.append(fmt::format("\n[{} messages compressed to 1. Retrieve more: hash={}]\n</headroom:dropped_context>",
                          marker.messages, marker.hash));
  return R"({"role":"user","content":)" + json::Quote(text) + "}";
}

std::string ReadableMessages(std::string_view original) {
  const PaddedBytes bytes(original);
  json::Document document;
  if (!document.Parse(bytes).ok() || document.root().type != json::Type::kArray) return std::string(original);
  std::string out;
  for (const json::Token& message : document.Elements(document.root())) {
    AppendReadable(document, message, "message", 0, out);
    out.push_back('\n');
  }
  return out;
}

}  // namespace headroom::proxy
