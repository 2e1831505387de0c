#include <map>
#include <string>

#include "json/document.h"
#include "net/content_coding.h"
#include "net/sse.h"
#include "proxy/cacheable.h"
#include "proxy/reply_json.h"

namespace headroom::proxy {
namespace {

constexpr size_t kMaxDecodedBytes = 32u << 20;

bool IsAny(std::string_view value, std::initializer_list<std::string_view> of) {
  for (const std::string_view one : of) {
    if (value == one) return true;
  }
  return false;
}

bool SaysAny(const json::Document& document, const json::Token& object, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    const std::optional<json::Token> value = Inside(document, object, name);
    if (value.has_value() && Says(document, *value)) return true;
  }
  return false;
}

// Every element is an object that `holds`, and there is one at least.
template <typename Holds>
bool AllOf(const json::Document& document, const std::optional<json::Token>& array, Holds&& holds) {
  if (!array.has_value() || array->type != json::Type::kArray) return false;
  const std::vector<json::Token> elements = document.Elements(*array);
  for (const json::Token& element : elements) {
    if (element.type != json::Type::kObject || !holds(element)) return false;
  }
  return !elements.empty();
}

// Messages: a block of text without citations, or thinking.
bool IsPlainBlock(const json::Document& document, const json::Token& block) {
  return IsAny(TextAt(document, block, "type"), {"text", "thinking", "redacted_thinking"}) &&
         !SaysAny(document, block, {"citations"});
}

bool EndsMessage(std::string_view stop_reason) {
  return IsAny(stop_reason, {"end_turn", "max_tokens", "stop_sequence"});
}

// Chat: what a message, or a piece of one, must not have.
bool IsPlainMessage(const json::Document& document, const json::Token& message) {
  return !SaysAny(document, message, {"tool_calls", "function_call", "audio", "annotations", "refusal"});
}

bool EndsChoice(std::string_view finish_reason) { return IsAny(finish_reason, {"stop", "length"}); }

bool MessageMayBeKept(const json::Document& document) {
  const json::Token& root = document.root();
  return TextAt(document, root, "type") == "message" && EndsMessage(TextAt(document, root, "stop_reason")) &&
         !SaysAny(document, root, {"container", "input_transformations"}) &&
         AllOf(document, Inside(document, root, "content"),
               [&](const json::Token& block) { return IsPlainBlock(document, block); });
}

bool CompletionMayBeKept(const json::Document& document) {
  const json::Token& root = document.root();
  return !SaysAny(document, root, {"error"}) &&
         AllOf(document, Inside(document, root, "choices"), [&](const json::Token& choice) {
           const std::optional<json::Token> message = Inside(document, choice, "message");
           return message.has_value() && IsPlainMessage(document, *message) &&
                  EndsChoice(TextAt(document, choice, "finish_reason"));
         });
}

bool IsPlainItem(const json::Document& document, const json::Token& item) {
  const std::string type = TextAt(document, item, "type");
  if (type == "reasoning") return true;
  return type == "message" && AllOf(document, Inside(document, item, "content"), [&](const json::Token& part) {
           return TextAt(document, part, "type") == "output_text" && !SaysAny(document, part, {"annotations"});
         });
}

bool ResponseMayBeKept(const json::Document& document, const json::Token& response) {
  const std::string status = TextAt(document, response, "status");
  const std::optional<json::Token> details = Inside(document, response, "incomplete_details");
  const bool at_limit =
      status == "incomplete" && details.has_value() && TextAt(document, *details, "reason") == "max_output_tokens";
  return (status == "completed" || at_limit) && !SaysAny(document, response, {"error"}) &&
         AllOf(document, Inside(document, response, "output"),
               [&](const json::Token& item) { return IsPlainItem(document, item); });
}

// Reads the events of a stream until one says that it is not to be kept.
class StreamReader {
 public:
  explicit StreamReader(Api api) : api_(api) {}

  bool MayBeKept(std::string_view body) {
    net::SseParser events([this](const net::SseParser::Event& event) { Take(event); });
    events.Feed(body);
    events.End();
    return plain_ && ended_ && events.dropped_events() == 0;
  }

 private:
  void Take(const net::SseParser::Event& event) {
    if (!plain_) return;
    if (api_ == Api::kChat && event.data == "[DONE]") {
      ended_ = !open_.empty();
      for (const auto& [index, open] : open_) ended_ = ended_ && !open;
      return;
    }
    const PaddedBytes bytes(event.data);
    const bool read = document_.Parse(bytes).ok() && document_.root().type == json::Type::kObject;
    // Nothing comes behind the end.
    plain_ = read && !ended_ && event.name != "error" &&
             (api_ == Api::kMessages ? TakeMessages()
              : api_ == Api::kChat   ? TakeChat()
                                     : TakeResponses());
  }

  bool TakeMessages() {
    const json::Token& root = document_.root();
    const std::string type = TextAt(document_, root, "type");
    if (type == "content_block_start") {
      const std::optional<json::Token> block = Inside(document_, root, "content_block");
      return block.has_value() && IsPlainBlock(document_, *block);
    }
    const std::optional<json::Token> delta = Inside(document_, root, "delta");
    if (type == "content_block_delta") {
      return delta.has_value() &&
             IsAny(TextAt(document_, *delta, "type"), {"text_delta", "thinking_delta", "signature_delta"});
    }
    if (type == "message_delta") {
      stopped_ = delta.has_value() && EndsMessage(TextAt(document_, *delta, "stop_reason")) &&
                 !SaysAny(document_, *delta, {"container"});
      return stopped_;
    }
    if (type == "message_stop") return ended_ = stopped_;
    return IsAny(type, {"message_start", "content_block_stop", "ping"});
  }

  bool TakeChat() {
    const json::Token& root = document_.root();
    const std::optional<json::Token> choices = Inside(document_, root, "choices");
    if (SaysAny(document_, root, {"error"}) || !choices.has_value() || choices->type != json::Type::kArray)
      return false;
    for (const json::Token& choice : document_.Elements(*choices)) {
      const std::optional<json::Token> delta = Inside(document_, choice, "delta");
      if (delta.has_value() && !IsPlainMessage(document_, *delta)) return false;
      bool& open = open_[NumberAt(document_, choice, "index").value_or(0)];
      const std::string reason = TextAt(document_, choice, "finish_reason");
      if (!reason.empty() && !EndsChoice(reason)) return false;
      open = reason.empty();
    }
    return true;
  }

  bool TakeResponses() {
    const json::Token& root = document_.root();
    const std::string type = TextAt(document_, root, "type");
    if (IsAny(type, {"error", "response.failed"})) return false;
    if (!IsAny(type, {"response.completed", "response.incomplete"})) return type.starts_with("response.");
    const std::optional<json::Token> response = Inside(document_, root, "response");
    return ended_ = response.has_value() && ResponseMayBeKept(document_, *response);
  }

  const Api api_;
  json::Document document_;
  std::map<uint64_t, bool> open_;  // Chat: choices without a finish reason yet
  bool plain_ = true;
  bool stopped_ = false;
  bool ended_ = false;
};

bool WholeMayBeKept(Api api, const PaddedBytes& body) {
  json::Document document;
  if (!document.Parse(body).ok() || document.root().type != json::Type::kObject) return false;
  if (api == Api::kMessages) return MessageMayBeKept(document);
  return api == Api::kChat ? CompletionMayBeKept(document) : ResponseMayBeKept(document, document.root());
}

}  // namespace

bool MayBeKept(Api api, const net::ResponseHead& head, std::string_view body) {
  const Result<PaddedBytes> plain =
      net::DecodeBody(head.headers.Find("content-encoding").value_or(""), body, kMaxDecodedBytes);
  if (!plain.ok()) return false;
  if (MayBeKept(head, false)) return WholeMayBeKept(api, *plain);
  return MayBeKept(head, true) && StreamReader(api).MayBeKept(plain->view());
}

}  // namespace headroom::proxy
