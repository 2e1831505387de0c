#include "proxy/reply_splicer.h"

#include "base/bytes.h"
#include "json/edits.h"
#include "proxy/chat_replies.h"
#include "proxy/chat_splicer.h"
#include "proxy/messages_replies.h"
#include "proxy/messages_splicer.h"
#include "proxy/responses_replies.h"
#include "proxy/responses_splicer.h"

namespace headroom::proxy {

void ReplySplicer::Feed(std::string_view bytes, std::string& out) {
  if (broken_) return;
  const bool full = bytes.size() > max_bytes_ - taken_;
  taken_ = full ? max_bytes_ : taken_ + bytes.size();
  if (!full) framer_.Feed(bytes, [&](std::string_view raw) { Event(raw, out); });
  if (!full && !framer_.overflowed()) return;
  broken_ = withheld_;
  if (!broken_) out.append(framer_.rest()).append(full ? bytes : "");
  framer_.DropRest();
}

void ReplySplicer::End(std::string& out) {
  if (!framer_.rest().empty()) Feed("\n\n", out);
}

Result<std::string> ReplySplicer::NextRequest(const std::string& body, const std::string& results) const {
  const PaddedBytes bytes(body);
  json::Document document;
  if (Status status = document.Parse(bytes); !status.ok()) return status;
  std::optional<json::Token> messages;
  if (document.root().type == json::Type::kObject) messages = document.Find(document.root(), "messages");
  if (!messages.has_value() || messages->type != json::Type::kArray) {
    return Status(Code::kInvalidArgument, "no list of messages");
  }
  json::EditList edits(static_cast<uint32_t>(body.size()));
  const uint32_t end = messages->span.end - 1;
  if (Status status = edits.Replace({end, end}, "," + Turn(results)); !status.ok()) return status;
  return edits.Splice(body);
}

std::unique_ptr<ReplySplicer> MakeReplySplicer(Api api, std::string tool_name, std::string previous) {
  if (api == Api::kResponses) {
    return std::make_unique<ResponsesSplicer>(std::move(tool_name), std::move(previous));
  }
  if (api == Api::kChat) return std::make_unique<ChatSplicer>(std::move(tool_name));
  return std::make_unique<MessagesSplicer>(std::move(tool_name));
}

std::unique_ptr<WholeReplies> MakeWholeReplies(Api api, std::string tool_name, std::string previous) {
  if (api == Api::kResponses) {
    return std::make_unique<ResponsesReplies>(std::move(tool_name), std::move(previous));
  }
  if (api == Api::kChat) return std::make_unique<ChatReplies>(std::move(tool_name));
  return std::make_unique<MessagesReplies>(std::move(tool_name));
}

}  // namespace headroom::proxy
