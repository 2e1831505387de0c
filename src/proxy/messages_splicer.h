// One message for the client out of several replies of the provider.
//
// The model calls our retrieval tool in the middle of a reply. The client does
// not know that tool: its blocks are held back, the proxy answers the call, and
// the next reply goes on in the same message:
//
//   upstream 1   start  text(0)  ours(1)  delta:tool_use stop
//   upstream 2                                 start  text(0)  theirs(1)  delta:tool_use  stop
//   client       start  text(0)                       text(1)  theirs(2)  delta:tool_use  stop
//
// All other events pass at once, untouched while nothing was held back; after
// that only their index changes. The last reply's figures of the prompt stand,
// output tokens are added up: so a client sees how full its context is.
//
// When the model calls the client's tools in the same turn, the message ends
// as usual and the held calls are answered with the client's results
// (hidden_exchange.h). Thread-compatible; one per response to the client.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "json/document.h"
#include "net/sse_framer.h"
#include "proxy/block_assembler.h"
#include "proxy/hidden_exchange.h"

namespace headroom::proxy {

// A call of our tool that was held back.
struct HeldCall {
  std::string id;
  std::string arguments;  // raw JSON, possibly malformed
};

class MessagesSplicer {
 public:
  explicit MessagesSplicer(std::string tool_name) : tool_name_(std::move(tool_name)) {}

  // Takes bytes of the current reply; appends what the client gets now.
  void Feed(std::string_view bytes, std::string& out);

  // The reply asked for our tool alone and waits for the answers of held().
  bool waits() const { return waits_; }
  const std::vector<HeldCall>& held() const { return held_; }
  // The assistant content of this reply, as blocks joined by commas, ours included.
  std::string Content() const;

  // The held calls were answered: `results` are tool_result blocks joined by commas.
  // The next bytes are those of the next reply.
  void Continue(const std::string& results);
  // Nobody answers: the message ends here, as if the model had stopped.
  void Stop(std::string& out);
  // Calls of ours beside the client's: what answers them with the client's results.
  void AnswerLater(const std::string& results);
  // True when held() is to be answered by AnswerLater.
  bool mixed() const { return ended_ && !held_.empty() && client_calls_; }

  bool ended() const { return ended_; }  // message_stop went to the client
  // What was hidden, to be put back in later requests; empty when nothing was.
  HiddenExchange hidden() const;
  // Content as the client holds it, by which its echo is known again.
  const VisibleMessage& visible() const { return visible_; }

 private:
  struct Open {
    BlockAssembler block;
    std::string type;
    std::string id;
    size_t at = 0;                // among this reply's blocks
    std::optional<size_t> shown;  // index at the client; nothing for ours
  };

  void Event(std::string_view raw, std::string& out);
  void StartMessage(std::string_view raw, std::string& out);
  void StartBlock(std::string_view raw, std::string_view data, std::string& out);
  void InBlock(std::string_view raw, std::string_view data, bool stops, std::string& out);
  void EndMessage(std::string_view raw, std::string_view data, std::string& out);
  void StopMessage(std::string_view raw, std::string& out);
  // Appends the event with the index that the client counts.
  void AppendShown(std::string_view raw, std::string_view data, const json::Token& index, size_t shown,
                   std::string& out) const;
  void Close(Open& open);
  HiddenInsert& InsertHere();

  const std::string tool_name_;
  net::SseFramer framer_;
  json::Document document_;

  bool started_ = false;
  bool waits_ = false;
  bool ended_ = false;
  bool client_calls_ = false;  // in this reply
  uint64_t earlier_output_ = 0;
  uint64_t output_ = 0;               // of this reply
  std::string held_delta_;            // data of the message_delta while we wait
  std::map<uint64_t, Open> open_;     // by the reply's index
  std::vector<std::string> content_;  // finished blocks of this reply
  std::vector<HeldCall> held_;
  VisibleMessage visible_;
  std::vector<HiddenInsert> hidden_;
};

}  // namespace headroom::proxy
