// One reply for the client out of several of the provider.
//
// The model calls our retrieval tool in the middle of a reply. The client does
// not know that tool: its calls are held back, the proxy answers them, and what
// the provider says next goes on in the same reply. All else passes at once and
// untouched as long as nothing was held back; after that only what counts or
// names the parts of a reply changes. The last reply's figures of the prompt
// stand, output tokens are added up: so a client sees how full its context is.
//
// When the model calls the client's tools in the same turn, the reply ends as
// usual and the held calls are answered with the client's results
// (hidden_exchange.h).
//
// One member per API: messages_splicer.h, chat_splicer.h, responses_splicer.h. Thread-compatible;
// one per response to the client.

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "json/document.h"
#include "net/sse_framer.h"
#include "proxy/api.h"
#include "proxy/hidden_exchange.h"
#include "proxy/reply_alias.h"

namespace headroom::proxy {

// A call of our tool that was held back.
struct HeldCall {
  std::string id;
  std::string arguments;  // raw JSON, possibly malformed
};

class ReplySplicer {
 public:
  // Of all replies together: what they say is kept until the end.
  static constexpr size_t kMaxBytes = 256u << 20;

  explicit ReplySplicer(std::string tool_name, size_t max_event_bytes = net::SseFramer::kMaxEventBytes,
                        size_t max_bytes = kMaxBytes)
      : tool_name_(std::move(tool_name)), framer_(max_event_bytes), max_bytes_(max_bytes) {}
  virtual ~ReplySplicer() = default;
  ReplySplicer(ReplySplicer&&) = default;

  // Takes bytes of the current reply, an event stream; appends what the client gets now. From an
  // event of more than max_event_bytes on, or past max_bytes, the stream passes as it comes.
  void Feed(std::string_view bytes, std::string& out);
  // The current reply has no more bytes: its last event may lack its blank line.
  void End(std::string& out);

  // So much came when something had been held back already: the reply cannot go on.
  bool broken() const { return broken_; }

  // The reply asked for our tool alone and waits for the answers of held().
  bool waits() const { return waits_; }
  const std::vector<HeldCall>& held() const { return held_; }
  // The result of one held call, as JSON.
  virtual std::string ResultOf(const HeldCall& call, std::string_view text) const = 0;
  // This reply and its results (joined by commas) as the next messages of the request, joined by commas.
  virtual std::string Turn(const std::string& results) const = 0;
  // The request that the reply goes on with: `body`, which it answers, with this turn at the end
  // of its "messages". Errors: kInvalidArgument when it has none.
  virtual Result<std::string> NextRequest(const std::string& body, const std::string& results) const;

  // The held calls were answered with `results`. The next bytes are those of the next reply.
  virtual void Continue(const std::string& results) = 0;
  // Nobody answers: the reply ends here, as if the model had stopped.
  virtual void Stop(std::string& out) = 0;
  // Calls of ours beside the client's: what answers them with the client's results.
  virtual void AnswerLater(const std::string& results) = 0;
  // True when held() is to be answered by AnswerLater.
  bool mixed() const { return ended_ && !held_.empty() && client_calls_ > 0; }

  bool ended() const { return ended_; }  // the client has the end of the reply
  // What was hidden, to be put back in later requests; empty when nothing was.
  virtual HiddenExchange hidden() const = 0;
  // Responses: what a later request may name instead of sending it.
  virtual std::optional<KeptReply> kept() const { return std::nullopt; }
  // The reply as the client holds it, by which its echo is known again.
  const VisibleMessage& visible() const { return visible_; }

  // The API's sign of life in a stream: an event or a comment that says nothing.
  virtual std::string_view KeepAlive() const { return ": keep-alive\n\n"; }
  // The event that tells the client of an error; `body` is the provider's, or anything.
  virtual std::string ErrorEvent(std::string_view body) const = 0;

 protected:
  virtual void Event(std::string_view raw, std::string& out) = 0;

  const std::string tool_name_;
  json::Document document_;
  bool withheld_ = false;  // set by members: the client's stream is not the provider's any more
  bool waits_ = false;
  bool ended_ = false;
  uint32_t client_calls_ = 0;  // in the current reply
  uint64_t earlier_output_ = 0;
  uint64_t output_ = 0;  // of the current reply
  std::vector<HeldCall> held_;
  VisibleMessage visible_;
  std::vector<HiddenInsert> hidden_;

 private:
  net::SseFramer framer_;
  const size_t max_bytes_;
  size_t taken_ = 0;
  bool broken_ = false;
};

// The same for replies in one JSON body each.
class WholeReplies {
 public:
  virtual ~WholeReplies() = default;

  // Takes the whole body of a reply. False when it has not the form of one; nothing is changed then.
  virtual bool Take(std::string_view body) = 0;
  virtual ReplySplicer& splicer() = 0;
  // The reply for the client: the last one with what all said. `stopped`: the last one's
  // calls go unanswered.
  virtual std::string Body(bool stopped) const = 0;
  // Body() is not the last reply even where none of our calls was in it.
  virtual bool changes() const { return false; }
};

// `previous`: as ResponsesSplicer takes it.
std::unique_ptr<ReplySplicer> MakeReplySplicer(Api api, std::string tool_name, std::string previous = {});
std::unique_ptr<WholeReplies> MakeWholeReplies(Api api, std::string tool_name, std::string previous = {});

}  // namespace headroom::proxy
