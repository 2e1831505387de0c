// WholeReplies for the Responses API. Thread-compatible.

#pragma once

#include <string>
#include <string_view>

#include "proxy/reply_splicer.h"
#include "proxy/responses_splicer.h"

namespace headroom::proxy {

class ResponsesReplies : public WholeReplies {
 public:
  ResponsesReplies(std::string tool_name, std::string previous) : splicer_(std::move(tool_name), std::move(previous)) {}

  bool Take(std::string_view body) override;
  ReplySplicer& splicer() override { return splicer_; }
  std::string Body(bool stopped) const override;
  // Every reply repeats the tools.
  bool changes() const override { return true; }

 private:
  ResponsesSplicer splicer_;
  std::string last_;
};

}  // namespace headroom::proxy
