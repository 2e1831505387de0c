// ReplySplicer for the Chat Completions API.
//
//   upstream 1   role  content  call 0 ours  finish:tool_calls  usage  [DONE]
//   upstream 2   role  content  call 0 theirs  finish:tool_calls  usage  [DONE]
//   client       role  content                content  call 0 theirs  finish:tool_calls  usage  [DONE]
//
// The contents of both are one string for the client. Our call may share its
// chunk with the role, a text or the finish, as providers please; a chunk that
// says nothing any more is left out. All chunks have the first reply's id.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "proxy/reply_splicer.h"

namespace headroom::proxy {

class ChatSplicer : public ReplySplicer {
 public:
  using ReplySplicer::ReplySplicer;

  std::string ResultOf(const HeldCall& call, std::string_view text) const override;
  std::string Turn(const std::string& results) const override;
  void Continue(const std::string& results) override;
  void Stop(std::string& out) override;
  void AnswerLater(const std::string& results) override;
  HiddenExchange hidden() const override;
  std::string ErrorEvent(std::string_view body) const override;

  uint64_t earlier_output() const { return earlier_output_; }

 private:
  struct Call {
    std::string id;
    std::string start;            // ours: the raw element that began it
    std::string arguments;        // ours
    std::optional<size_t> shown;  // index at the client; nothing for ours
    bool repeats = false;         // ours, and its id came before

    bool held() const { return !shown.has_value() && !repeats; }
  };
  // A delta as the client gets it.
  struct Delta {
    std::string json;
    bool changed = false;
    bool says = false;  // there is something in it
  };
  // What of a chunk is to be other than it came.
  struct Edited {
    std::optional<std::string> delta;
    std::optional<std::string> finish;
    bool without_usage = false;
  };

  void Event(std::string_view raw, std::string& out) override;
  void Choice(std::string_view raw, std::string_view data, const json::Token& choice, std::string& out);
  Delta ReadDelta(const json::Token& delta);
  // The elements of "tool_calls" that the client gets, joined by commas.
  std::string ReadCalls(const json::Token& list, bool& changed);
  Call& CallOf(const json::Token& element);
  // A member that is neither role, text nor calls, kept for the turn.
  void Keep(const std::string& key, const json::Token& value);
  void Finish(std::string_view reason);
  // The event, the same bytes where nothing is to be changed.
  std::string Render(std::string_view raw, std::string_view data, const json::Token* choice,
                     const Edited& edited) const;
  // The assistant message of this reply with our calls.
  std::string Message() const;
  static std::string Assembled(const Call& call);

  std::string id_;  // raw, of the first reply
  bool role_shown_ = false;
  bool continues_ = false;  // this is not the first reply
  bool counts_ = false;     // something was held back: the client's calls have other indexes
  size_t calls_shown_ = 0;
  uint32_t text_bytes_ = 0;  // shown, of all replies
  // Of the current reply:
  std::string text_;
  std::vector<std::pair<std::string, std::string>> kept_;  // members by name: "text, or [elements
  std::vector<Call> calls_;
  std::set<std::string> our_ids_;
  std::map<uint64_t, size_t> by_index_;  // the provider's index ─► calls_
  std::string held_end_;                 // what Stop() says
};

}  // namespace headroom::proxy
