#include "proxy/messages_splicer.h"

#include <algorithm>

#include "base/bytes.h"
#include "json/edits.h"
#include "json/strings.h"
#include "proxy/reply_json.h"

namespace headroom::proxy {
namespace {

bool IsThinking(std::string_view type) { return type == "thinking" || type == "redacted_thinking"; }

void AppendEvent(std::string_view name, std::string_view data, std::string& out) {
  out.append("event: ").append(name).append("\ndata: ").append(data).append("\n\n");
}

}  // namespace

void MessagesSplicer::Event(std::string_view raw, std::string& out) {
  const std::string data = EventData(raw);
  const PaddedBytes padded(data);
  if (data.empty() || !document_.Parse(padded).ok()) {
    out.append(raw);
    return;
  }
  const std::string type = TextAt(document_, document_.root(), "type");
  if (type == "message_start") {
    StartMessage(raw, out);
  } else if (type == "content_block_start") {
    StartBlock(raw, data, out);
  } else if (type == "content_block_delta" || type == "content_block_stop") {
    InBlock(raw, data, type == "content_block_stop", out);
  } else if (type == "message_delta") {
    EndMessage(raw, data, out);
  } else if (type == "message_stop") {
    StopMessage(raw, out);
  } else {
    out.append(raw);  // ping, error, whatever comes to be
  }
}

void MessagesSplicer::StartMessage(std::string_view raw, std::string& out) {
  if (!started_) out.append(raw);
  started_ = true;
}

void MessagesSplicer::AppendShown(std::string_view raw, std::string_view data, const json::Token& index, size_t shown,
                                  std::string& out) const {
  const std::string number = std::to_string(shown);
  if (index.span.of(data) == number) {
    out.append(raw);
    return;
  }
  json::EditList edits(static_cast<uint32_t>(data.size()));
  (void)edits.Replace(index.span, number);
  AppendEvent(TextAt(document_, document_.root(), "type"), edits.Splice(data), out);
}

void MessagesSplicer::StartBlock(std::string_view raw, std::string_view data, std::string& out) {
  const std::optional<json::Token> index = Inside(document_, document_.root(), "index");
  const std::optional<uint64_t> number = NumberAt(document_, document_.root(), "index");
  const std::optional<json::Token> block = Inside(document_, document_.root(), "content_block");
  if (!number.has_value() || !block.has_value() || block->type != json::Type::kObject) {
    out.append(raw);
    return;
  }
  Open open{BlockAssembler(document_.Raw(*block)),
            TextAt(document_, *block, "type"),
            TextAt(document_, *block, "id"),
            content_.size(),
            std::nullopt,
            false};
  const bool is_call = open.type == "tool_use";
  content_.emplace_back();
  if (!is_call || TextAt(document_, *block, "name") != tool_name_) {
    open.shown = visible_.blocks++;
    if (IsThinking(open.type)) ++visible_.thinking;
    if (is_call) visible_.AddCall(open.id);
    client_calls_ += is_call ? 1 : 0;
    if (open.type == "text") visible_.AddText(TextAt(document_, *block, "text"));
    AppendShown(raw, data, *index, *open.shown, out);
  } else {
    withheld_ = true;
    // The provider would not take two calls of one id back.
    open.repeats = !open.id.empty() && !our_ids_.insert(open.id).second;
  }
  open_.insert_or_assign(*number, std::move(open));
}

void MessagesSplicer::InBlock(std::string_view raw, std::string_view data, bool stops, std::string& out) {
  const std::optional<json::Token> index = Inside(document_, document_.root(), "index");
  const std::optional<uint64_t> number = NumberAt(document_, document_.root(), "index");
  const auto found = number.has_value() ? open_.find(*number) : open_.end();
  if (found == open_.end()) {
    out.append(raw);
    return;
  }
  Open& open = found->second;
  if (open.shown.has_value()) AppendShown(raw, data, *index, *open.shown, out);
  if (stops) {
    Close(open);
    open_.erase(found);
    return;
  }
  const std::optional<json::Token> delta = Inside(document_, document_.root(), "delta");
  if (!delta.has_value() || delta->type != json::Type::kObject) return;
  open.block.Add(document_, *delta);
  if (open.type == "text") visible_.AddText(TextAt(document_, *delta, "text"));
}

// The insert at the place where the client's message stands now.
HiddenInsert& MessagesSplicer::InsertHere() {
  const auto blocks = static_cast<uint32_t>(visible_.blocks);
  if (hidden_.empty() || hidden_.back().blocks != blocks || !hidden_.back().results.empty()) {
    HiddenInsert& insert = hidden_.emplace_back();
    insert.blocks = blocks;
    insert.thinking = static_cast<uint32_t>(visible_.thinking);
    insert.text = static_cast<uint32_t>(visible_.squeezed_text.size());
    insert.client_calls = client_calls_;
  }
  return hidden_.back();
}

void MessagesSplicer::Close(Open& open) {
  if (open.repeats) return;
  // The provider takes no blank text back.
  if (!open.block.IsBlankText()) content_[open.at] = open.block.Finish();
  if (open.shown.has_value()) return;
  held_.push_back({open.id, open.block.Arguments()});
  std::string& calls = InsertHere().calls;
  calls.append(calls.empty() ? "" : ",").append(content_[open.at]);
}

void MessagesSplicer::EndMessage(std::string_view raw, std::string_view data, std::string& out) {
  const std::optional<json::Token> delta = Inside(document_, document_.root(), "delta");
  const std::optional<json::Token> usage = Inside(document_, document_.root(), "usage");
  if (usage.has_value()) output_ = NumberAt(document_, *usage, "output_tokens").value_or(output_);
  const bool asks = delta.has_value() && TextAt(document_, *delta, "stop_reason") == "tool_use";
  std::string event(raw);
  if (earlier_output_ > 0 && usage.has_value()) {
    const std::optional<json::Token> output = Inside(document_, *usage, "output_tokens");
    if (output.has_value()) {
      json::EditList edits(static_cast<uint32_t>(data.size()));
      (void)edits.Replace(output->span, std::to_string(earlier_output_ + output_));
      event.clear();
      AppendEvent("message_delta", edits.Splice(data), event);
    }
  }
  waits_ = asks && !held_.empty() && client_calls_ == 0;
  if (waits_) {
    held_delta_ = data;
  } else {
    out.append(event);
  }
}

void MessagesSplicer::StopMessage(std::string_view raw, std::string& out) {
  if (waits_) return;
  out.append(raw);
  ended_ = true;
}

std::string MessagesSplicer::Content() const {
  std::string joined;
  for (const std::string& block : content_) {
    if (block.empty()) continue;
    joined.append(joined.empty() ? "" : ",").append(block);
  }
  return joined;
}

void MessagesSplicer::Continue(const std::string& results) {
  // All that it said is put back as one message.
  while (!hidden_.empty() && hidden_.back().results.empty()) hidden_.pop_back();
  HiddenInsert& insert = InsertHere();
  insert.calls = Content();
  insert.results = results;
  insert.splits = true;
  earlier_output_ += output_;
  output_ = 0;
  waits_ = false;
  client_calls_ = 0;
  open_.clear();
  content_.clear();
  our_ids_.clear();
  held_.clear();
}

// Calls that nobody answers are not put back: a request must not end in one.
HiddenExchange MessagesSplicer::hidden() const {
  HiddenExchange hidden{static_cast<uint32_t>(visible_.blocks), static_cast<uint32_t>(visible_.thinking), hidden_,
                        visible_.TextPrint()};
  while (!hidden.empty() && hidden.inserts.back().results.empty()) hidden.inserts.pop_back();
  return hidden;
}

std::string MessagesSplicer::ResultOf(const HeldCall& call, std::string_view text) const {
  return R"({"type":"tool_result","tool_use_id":)" + json::Quote(call.id) + R"(,"content":)" + json::Quote(text) + "}";
}

std::string MessagesSplicer::Turn(const std::string& results) const {
  return R"({"role":"assistant","content":[)" + Content() + R"(]},{"role":"user","content":[)" + results + "]}";
}

std::string_view MessagesSplicer::KeepAlive() const { return "event: ping\ndata: {\"type\": \"ping\"}\n\n"; }

std::string MessagesSplicer::ErrorEvent(std::string_view body) const {
  constexpr std::string_view kOurs =
      R"({"type":"error","error":{"type":"api_error","message":"headroom: the reply could not be continued"}})";
  return "event: error\ndata: " + ErrorData(body, kOurs) + "\n\n";
}

void MessagesSplicer::AnswerLater(const std::string& results) { InsertHere().results = results; }

void MessagesSplicer::Stop(std::string& out) {
  const PaddedBytes padded(held_delta_);
  if (!document_.Parse(padded).ok()) return;
  json::EditList edits(static_cast<uint32_t>(held_delta_.size()));
  const std::optional<json::Token> delta = Inside(document_, document_.root(), "delta");
  const std::optional<json::Token> reason = Inside(document_, *delta, "stop_reason");
  (void)edits.Replace(reason->span, "\"end_turn\"");
  const std::optional<json::Token> usage = Inside(document_, document_.root(), "usage");
  if (usage.has_value()) {
    const std::optional<json::Token> output = Inside(document_, *usage, "output_tokens");
    if (output.has_value()) (void)edits.Replace(output->span, std::to_string(earlier_output_ + output_));
  }
  AppendEvent("message_delta", edits.Splice(held_delta_), out);
  AppendEvent("message_stop", R"({"type":"message_stop"})", out);
  waits_ = false;
  ended_ = true;
}

}  // namespace headroom::proxy
