// WholeReplies for the Messages API. Thread-compatible.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "proxy/messages_splicer.h"

namespace headroom::proxy {

class MessagesReplies : public WholeReplies {
 public:
  explicit MessagesReplies(std::string tool_name) : tool_name_(tool_name), splicer_(std::move(tool_name)) {}

  bool Take(std::string_view body) override;
  ReplySplicer& splicer() override { return splicer_; }
  std::string Body(bool stopped) const override;

 private:
  const std::string tool_name_;
  MessagesSplicer splicer_;
  std::string last_;
  std::string id_;  // raw, of the first reply
  std::vector<std::string> shown_;
  uint64_t earlier_output_ = 0;
  uint64_t output_ = 0;
};

}  // namespace headroom::proxy
