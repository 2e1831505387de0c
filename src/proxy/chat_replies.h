// WholeReplies for the Chat Completions API. Thread-compatible.

#pragma once

#include <string>
#include <string_view>

#include "proxy/chat_splicer.h"
#include "proxy/reply_splicer.h"

namespace headroom::proxy {

class ChatReplies : public WholeReplies {
 public:
  explicit ChatReplies(std::string tool_name) : tool_name_(tool_name), splicer_(std::move(tool_name)) {}

  bool Take(std::string_view body) override;
  ReplySplicer& splicer() override { return splicer_; }
  std::string Body(bool stopped) const override;

 private:
  const std::string tool_name_;
  ChatSplicer splicer_;
  std::string last_;
  std::string id_;    // raw, of the first reply
  std::string text_;  // of all replies
};

}  // namespace headroom::proxy
