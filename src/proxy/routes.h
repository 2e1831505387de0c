// The one table of paths: what is ours, what is optimised, what is carried.

#pragma once

#include <string>
#include <string_view>

#include "net/message.h"
#include "proxy/api.h"

namespace headroom::proxy {

struct Route {
  enum class Kind {
    kOptimized,    // a conversation: read, decided, forwarded
    kCountTokens,  // forwarded as it would go out, nothing recorded
    kCarried,      // any other path of a provider, untouched
    kNoWebSocket,  // the Responses API asked for over a WebSocket: refused, so that its client comes by HTTP
    kOperations,   // /health, /stats, ...
    kCacheClear,   // /cache/clear
    kDashboard,    // /dashboard
    kRetrieve,     // /v1/retrieve
    kLearning,     // /v1/toin, /v1/feedback, /v1/telemetry
    kUnknown,      // 404, nothing forwarded
  };
  Kind kind = Kind::kUnknown;
  Api api = Api::kChat;
  std::string path;  // upstream, with "/v1" where the client left it out
};

// By path first; where a path belongs to both providers, by anthropic-version
// or x-api-key. Only POST is optimised.
Route FindRoute(const net::RequestHead& request);

}  // namespace headroom::proxy
