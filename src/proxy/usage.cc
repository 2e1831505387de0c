#include "proxy/usage.h"

#include <utility>

namespace headroom::proxy {
namespace {

uint64_t NumberOf(const json::Document& document, const json::Token& object, std::string_view key) {
  const std::optional<json::Token> token = document.Find(object, key);
  if (!token.has_value() || token->type != json::Type::kNumber) return 0;
  uint64_t value = 0;
  for (const char c : document.Raw(*token)) {
    if (c < '0' || c > '9' || value > UINT64_MAX / 100) break;
    value = value * 10 + static_cast<uint64_t>(c - '0');
  }
  return value;
}

std::optional<json::Token> ObjectIn(const json::Document& document, const json::Token& object, std::string_view key) {
  const std::optional<json::Token> token = document.Find(object, key);
  if (!token.has_value() || token->type != json::Type::kObject) return std::nullopt;
  return token;
}

}  // namespace

UsageObserver::UsageObserver(Api api, const net::ResponseHead& head, ReplySink on_reply)
    : api_(api), on_reply_(std::move(on_reply)) {
  const std::string_view type = head.headers.Find("content-type").value_or("");
  json_ = type.starts_with("application/json");
  const bool stream = type.starts_with("text/event-stream");
  if (!json_ && !stream) return;
  Result<std::unique_ptr<net::Decoder>> decoder = net::MakeDecoder(head.headers.Find("content-encoding").value_or(""));
  if (!decoder.ok()) {
    json_ = false;
    return;
  }
  if (head.headers.Has("content-encoding")) decoder_ = *std::move(decoder);
  if (stream) {
    auto read = [this](const net::SseParser::Event& event) { ReadEvent(event.data); };
    events_.emplace(std::move(read), kMaxBodyBytes);
  }
}

void UsageObserver::Feed(std::string_view bytes) {
  if (!json_ && !events_.has_value()) return;
  if (decoder_ == nullptr) {
    Take(bytes);
    return;
  }
  std::string decoded;
  if (!decoder_->Decode(bytes, decoded).ok()) {
    json_ = false;
    events_.reset();
    return;
  }
  Take(decoded);
}

void UsageObserver::Take(std::string_view decoded) {
  if (events_.has_value()) {
    events_->Feed(decoded);
  } else if (body_.size() + decoded.size() <= kMaxBodyBytes) {
    body_.append(decoded);
  } else {
    json_ = false;
    body_.clear();
  }
}

void UsageObserver::End() {
  if (events_.has_value()) events_->End();
  if (json_ && (on_reply_ || body_.find("\"usage\"") != std::string::npos)) ReadDocument(body_);
}

// Most events are text deltas; only those that can carry usage, or an item of a
// reply to be recorded, are parsed.
void UsageObserver::ReadEvent(std::string_view data) {
  const bool item = on_reply_ && data.find("\"response.output_item.done\"") != std::string_view::npos;
  if (item || data.find("\"usage\"") != std::string_view::npos) ReadDocument(data);
}

void UsageObserver::ReadDocument(std::string_view text) {
  thread_local json::Document document;  // keeps its index buffers
  const PaddedBytes bytes(text);
  if (!document.Parse(bytes).ok() || document.root().type != json::Type::kObject) return;
  if (on_reply_) ReadReply(document);
  json::Token holder = document.root();
  for (const std::string_view inside : {"message", "response"}) {
    if (const auto object = ObjectIn(document, holder, inside); object.has_value()) holder = *object;
  }
  if (const auto usage = ObjectIn(document, holder, "usage"); usage.has_value()) ReadUsage(document, *usage);
}

// Anthropic repeats and refines its counts from message_start to
// message_delta: the last figure of each kind stands.
void UsageObserver::ReadUsage(const json::Document& document, const json::Token& usage) {
  if (!usage_.has_value()) usage_.emplace();
  const auto take = [&](std::string_view key, uint64_t& into) {
    const uint64_t value = NumberOf(document, usage, key);
    if (value > 0) into = value;
  };
  if (api_ == Api::kMessages) {
    take("input_tokens", usage_->input);
    take("cache_read_input_tokens", usage_->cache_read);
    take("cache_creation_input_tokens", usage_->cache_write);
    take("output_tokens", usage_->output);
    return;
  }
  const bool responses = api_ == Api::kResponses;
  uint64_t prompt = 0;
  take(responses ? "input_tokens" : "prompt_tokens", prompt);
  take(responses ? "output_tokens" : "completion_tokens", usage_->output);
  const auto details = ObjectIn(document, usage, responses ? "input_tokens_details" : "prompt_tokens_details");
  if (details.has_value()) usage_->cache_read = NumberOf(document, *details, "cached_tokens");
  if (prompt >= usage_->cache_read) usage_->input = prompt - usage_->cache_read;
}

void UsageObserver::AddItem(const json::Document& document, const json::Token& item) {
  if (item.type != json::Type::kObject || reply_.blocks.size() >= RequestView::kMaxBlocks) return;
  for (Block& block : ReadReplyItem(document, item)) {
    block.recorded_arguments = ArgumentsOf(document, block);
    reply_.blocks.push_back(std::move(block));
  }
}

// A stream repeats its items in the last event; some servers leave them out there.
void UsageObserver::ReadReply(const json::Document& document) {
  const json::Token& root = document.root();
  const json::Token null;
  if (document.TextIs(document.Find(root, "type").value_or(null), "response.output_item.done")) {
    if (const auto item = ObjectIn(document, root, "item"); item.has_value()) AddItem(document, *item);
    return;
  }
  const json::Token response = ObjectIn(document, root, "response").value_or(root);
  const json::Token status = document.Find(response, "status").value_or(null);
  if (!document.TextIs(status, "completed") && !document.TextIs(status, "incomplete")) return;
  const json::Token output = document.Find(response, "output").value_or(null);
  if (output.type == json::Type::kArray) {
    const std::vector<json::Token> items = document.Elements(output);
    if (!items.empty()) reply_.blocks.clear();
    for (const json::Token& item : items) AddItem(document, item);
  }
  reply_.id = document.Text(document.Find(response, "id").value_or(null)).value_or("");
  const ReplySink take = std::exchange(on_reply_, {});
  take(reply_);
}

}  // namespace headroom::proxy
