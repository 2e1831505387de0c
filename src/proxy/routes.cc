#include "proxy/routes.h"

namespace headroom::proxy {
namespace {

enum class Owner { kAnthropic, kOpenAi, kOpenAiResponses, kEither };

// '*' stands for one path segment, a final "/**" for any rest, the empty one
// included.
struct Row {
  std::string_view pattern;
  Route::Kind kind;
  Owner owner;
};

constexpr Row kRows[] = {
    {"/health", Route::Kind::kOperations, Owner::kEither},
    {"/livez", Route::Kind::kOperations, Owner::kEither},
    {"/readyz", Route::Kind::kOperations, Owner::kEither},
    {"/stats", Route::Kind::kOperations, Owner::kEither},
    {"/metrics", Route::Kind::kOperations, Owner::kEither},
    {"/cache/clear", Route::Kind::kCacheClear, Owner::kEither},
    {"/dashboard/**", Route::Kind::kDashboard, Owner::kEither},
    {"/v1/retrieve/**", Route::Kind::kRetrieve, Owner::kEither},
    {"/v1/toin/**", Route::Kind::kLearning, Owner::kEither},
    {"/v1/feedback/**", Route::Kind::kLearning, Owner::kEither},
    {"/v1/telemetry/**", Route::Kind::kLearning, Owner::kEither},

    {"/v1/messages", Route::Kind::kOptimized, Owner::kAnthropic},
    {"/v1/messages/count_tokens", Route::Kind::kCountTokens, Owner::kAnthropic},
    {"/v1/messages/**", Route::Kind::kCarried, Owner::kAnthropic},
    {"/v1/complete", Route::Kind::kCarried, Owner::kAnthropic},

    {"/v1/chat/completions", Route::Kind::kOptimized, Owner::kOpenAi},
    {"/openai/deployments/*/chat/completions", Route::Kind::kOptimized, Owner::kOpenAi},
    {"/openai/v1/chat/completions", Route::Kind::kOptimized, Owner::kOpenAi},
    {"/openai/v1/responses", Route::Kind::kOptimized, Owner::kOpenAiResponses},
    {"/openai/responses", Route::Kind::kOptimized, Owner::kOpenAiResponses},
    {"/openai/**", Route::Kind::kCarried, Owner::kOpenAi},
    {"/v1/chat/**", Route::Kind::kCarried, Owner::kOpenAi},
    {"/v1/responses", Route::Kind::kOptimized, Owner::kOpenAiResponses},
    {"/v1/responses/input_tokens", Route::Kind::kCountTokens, Owner::kOpenAiResponses},
    {"/v1/responses/**", Route::Kind::kCarried, Owner::kOpenAi},
    {"/v1/embeddings", Route::Kind::kCarried, Owner::kOpenAi},
    {"/v1/audio/**", Route::Kind::kCarried, Owner::kOpenAi},
    {"/v1/images/**", Route::Kind::kCarried, Owner::kOpenAi},
    {"/v1/moderations", Route::Kind::kCarried, Owner::kOpenAi},

    {"/v1/*/**", Route::Kind::kCarried, Owner::kEither},
};

// Clients that were given the bare address leave out "/v1".
constexpr std::string_view kBarePatterns[] = {"/messages/**", "/chat/completions", "/responses/**",
                                              "/embeddings",  "/models/**",        "/complete"};

bool Matches(std::string_view pattern, std::string_view path) {
  while (!pattern.empty()) {
    if (pattern == "/**") return path.empty() || path.front() == '/';
    if (pattern.front() == '*') {
      const size_t end = std::min(path.find('/'), path.size());
      if (end == 0) return false;
      path.remove_prefix(end);
    } else if (path.empty() || path.front() != pattern.front()) {
      return false;
    } else {
      path.remove_prefix(1);
    }
    pattern.remove_prefix(1);
  }
  return path.empty();
}

// The path with what some servers take for '/' and '.' written as such.
std::string Unmasked(std::string_view path) {
  std::string plain;
  while (!path.empty()) {
    const std::string_view code = path.substr(0, 3);
    const bool dot = net::EqualsIgnoreCase(code, "%2e");
    const bool slash = net::EqualsIgnoreCase(code, "%2f") || net::EqualsIgnoreCase(code, "%5c");
    plain.push_back(dot ? '.' : slash || path.front() == '\\' ? '/' : path.front());
    path.remove_prefix(dot || slash ? 3 : 1);
  }
  return plain;
}

// ".." in any spelling: such a segment could leave the upstream's base path,
// where the proxy may bring its own key.
bool HasDotSegment(std::string_view path) {
  const std::string plain = Unmasked(path) + "/";
  return plain.find("/./") != std::string::npos || plain.find("/../") != std::string::npos;
}

bool IsBare(std::string_view path) {
  for (const std::string_view pattern : kBarePatterns) {
    if (Matches(pattern, path)) return true;
  }
  return false;
}

Api ApiOf(Owner owner, const net::RequestHead& request) {
  if (owner == Owner::kAnthropic) return Api::kMessages;
  if (owner == Owner::kOpenAi) return Api::kChat;
  if (owner == Owner::kOpenAiResponses) return Api::kResponses;
  const bool anthropic = request.headers.Has("anthropic-version") || request.headers.Has("x-api-key");
  return anthropic ? Api::kMessages : Api::kChat;
}

bool AsksForWebSocket(const net::RequestHead& request) {
  return request.method == "GET" && net::EqualsIgnoreCase(request.headers.Find("upgrade").value_or(""), "websocket");
}

}  // namespace

Route FindRoute(const net::RequestHead& request) {
  Route route;
  route.path = IsBare(request.path()) ? "/v1" + std::string(request.path()) : std::string(request.path());
  if (HasDotSegment(request.path())) return route;
  for (const Row& row : kRows) {
    if (!Matches(row.pattern, route.path)) continue;
    route.kind = row.kind;
    route.api = ApiOf(row.owner, request);
    const bool decides = row.kind == Route::Kind::kOptimized || row.kind == Route::Kind::kCountTokens;
    if (decides && request.method != "POST") route.kind = Route::Kind::kCarried;
    if (route.api == Api::kResponses && AsksForWebSocket(request)) route.kind = Route::Kind::kNoWebSocket;
    return route;
  }
  return route;
}

}  // namespace headroom::proxy
