#include "proxy/reply_splicer.h"

#include "proxy/chat_replies.h"
#include "proxy/chat_splicer.h"
#include "proxy/messages_replies.h"
#include "proxy/messages_splicer.h"

namespace headroom::proxy {

void ReplySplicer::Feed(std::string_view bytes, std::string& out) {
  framer_.Feed(bytes, [&](std::string_view raw) { Event(raw, out); });
}

void ReplySplicer::End(std::string& out) {
  if (!framer_.rest().empty()) Feed("\n\n", out);
}

std::unique_ptr<ReplySplicer> MakeReplySplicer(Api api, std::string tool_name) {
  if (api == Api::kChat) return std::make_unique<ChatSplicer>(std::move(tool_name));
  return std::make_unique<MessagesSplicer>(std::move(tool_name));
}

std::unique_ptr<WholeReplies> MakeWholeReplies(Api api, std::string tool_name) {
  if (api == Api::kChat) return std::make_unique<ChatReplies>(std::move(tool_name));
  return std::make_unique<MessagesReplies>(std::move(tool_name));
}

}  // namespace headroom::proxy
