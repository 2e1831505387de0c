// What a response says it used, and of a Responses reply what it says, read on
// the side from its bytes: JSON or server-sent events, in any content coding we
// can decode.
//
// Thread-compatible.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "json/document.h"
#include "net/content_coding.h"
#include "net/message.h"
#include "net/sse.h"
#include "proxy/api.h"
#include "proxy/reply_ledger.h"
#include "proxy/usage.h"

namespace headroom::proxy {

class UsageObserver {
 public:
  // Takes a reply that the provider keeps, once, as soon as it is whole.
  using ReplySink = std::function<void(const ObservedReply&)>;

  // For a response with this head. A body that is neither JSON nor an event
  // stream, or in an unknown coding, is not looked at. Without `on_reply` only
  // usage is read.
  UsageObserver(Api api, const net::ResponseHead& head, ReplySink on_reply = {});

  // Takes the next body bytes, as relayed. Never fails; never keeps more than
  // kMaxBodyBytes.
  void Feed(std::string_view bytes);
  void End();

  // What was found so far; nothing if the response had no usage.
  std::optional<Usage> usage() const { return usage_; }

  // What to account for after End(): the usage found, or where there is none an
  // estimate of the output alone, by the bytes of its text. So too for a stream
  // that ended before the provider's last figures.
  Usage Accounted() const;

  // The model that the reply names; "" where it was not read.
  const std::string& model() const { return model_; }

 private:
  static constexpr size_t kMaxBodyBytes = 8 * 1024 * 1024;

  void Take(std::string_view decoded);
  void ReadEvent(std::string_view data);
  // The usage object of a reply or event.
  void ReadUsage(const json::Document& document, const json::Token& usage);
  void ReadMessagesUsage(const json::Document& document, const json::Token& usage);
  void ReadOpenAiUsage(const json::Document& document, const json::Token& usage);
  void ReadTier(const json::Document& document, const json::Token& holder);
  void ReadDocument(std::string_view text);
  // Responses: keeps an item that is done, or hands over the reply that is.
  void ReadReply(const json::Document& document);
  void AddItem(const json::Document& document, const json::Token& item);

  Api api_;
  ReplySink on_reply_;
  ObservedReply reply_;
  std::unique_ptr<net::Decoder> decoder_;
  std::optional<net::SseParser> events_;
  bool json_ = false;
  std::string body_;
  std::optional<Usage> usage_;
  bool final_ = false;         // no later event can have other figures
  uint64_t spoken_bytes_ = 0;  // of what the reply says
  std::string model_;
};

}  // namespace headroom::proxy
