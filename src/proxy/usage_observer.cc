#include "proxy/usage_observer.h"

#include <algorithm>
#include <array>
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

// Members whose strings are what a model said, in any of the APIs' replies and events.
constexpr std::array<std::string_view, 8> kSpoken = {"content",      "reasoning_content", "arguments", "text",
                                                     "partial_json", "thinking",          "delta",     "refusal"};
constexpr uint64_t kBytesPerToken = 4;
constexpr size_t kMaxReplyModelBytes = 256;

// Bytes of the strings of such members, as they are spelled.
uint64_t SpokenBytes(std::string_view data) {
  constexpr std::string_view kBetween = "\":";
  uint64_t bytes = 0;
  for (size_t at = data.find(kBetween); at != std::string_view::npos; at = data.find(kBetween, at)) {
    const size_t key = at == 0 ? std::string_view::npos : data.rfind('"', at - 1);
    at += kBetween.size();
    if (at < data.size() && data[at] == ' ') ++at;
    if (key == std::string_view::npos || at >= data.size() || data[at] != '"') continue;
    const size_t key_end = data.find('"', key + 1);
    const size_t begin = ++at;
    while (at < data.size() && data[at] != '"') at += data[at] == '\\' ? 2 : 1;
    at = std::min(at, data.size());
    const std::string_view name = data.substr(key + 1, key_end - key - 1);
    if (std::find(kSpoken.begin(), kSpoken.end(), name) != kSpoken.end()) bytes += at - begin;
  }
  return bytes;
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
  if (!json_) return;
  const bool has_usage = body_.find("\"usage\"") != std::string::npos;
  if (on_reply_ || has_usage) ReadDocument(body_);
  final_ = usage_.has_value();
  if (!final_) spoken_bytes_ = SpokenBytes(body_);
}

Usage UsageObserver::Accounted() const {
  if (final_) return *usage_;
  Usage usage = usage_.value_or(Usage());
  const uint64_t spoken = (spoken_bytes_ + kBytesPerToken - 1) / kBytesPerToken;
  usage.estimated = true;
  usage.output = std::max(usage.output, spoken);
  return usage;
}

// Most events are text deltas; only those that can carry usage, or an item of a
// reply to be recorded, are parsed.
void UsageObserver::ReadEvent(std::string_view data) {
  const bool item = on_reply_ && data.find("\"response.output_item.done\"") != std::string_view::npos;
  const bool usage = data.find("\"usage\"") != std::string_view::npos;
  if (item || usage) ReadDocument(data);
  if (!usage) spoken_bytes_ += SpokenBytes(data);
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
  const auto usage = ObjectIn(document, holder, "usage");
  if (!usage.has_value()) return;
  ReadUsage(document, *usage);
  ReadTier(document, holder);
  if (const auto model = document.Find(holder, "model"); model.has_value() && model_.empty()) {
    model_ = document.Text(*model).value_or("").substr(0, kMaxReplyModelBytes);
  }
  // Anthropic's first event has figures that its last ones refine.
  final_ = final_ || !document.TextIs(document.Find(document.root(), "type").value_or(json::Token()), "message_start");
}

void UsageObserver::ReadUsage(const json::Document& document, const json::Token& usage) {
  if (!usage_.has_value()) usage_.emplace();
  api_ == Api::kMessages ? ReadMessagesUsage(document, usage) : ReadOpenAiUsage(document, usage);
}

// Anthropic repeats and refines its counts from message_start to
// message_delta: the last figure of each kind stands.
void UsageObserver::ReadMessagesUsage(const json::Document& document, const json::Token& usage) {
  const auto take = [&](const json::Token& object, std::string_view key, uint64_t& into) {
    const uint64_t value = NumberOf(document, object, key);
    if (value > 0) into = value;
  };
  take(usage, "input_tokens", usage_->input);
  take(usage, "cache_read_input_tokens", usage_->cache_read);
  take(usage, "output_tokens", usage_->output);
  uint64_t written = usage_->written();
  take(usage, "cache_creation_input_tokens", written);
  if (const auto details = ObjectIn(document, usage, "cache_creation"); details.has_value()) {
    take(*details, "ephemeral_1h_input_tokens", usage_->cache_write_1h);
  }
  usage_->cache_write = written - std::min(written, usage_->cache_write_1h);
  ReadTier(document, usage);
}

void UsageObserver::ReadOpenAiUsage(const json::Document& document, const json::Token& usage) {
  // Embeddings and the older completions name them as chat does.
  const bool responses = document.Find(usage, "input_tokens").has_value();
  const uint64_t prompt = NumberOf(document, usage, responses ? "input_tokens" : "prompt_tokens");
  const uint64_t output = NumberOf(document, usage, responses ? "output_tokens" : "completion_tokens");
  if (prompt == 0 && output == 0) return;
  Usage found;
  found.output = output;
  if (const auto details = ObjectIn(document, usage, responses ? "input_tokens_details" : "prompt_tokens_details")) {
    found.cache_read = std::min(prompt, NumberOf(document, *details, "cached_tokens"));
    found.cache_write = std::min(prompt - found.cache_read, NumberOf(document, *details, "cache_write_tokens"));
    found.audio_input = NumberOf(document, *details, "audio_tokens");
  }
  if (const auto details =
          ObjectIn(document, usage, responses ? "output_tokens_details" : "completion_tokens_details")) {
    found.reasoning = NumberOf(document, *details, "reasoning_tokens");
    found.audio_output = NumberOf(document, *details, "audio_tokens");
  }
  found.input = prompt - found.cache_read - found.cache_write;
  found.tier = usage_->tier;
  usage_ = found;
}

// Anthropic says it in its usage, OpenAI beside it.
void UsageObserver::ReadTier(const json::Document& document, const json::Token& holder) {
  const std::optional<json::Token> tier = document.Find(holder, "service_tier");
  if (!tier.has_value() || !usage_.has_value()) return;
  for (const ServiceTier known : {ServiceTier::kBatch, ServiceTier::kFlex, ServiceTier::kPriority}) {
    if (document.TextIs(*tier, ServiceTierName(known))) usage_->tier = known;
  }
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
