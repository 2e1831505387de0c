// One JSON message for the client out of several replies of the provider: what
// MessagesSplicer does for streams. Thread-compatible.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "proxy/messages_splicer.h"

namespace headroom::proxy {

class MessagesReplies {
 public:
  explicit MessagesReplies(std::string tool_name) : tool_name_(tool_name), splicer_(std::move(tool_name)) {}

  // Takes the whole body of a reply. False when it is no message; nothing is changed then.
  bool Take(std::string_view body);

  MessagesSplicer& splicer() { return splicer_; }

  // The message for the client: the last reply's, with the blocks of all. `stopped`: the
  // last reply's calls go unanswered.
  std::string Body(bool stopped) const;

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
