// The response to a request whose model has our tool: its calls are answered by
// the proxy, and what follows goes into the same reply to the client.
//
//   upstream ─► splicer ─► client
//                  │ our tool was called
//                  ▼
//   the request + the reply so far + the answers ─► upstream, up to kMaxRounds times
//
// Lives in one coroutine on one I/O thread.

#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "net/client.h"
#include "net/server.h"
#include "proxy/api.h"
#include "proxy/keep_alive_writer.h"
#include "proxy/relay.h"
#include "proxy/reply_splicer.h"
#include "proxy/usage_observer.h"

namespace headroom::proxy {

// What is known of the room for answers when a reply asks for them.
struct AnswerRoom {
  uint64_t context_tokens = 0;  // prompt and output of that reply as the provider counted them; 0: not said
  bool brief = false;           // the provider took no longer ones
  bool again = false;           // the same calls as the last time
};

class Answering {
 public:
  // After so many rounds the model is told to go on without; one more call ends the message.
  static constexpr int kMaxRounds = 5;
  static constexpr size_t kMaxReplyBytes = 32u << 20;

  using Response = std::unique_ptr<net::UpstreamResponse>;
  struct Options {
    Api api = Api::kMessages;
    net::Exchange& exchange;
    ResponseMarks marks;
    std::string body;        // as it went upstream
    std::string previous{};  // as MakeReplySplicer takes it
    bool streams = false;    // the request asks for events: what is not said to be JSON is taken for them
    // Sends the request again with another body.
    std::function<net::Awaitable<Result<Response>>(const std::string& body)> fetch;
    // Texts for calls, in their order; may take some time.
    std::function<net::Awaitable<std::vector<std::string>>(const std::vector<HeldCall>& calls, AnswerRoom room)> answer;
    // Files what was shown and hidden, before the client has the end of the reply.
    std::function<void(const ReplySplicer& splicer)> record;
    // A stream that waits for the provider to go on is silent no longer than this.
    std::chrono::milliseconds keep_alive{10'000};
  };

  explicit Answering(Options options) : options_(std::move(options)), writer_(options_.exchange, options_.keep_alive) {}

  // Relays `first`, a 2xx response in JSON or events, to its end. Errors as Relay.
  net::Awaitable<Status> Run(net::UpstreamResponse& first);

  // Of each reply that began, in their order, as UsageObserver::Accounted.
  const std::vector<Usage>& replies() const { return replies_; }
  int rounds() const { return rounds_; }
  // The provider refused the answers and was asked again with short ones.
  bool shortened() const { return shortened_; }

 private:
  net::Awaitable<Status> Stream(net::UpstreamResponse& first);
  // What Stream writes after the head.
  net::Awaitable<Status> StreamAll(ReplySplicer& splicer, net::UpstreamResponse& first);
  net::Awaitable<Status> StreamOne(ReplySplicer& splicer, net::UpstreamResponse& response);
  net::Awaitable<Status> Whole(net::UpstreamResponse& first);
  // A reply of one body that cannot be read: `read` of it as it came, and the rest behind it.
  net::Awaitable<Status> PassOn(net::UpstreamResponse& response, std::string_view read);
  // The bytes as they come; more than kMaxReplyBytes where that was not all.
  net::Awaitable<Result<std::string>> ReadAll(net::UpstreamResponse& response);
  // In no coding. Errors: kResourceExhausted past kMaxReplyBytes.
  static Result<std::string> Decoded(const net::ResponseHead& head, std::string body);
  net::Awaitable<Result<std::string>> ReadDecoded(net::UpstreamResponse& response);
  // The results for the held calls, joined by commas.
  net::Awaitable<std::string> Results(const ReplySplicer& splicer);
  // Asks the next reply; the request grows by this one and its answers. Where they make the
  // prompt too long, once more with short ones.
  net::Awaitable<Result<Response>> GoOn(ReplySplicer& splicer);
  net::Awaitable<Result<Response>> Ask(ReplySplicer& splicer, const std::string& results);
  net::Awaitable<Status> EndInError(const ReplySplicer& splicer, net::UpstreamResponse* response);
  // Once the reply has its end, files what was hidden: before the client can ask again.
  net::Awaitable<void> Settle(ReplySplicer& splicer);
  void Add(const UsageObserver& observer);
  // Notes how full the current reply leaves the context.
  void Weigh(const UsageObserver& observer);

  Options options_;
  KeepAliveWriter writer_;
  std::vector<Usage> replies_;
  AnswerRoom room_;
  int rounds_ = 0;
  bool shortened_ = false;
  bool settled_ = false;
};

}  // namespace headroom::proxy
