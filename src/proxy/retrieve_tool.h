// The tool that opens gaps: headroom_retrieve(hash, query?), offered to models
// and answered by the proxy.
//
// Thread-safe.

#pragma once

#include <string>
#include <string_view>

#include "proxy/api.h"
#include "proxy/credential.h"
#include "proxy/tenants.h"
#include "store/store.h"

namespace headroom::proxy {

inline constexpr std::string_view kRetrieveTool = "headroom_retrieve";

// Our tool, also behind an MCP prefix.
inline bool IsRetrieveTool(std::string_view name) { return name.ends_with(kRetrieveTool); }

// The definition as an element of "tools". Short: every request pays for it.
std::string RetrieveToolDefinition(Api api);

// What the model asked for; an empty hash when the arguments are malformed.
struct RetrieveCall {
  std::string hash;  // lower case
  std::string query;
};
RetrieveCall ReadRetrieveCall(std::string_view arguments);

// Who asks.
struct Asker {
  const Credential& credential;
  const store::TenantId tenant;
  Tenants& tenants;
  store::Store& store;
};

// The text for the model: the original, or with a query the parts of it that
// fit, at most about `tokens`, and how to get the rest. A hash that
// opens nothing is said; it never fails.
inline constexpr size_t kMaxAnswerTokens = 20'000;  // of all calls of one reply together
std::string AnswerRetrieveCall(const RetrieveCall& call, const Asker& asker, size_t tokens = kMaxAnswerTokens);

}  // namespace headroom::proxy
