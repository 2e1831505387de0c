// ReplySplicer for the Messages API.
//
//   upstream 1   start  text(0)  ours(1)  delta:tool_use stop
//   upstream 2                                 start  text(0)  theirs(1)  delta:tool_use  stop
//   client       start  text(0)                       text(1)  theirs(2)  delta:tool_use  stop

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/block_assembler.h"
#include "proxy/reply_splicer.h"

namespace headroom::proxy {

class MessagesSplicer : public ReplySplicer {
 public:
  using ReplySplicer::ReplySplicer;

  // The assistant content of this reply, as blocks joined by commas, ours included.
  std::string Content() const;

  // Results are tool_result blocks.
  std::string ResultOf(const HeldCall& call, std::string_view text) const override;
  std::string Turn(const std::string& results) const override;
  void Continue(const std::string& results) override;
  void Stop(std::string& out) override;
  void AnswerLater(const std::string& results) override;
  HiddenExchange hidden() const override;
  std::string_view KeepAlive() const override;
  std::string ErrorEvent(std::string_view body) const override;

 private:
  struct Open {
    BlockAssembler block;
    std::string type;
    std::string id;
    size_t at = 0;                // among this reply's blocks
    std::optional<size_t> shown;  // index at the client; nothing for ours
    bool repeats = false;         // a call of ours that came before
  };

  void Event(std::string_view raw, std::string& out) override;
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

  bool started_ = false;
  std::string held_delta_;            // data of the message_delta while we wait
  std::map<uint64_t, Open> open_;     // by the reply's index
  std::vector<std::string> content_;  // finished blocks of this reply
  std::set<std::string> our_ids_;     // of this reply
};

}  // namespace headroom::proxy
