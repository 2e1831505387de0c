// The tool that opens gaps: headroom_retrieve(hash, query?), offered to models
// and answered by the proxy.
//
// Thread-safe.

#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/api.h"
#include "proxy/credential.h"
#include "proxy/lessons.h"
#include "proxy/reply_splicer.h"
#include "proxy/retrieval_log.h"
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
  // Without a query: how often the conversation asked for this hash before. Nothing outside of one.
  std::optional<size_t> page = {};
};
RetrieveCall ReadRetrieveCall(std::string_view arguments);

// How often a conversation has asked for each hash without a query: the next time it gets the next page.
class AskedBefore {
 public:
  // Counts the calls in a request as it goes upstream. Cost: O(body).
  AskedBefore(Api api, std::string_view body);
  // The earlier calls for this hash; counts one more.
  size_t Count(const std::string& hash) { return times_[hash]++; }

 private:
  std::map<std::string, size_t> times_;
};

// Who asks.
struct Asker {
  const Credential& credential;
  const store::TenantId tenant;
  Tenants& tenants;
  store::Store& store;
  RetrievalLog& log;
  // Hashes that we wrote into this very conversation, 24 digits each: it may open them whatever
  // its login is worth. Any other needs a login that the original's upstream has accepted.
  std::string_view named;
  const Lessons* lessons = nullptr;  // where something is learnt

  // Files that `items` of the original went to whom asked.
  void Note(const RetrieveCall& call, const store::Original& original, size_t items) const;
};

inline constexpr size_t kMaxAnswerTokens = 20'000;
inline constexpr size_t kPageTokens = 1'200;  // of the first page; each further one is twice as long
inline constexpr size_t kBriefAnswerTokens = 1'000;
inline constexpr size_t kMaxAnsweredCalls = 64;  // of one reply; more are told so

// 24 lower-case hexadecimal digits.
bool IsOriginalId(std::string_view hash);

// Its lines, rows or what else was counted.
size_t ItemsOf(const store::Original& original);

// The original that a call asks for; a miss is counted. What `named` does not
// name, asked for with a login that may be forged, counts as not there.
// Errors: kInvalidArgument (no hash), and as Store::GetOriginal.
Result<store::Original> OpenOriginal(const RetrieveCall& call, const Asker& asker);
// Its error as a sentence for the model.
std::string_view WhyNothing(const Status& status);

// An original as it is searched and shown to models: dropped messages as lines, with their texts
// decoded. Cost: O(bytes).
std::string Readable(const store::Original& original);

// The text for the model: the original, of a long one the page that the call is
// for, or with a query the parts of it that fit; at most about `tokens`, and how
// to get the rest. `items`, where given, becomes how many of the original's units
// it holds.
std::string AnswerFrom(const store::Original& original, const RetrieveCall& call, size_t tokens,
                       size_t* items = nullptr);

// OpenOriginal, then AnswerFrom. A hash that opens nothing is said; it never fails.
std::string AnswerRetrieveCall(const RetrieveCall& call, const Asker& asker, size_t tokens = kMaxAnswerTokens);

// How much may be answered to the calls of one reply.
struct AnswerSpace {
  size_t tokens = kMaxAnswerTokens;  // all of them together, about
  size_t each = kMaxAnswerTokens;
};

// A text for each call, in their order; counts them in `asked`.
std::vector<std::string> AnswerRetrieveCalls(const std::vector<HeldCall>& calls, const Asker& asker,
                                             const AnswerSpace& space, AskedBefore& asked);

}  // namespace headroom::proxy
