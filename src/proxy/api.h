// The provider APIs whose bodies we read, and errors in the shape their
// clients parse. The only place that renders an error of ours.

#pragma once

#include <string>
#include <string_view>

#include "base/status.h"
#include "net/message.h"

namespace headroom::proxy {

enum class Api {
  kMessages,   // Anthropic Messages
  kChat,       // OpenAI Chat Completions, and OpenAI's error shape for every other path of its
  kResponses,  // OpenAI Responses; served by the upstreams of kChat
};

std::string_view ApiName(Api api);

// A response of our own: head without Content-Length, and a JSON body.
struct Reply {
  net::ResponseHead head;
  std::string body;
};

Reply JsonReply(int status, std::string body);

// 413 for kResourceExhausted from downstream, 400 for other faults of the
// client, 504 for a time-out upstream, 502 for anything else there, 500 for
// ours. The message names no prompt text.
int HttpStatusFor(const Status& status);
Reply ErrorReply(Api api, int http_status, std::string_view message);

// What clients tell errors apart by, where the status alone does not say it.
struct ErrorName {
  std::string_view type;
  std::string_view code;  // Messages has none of its own: it stands beside the type
};
Reply ErrorReply(Api api, int http_status, std::string_view message, const ErrorName& name);

}  // namespace headroom::proxy
