#include "proxy/messages_replies.h"

#include <charconv>
#include <optional>

#include "base/bytes.h"
#include "json/edits.h"
#include "proxy/reply_json.h"

namespace headroom::proxy {
namespace {

std::optional<json::Token> OutputTokens(const json::Document& document) {
  const std::optional<json::Token> usage = document.Find(document.root(), "usage");
  if (!usage.has_value() || usage->type != json::Type::kObject) return std::nullopt;
  return document.Find(*usage, "output_tokens");
}

std::string Event(std::string_view type, std::string_view members) {
  std::string event = "data: {\"type\":\"";
  return event.append(type).append("\"").append(members).append("}\n\n");
}

}  // namespace

bool MessagesReplies::Take(std::string_view body) {
  const PaddedBytes bytes(body);
  json::Document document;
  if (!document.Parse(bytes).ok() || document.root().type != json::Type::kObject) return false;
  const std::optional<json::Token> content = document.Find(document.root(), "content");
  const std::optional<json::Token> reason = document.Find(document.root(), "stop_reason");
  if (!content.has_value() || content->type != json::Type::kArray || !reason.has_value()) return false;
  earlier_output_ += output_;
  output_ = 0;
  if (const std::optional<json::Token> output = OutputTokens(document); output.has_value()) {
    const std::string_view raw = document.Raw(*output);
    std::from_chars(raw.data(), raw.data() + raw.size(), output_);
  }
  if (id_.empty()) {
    const std::optional<json::Token> id = document.Find(document.root(), "id");
    if (id.has_value()) id_ = document.Raw(*id);
  }
  std::string nothing;
  splicer_.Feed(Event("message_start", ""), nothing);
  size_t index = 0;
  for (const json::Token& block : document.Elements(*content)) {
    const std::string at = ",\"index\":" + std::to_string(index++);
    const size_t shown = splicer_.visible().blocks;
    splicer_.Feed(Event("content_block_start", at + ",\"content_block\":" + OneLine(document.Raw(block))), nothing);
    splicer_.Feed(Event("content_block_stop", at), nothing);
    if (splicer_.visible().blocks != shown) shown_.emplace_back(document.Raw(block));
  }
  const std::string delta = ",\"delta\":{\"stop_reason\":" + std::string(document.Raw(*reason)) + "}";
  splicer_.Feed(Event("message_delta", delta) + Event("message_stop", ""), nothing);
  last_ = body;
  return true;
}

std::string MessagesReplies::Body(bool stopped) const {
  const PaddedBytes bytes(last_);
  json::Document document;
  if (!document.Parse(bytes).ok()) return last_;
  json::EditList edits(static_cast<uint32_t>(last_.size()));
  std::string content = "[";
  for (const std::string& block : shown_) content.append(content.size() == 1 ? "" : ",").append(block);
  (void)edits.Replace(document.Find(document.root(), "content")->span, content + "]");
  const std::optional<json::Token> id = document.Find(document.root(), "id");
  if (id.has_value() && !id_.empty()) (void)edits.Replace(id->span, id_);
  if (stopped) (void)edits.Replace(document.Find(document.root(), "stop_reason")->span, "\"end_turn\"");
  const std::optional<json::Token> output = OutputTokens(document);
  if (output.has_value()) (void)edits.Replace(output->span, std::to_string(earlier_output_ + output_));
  return edits.Splice(last_);
}

}  // namespace headroom::proxy
