#include "proxy/responses_replies.h"

#include "base/bytes.h"
#include "json/edits.h"
#include "proxy/reply_json.h"

namespace headroom::proxy {

// A whole reply is a stream of its last event.
bool ResponsesReplies::Take(std::string_view body) {
  const PaddedBytes bytes(body);
  json::Document document;
  if (!document.Parse(bytes).ok()) return false;
  const std::string status = TextAt(document, document.root(), "status");
  const std::optional<json::Token> output = Inside(document, document.root(), "output");
  if (status != "completed" && status != "incomplete" && status != "failed") return false;
  if (!output.has_value() || output->type != json::Type::kArray) return false;
  std::string nothing;
  splicer_.Feed(R"(data: {"type":"response.)" + status + R"(","response":)" + OneLine(body) + "}\n\n", nothing);
  last_ = body;
  return true;
}

std::string ResponsesReplies::Body(bool /*stopped*/) const {
  const PaddedBytes bytes(last_);
  json::Document document;
  if (!document.Parse(bytes).ok()) return last_;
  json::EditList edits(static_cast<uint32_t>(last_.size()));
  return EditResponse(document, document.root(), splicer_.Shown(), edits).ok() ? edits.Splice(last_) : last_;
}

}  // namespace headroom::proxy
