#include "proxy/chat_splicer.h"

#include <algorithm>

#include "base/bytes.h"
#include "json/edits.h"
#include "json/strings.h"
#include "proxy/reply_json.h"

namespace headroom::proxy {
namespace {

constexpr std::string_view kDone = "[DONE]";

bool IsObject(std::string_view text) {
  const PaddedBytes bytes(text);
  json::Document document;
  return document.Parse(bytes).ok() && document.root().type == json::Type::kObject;
}

}  // namespace

void ChatSplicer::Event(std::string_view raw, std::string& out) {
  const std::string data = EventData(raw);
  if (data == kDone) {
    (waits_ ? held_end_ : out).append(raw);
    return;
  }
  const PaddedBytes padded(data);
  if (data.empty() || !document_.Parse(padded).ok()) {
    out.append(raw);
    return;
  }
  const std::optional<json::Token> choices = Inside(document_, document_.root(), "choices");
  if (!choices.has_value() || choices->type != json::Type::kArray) {
    out.append(raw);  // an error, whatever comes to be
    return;
  }
  const std::optional<json::Token> id = Inside(document_, document_.root(), "id");
  if (!continues_ && id.has_value() && Says(document_, *id)) id_ = document_.Raw(*id);
  const std::optional<json::Token> usage = Inside(document_, document_.root(), "usage");
  if (usage.has_value()) output_ = NumberAt(document_, *usage, "completion_tokens").value_or(output_);
  const std::vector<json::Token> elements = document_.Elements(*choices);
  if (elements.size() == 1 && elements[0].type == json::Type::kObject) {
    Choice(raw, data, elements[0], out);
  } else {
    (waits_ ? held_end_ : out).append(Render(raw, data, nullptr, {}));
  }
}

void ChatSplicer::Choice(std::string_view raw, std::string_view data, const json::Token& choice, std::string& out) {
  Delta delta;
  const std::optional<json::Token> token = Inside(document_, choice, "delta");
  if (token.has_value() && token->type == json::Type::kObject) delta = ReadDelta(*token);
  const std::string reason = TextAt(document_, choice, "finish_reason");
  if (!reason.empty()) Finish(reason);
  const std::optional<json::Token> usage = Inside(document_, document_.root(), "usage");
  const bool counts = usage.has_value() && usage->type == json::Type::kObject;
  Edited edited;
  if (delta.changed) edited.delta = delta.json;
  if (!waits_) {
    if (delta.changed && !delta.says && reason.empty() && !counts) return;
    out.append(Render(raw, data, &choice, edited));
    ended_ = ended_ || !reason.empty();
    return;
  }
  if (!reason.empty() || counts) {
    if (delta.says) {
      edited.finish = "null";
      edited.without_usage = true;
      out.append(Render(raw, data, &choice, edited));
    }
    Edited end;
    end.delta = "{}";
    if (!reason.empty()) end.finish = "\"stop\"";
    held_end_.append(Render(raw, data, &choice, end));
  } else if (delta.says || !delta.changed) {
    out.append(Render(raw, data, &choice, edited));
  }
}

ChatSplicer::Delta ChatSplicer::ReadDelta(const json::Token& token) {
  Delta delta;
  NewMembers members;
  for (const json::Member& member : document_.Members(token)) {
    const std::string key = document_.Text(member.key).value_or("");
    const bool says = Says(document_, member.value);
    if (key == "role") {
      if (role_shown_ && continues_) members["role"] = "";
      delta.says = delta.says || (says && !role_shown_);
      role_shown_ = role_shown_ || says;
    } else if (key == "tool_calls" && member.value.type == json::Type::kArray) {
      bool changed = false;
      std::string shown = ReadCalls(member.value, changed);
      delta.says = delta.says || !shown.empty();
      if (changed) members["tool_calls"] = shown.empty() ? "" : "[" + shown + "]";
    } else if (key == "content" && member.value.type == json::Type::kString) {
      const std::string text = document_.Text(member.value).value_or("");
      text_ += text;
      text_bytes_ += static_cast<uint32_t>(text.size());
      visible_.AddText(text);
      delta.says = delta.says || says;
    } else if (says) {
      if (key != "content") Keep(key, member.value);
      delta.says = true;
    }
  }
  delta.changed = !members.empty();
  if (delta.changed) delta.json = WithMembers(document_, token, std::move(members));
  return delta;
}

void ChatSplicer::Keep(const std::string& key, const json::Token& value) {
  std::string piece;
  if (value.type == json::Type::kString) piece = "\"" + document_.Text(value).value_or("");
  if (value.type == json::Type::kArray) {
    const std::string_view raw = document_.Raw(value);
    piece = "[" + std::string(raw.substr(1, raw.size() - 2));
  }
  if (piece.empty()) return;
  const auto found = std::find_if(kept_.begin(), kept_.end(), [&](const auto& kept) { return kept.first == key; });
  if (found == kept_.end()) {
    kept_.emplace_back(key, std::move(piece));
  } else if (found->second[0] == piece[0]) {
    found->second.append(piece[0] == '[' ? "," : "").append(piece, 1);
  }
}

// Providers that send whole calls without an index give each an id.
ChatSplicer::Call& ChatSplicer::CallOf(const json::Token& element) {
  const std::string id = TextAt(document_, element, "id");
  const uint64_t next = id.empty() && !calls_.empty() ? calls_.size() - 1 : calls_.size();
  const uint64_t index = NumberAt(document_, element, "index").value_or(next);
  const auto found = by_index_.find(index);
  if (found != by_index_.end()) {
    Call& call = calls_[found->second];
    if (id.empty() || id == call.id) return call;
  }
  by_index_[index] = calls_.size();
  Call& call = calls_.emplace_back();
  call.id = id;
  const std::optional<json::Token> function = Inside(document_, element, "function");
  if (function.has_value() && TextAt(document_, *function, "name") == tool_name_) {
    call.start = document_.Raw(element);
    counts_ = withheld_ = true;
    // The provider would not take two calls of one id back.
    call.repeats = !id.empty() && !our_ids_.insert(id).second;
  } else {
    call.shown = calls_shown_++;
    visible_.AddCall(id);
    ++client_calls_;
  }
  return call;
}

std::string ChatSplicer::ReadCalls(const json::Token& list, bool& changed) {
  std::string shown;
  for (const json::Token& element : document_.Elements(list)) {
    if (element.type != json::Type::kObject) continue;
    Call& call = CallOf(element);
    if (!call.shown.has_value()) {
      changed = true;
      const std::optional<json::Token> function = Inside(document_, element, "function");
      if (function.has_value()) call.arguments += TextAt(document_, *function, "arguments");
      continue;
    }
    const std::optional<uint64_t> index = NumberAt(document_, element, "index");
    shown.append(shown.empty() ? "" : ",");
    if (!counts_ || !index.has_value() || *index == *call.shown) {
      shown.append(document_.Raw(element));
    } else {
      changed = true;
      shown.append(WithMembers(document_, element, {{"index", std::to_string(*call.shown)}}));
    }
  }
  return shown;
}

// A reply that was cut has no call to be answered.
void ChatSplicer::Finish(std::string_view reason) {
  if (reason != "tool_calls" && reason != "stop") return;
  held_.clear();
  for (const Call& call : calls_) {
    if (call.held()) held_.push_back({call.id, call.arguments});
  }
  waits_ = !held_.empty() && client_calls_ == 0;
}

std::string ChatSplicer::Render(std::string_view raw, std::string_view data, const json::Token* choice,
                                const Edited& edited) const {
  json::EditList edits(static_cast<uint32_t>(data.size()));
  const auto set = [&](const std::optional<json::Token>& token, std::string value) {
    if (token.has_value() && document_.Raw(*token) != value) (void)edits.Replace(token->span, std::move(value));
  };
  const json::Token& root = document_.root();
  if (continues_ && !id_.empty()) set(Inside(document_, root, "id"), id_);
  if (choice != nullptr && edited.delta.has_value()) set(Inside(document_, *choice, "delta"), *edited.delta);
  if (choice != nullptr && edited.finish.has_value()) set(Inside(document_, *choice, "finish_reason"), *edited.finish);
  const std::optional<json::Token> usage = Inside(document_, root, "usage");
  if (usage.has_value() && edited.without_usage) {
    set(usage, "null");
  } else if (usage.has_value() && earlier_output_ > 0) {
    for (const std::string_view key : {"completion_tokens", "total_tokens"}) {
      const std::optional<uint64_t> count = NumberAt(document_, *usage, key);
      if (count.has_value()) set(Inside(document_, *usage, key), std::to_string(*count + earlier_output_));
    }
  }
  if (edits.empty()) return std::string(raw);
  return "data: " + OneLine(edits.Splice(data)) + "\n\n";
}

// Without what counts the pieces of a stream, and with arguments that any server can read.
std::string ChatSplicer::Assembled(const Call& call) {
  const PaddedBytes bytes(call.start);
  json::Document document;
  if (!document.Parse(bytes).ok()) return call.start;
  const std::optional<json::Token> function = Inside(document, document.root(), "function");
  if (!function.has_value()) return call.start;
  std::string arguments = json::Quote(IsObject(call.arguments) ? call.arguments : "{}");
  return WithMembers(document, document.root(),
                     {{"index", ""},
                      {"type", "\"function\""},
                      {"function", WithMembers(document, *function, {{"arguments", std::move(arguments)}})}});
}

std::string ChatSplicer::Message() const {
  std::string message = R"({"role":"assistant","content":)" + (text_.empty() ? "null" : json::Quote(text_));
  for (const auto& [key, value] : kept_) {
    message.append(",").append(json::Quote(key)).append(":");
    message.append(value[0] == '[' ? value + "]" : json::Quote(std::string_view(value).substr(1)));
  }
  std::string calls;
  for (const Call& call : calls_) {
    if (call.held()) calls.append(calls.empty() ? "" : ",").append(Assembled(call));
  }
  return message.append(R"(,"tool_calls":[)").append(calls).append("]}");
}

std::string ChatSplicer::ResultOf(const HeldCall& call, std::string_view text) const {
  return R"({"role":"tool","tool_call_id":)" + json::Quote(call.id) + R"(,"content":)" + json::Quote(text) + "}";
}

std::string ChatSplicer::Turn(const std::string& results) const { return Message() + "," + results; }

void ChatSplicer::Continue(const std::string& results) {
  HiddenInsert& insert = hidden_.emplace_back();
  insert.blocks = text_bytes_;
  insert.text = static_cast<uint32_t>(visible_.squeezed_text.size());
  insert.calls = Message();
  insert.results = results;
  insert.splits = true;
  earlier_output_ += output_;
  output_ = 0;
  waits_ = false;
  continues_ = true;
  text_.clear();
  kept_.clear();
  calls_.clear();
  our_ids_.clear();
  by_index_.clear();
  held_.clear();
  held_end_.clear();
}

void ChatSplicer::AnswerLater(const std::string& results) {
  uint32_t shown = 0;
  for (const Call& call : calls_) {
    if (call.shown.has_value()) {
      ++shown;
      continue;
    }
    if (call.repeats) continue;
    HiddenInsert& insert = hidden_.emplace_back();
    insert.blocks = shown;
    insert.calls = Assembled(call);
  }
  if (!hidden_.empty()) hidden_.back().results = results;
}

void ChatSplicer::Stop(std::string& out) {
  out.append(held_end_);
  held_.clear();
  held_end_.clear();
  waits_ = false;
  ended_ = true;
}

HiddenExchange ChatSplicer::hidden() const { return {text_bytes_, 0, hidden_, visible_.TextPrint()}; }

std::string ChatSplicer::ErrorEvent(std::string_view body) const {
  constexpr std::string_view kOurs =
      R"({"error":{"message":"headroom: the reply could not be continued","type":"api_error","param":null,"code":null}})";
  return "data: " + ErrorData(body, kOurs) + "\n\n";
}

}  // namespace headroom::proxy
