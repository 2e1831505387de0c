#include "proxy/chat_replies.h"

#include <optional>
#include <vector>

#include "base/bytes.h"
#include "json/edits.h"
#include "json/strings.h"
#include "proxy/reply_json.h"

namespace headroom::proxy {
namespace {

// The one choice of a reply; nothing when there are several.
std::optional<json::Token> OnlyChoice(const json::Document& document) {
  const std::optional<json::Token> choices = Inside(document, document.root(), "choices");
  if (!choices.has_value() || choices->type != json::Type::kArray) return std::nullopt;
  const std::vector<json::Token> elements = document.Elements(*choices);
  if (elements.size() != 1 || elements[0].type != json::Type::kObject) return std::nullopt;
  return elements[0];
}

// The elements of "tool_calls" that are not ours, as a list; "" when none are left.
std::string TheirCalls(const json::Document& document, const json::Token& message, std::string_view ours) {
  const std::optional<json::Token> list = Inside(document, message, "tool_calls");
  if (!list.has_value() || list->type != json::Type::kArray) return {};
  std::string calls;
  for (const json::Token& call : document.Elements(*list)) {
    const std::optional<json::Token> function = Inside(document, call, "function");
    if (function.has_value() && TextAt(document, *function, "name") == ours) continue;
    calls.append(calls.empty() ? "[" : ",").append(document.Raw(call));
  }
  return calls.empty() ? calls : calls + "]";
}

}  // namespace

// A whole reply is a stream of one chunk whose delta is the message.
bool ChatReplies::Take(std::string_view body) {
  const PaddedBytes bytes(body);
  json::Document document;
  if (!document.Parse(bytes).ok()) return false;
  const std::optional<json::Token> choice = OnlyChoice(document);
  if (!choice.has_value()) return false;
  const std::optional<json::Token> message = Inside(document, *choice, "message");
  const std::optional<json::Token> reason = Inside(document, *choice, "finish_reason");
  if (!message.has_value() || message->type != json::Type::kObject || !reason.has_value()) return false;
  const std::optional<json::Token> id = Inside(document, document.root(), "id");
  if (id_.empty() && id.has_value()) id_ = document.Raw(*id);
  const std::optional<json::Token> usage = Inside(document, document.root(), "usage");
  text_ += TextAt(document, *message, "content");
  std::string event = R"(data: {"choices":[{"delta":)" + OneLine(document.Raw(*message));
  event.append(R"(,"finish_reason":)").append(document.Raw(*reason)).append("}]");
  if (usage.has_value()) event.append(R"(,"usage":)").append(OneLine(document.Raw(*usage)));
  std::string nothing;
  splicer_.Feed(event + "}\n\n", nothing);
  last_ = body;
  return true;
}

std::string ChatReplies::Body(bool stopped) const {
  const PaddedBytes bytes(last_);
  json::Document document;
  if (!document.Parse(bytes).ok()) return last_;
  const std::optional<json::Token> choice = OnlyChoice(document);
  if (!choice.has_value()) return last_;
  const json::Token message = *Inside(document, *choice, "message");
  NewMembers members;
  if (!text_.empty()) members["content"] = json::Quote(text_);
  members["tool_calls"] = TheirCalls(document, message, tool_name_);
  json::EditList edits(static_cast<uint32_t>(last_.size()));
  (void)edits.Replace(message.span, WithMembers(document, message, std::move(members)));
  if (stopped) (void)edits.Replace(Inside(document, *choice, "finish_reason")->span, "\"stop\"");
  const std::optional<json::Token> id = Inside(document, document.root(), "id");
  if (id.has_value() && !id_.empty()) (void)edits.Replace(id->span, id_);
  const std::optional<json::Token> usage = Inside(document, document.root(), "usage");
  for (const std::string_view key : {"completion_tokens", "total_tokens"}) {
    const std::optional<uint64_t> count = usage.has_value() ? NumberAt(document, *usage, key) : std::nullopt;
    if (!count.has_value()) continue;
    (void)edits.Replace(Inside(document, *usage, key)->span, std::to_string(*count + splicer_.earlier_output()));
  }
  return edits.Splice(last_);
}

}  // namespace headroom::proxy
