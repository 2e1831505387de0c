// ReplySplicer for the Responses API.
//
//   upstream resp_1   created  message(0)  ours(1)  completed
//   upstream resp_2                                 created  message(0)  theirs(1)  completed
//   client   resp_1   created  message(0)                    message(1)  theirs(2)  completed [0, 1, 2]
//
// Events of our call are held back; after that only output_index and
// sequence_number are counted anew. The events that hold the response object say
// the first reply's id, what the client saw as output, and no tool of ours among
// "tools", which the provider repeats there.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/reply_splicer.h"
#include "proxy/response_object.h"

namespace headroom::proxy {

class ResponsesSplicer : public ReplySplicer {
 public:
  // `previous`: the id by which the client named the reply before, raw JSON; "" where it is the provider's.
  explicit ResponsesSplicer(std::string tool_name, std::string previous = {})
      : ReplySplicer(std::move(tool_name)), previous_(std::move(previous)) {}

  std::string ResultOf(const HeldCall& call, std::string_view text) const override;
  std::string Turn(const std::string& results) const override;
  Result<std::string> NextRequest(const std::string& body, const std::string& results) const override;
  void Continue(const std::string& results) override;
  void Stop(std::string& out) override;
  void AnswerLater(const std::string& results) override;
  HiddenExchange hidden() const override;
  std::optional<KeptReply> kept() const override;
  std::string ErrorEvent(std::string_view body) const override;

  // How the last response is shown now.
  ShownResponse Shown() const;

 private:
  // Of the current reply's output.
  struct Item {
    std::string json;       // as done, else as it began
    std::string arguments;  // of our call, in pieces
    bool ours = false;
    bool done = false;
    uint64_t shown = 0;  // output_index at the client
  };

  void Event(std::string_view raw, std::string& out) override;
  void ItemEvent(std::string_view raw, std::string_view data, bool done, std::string& out);
  void InItem(std::string_view raw, std::string_view data, std::string& out);
  void ResponseEvent(std::string_view raw, std::string_view data, std::string_view type, std::string& out);
  // The reply is whole: its items are what the client holds and what we hold back.
  void Finish(const json::Token& response, std::string_view status);
  void TakeItem(const Item& item);
  void Show(std::string_view raw, std::string_view data, json::EditList& edits, std::string& out);
  void ShowIn(const Item& item, std::string_view raw, std::string_view data, std::string& out);
  Item& ItemAt(uint64_t index, const json::Token& item);
  // Our call as it goes back: with arguments that any server can read.
  static std::string Assembled(const Item& item);
  HiddenInsert& InsertHere();
  bool ProviderKeeps(const json::Document& request) const;

  std::string previous_;
  std::string id_;                // raw, of the first reply
  std::vector<std::string> ids_;  // of all replies so far
  std::vector<std::string> shown_items_;
  std::vector<std::string> our_calls_;
  SaidTokens earlier_;
  bool continues_ = false;  // this is not the first reply
  uint64_t next_index_ = 0;
  uint64_t next_sequence_ = 0;
  std::string results_;  // to come with the next request
  // Of the current reply:
  std::map<uint64_t, Item> items_;  // by the provider's index
  std::vector<std::string> turn_;   // items as they go back
  size_t first_shown_ = 0;          // of shown_items_
  SaidTokens tokens_;
  std::optional<bool> stored_;  // as the provider says
  std::string held_end_;        // data of the last event while we wait
  std::string last_response_;   // raw
};

}  // namespace headroom::proxy
