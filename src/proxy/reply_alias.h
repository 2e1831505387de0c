// A reply that the client knows by one id and the provider by another, because
// our tool was answered in it (Responses API).
//
//   client     resp_1 ─────────────────────────────┐ the same id in its next request
//   provider   resp_1 [text, ours] ─► resp_2 [text] ◄┘ resp_2 instead
//
// Filed by tenant; kept as long as any record of a conversation. Thread-safe.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "proxy/response_object.h"
#include "store/store.h"

namespace headroom::proxy {

struct ReplyAlias {
  std::vector<std::string> ids;  // upstream, oldest first; the first is the client's
  std::string previous;          // the reply before it by the id that the client knows, raw JSON; "" if unknown
  std::string results;           // function_call_outputs that the next request must bring, joined by commas
  std::string items;             // what all but the last of `ids` showed, likewise
  SaidTokens earlier;            // of the same

  // The client's view is not the provider's.
  bool differs() const { return ids.size() > 1 || !results.empty(); }

  std::string Encode() const;
  // Errors: kDataLoss.
  static Result<ReplyAlias> Decode(std::string_view payload);
};

// A reply that the provider keeps, as its client holds it.
struct KeptReply {
  ReplyAlias alias;
  std::vector<std::string> items;      // of its output, raw JSON
  std::vector<std::string> our_calls;  // call ids
};

class ReplyAliases {
 public:
  // Longer items are not kept: then the reply is fetched without its first part.
  static constexpr size_t kMaxItemBytes = 4u << 20;
  // More calls of ours in one reply are not remembered.
  static constexpr size_t kMaxCalls = 256;

  explicit ReplyAliases(store::Store& store) : store_(store) {}

  // Files what differs. `base` has the tenant and the labels of the rows.
  void Record(const store::Node& base, const KeptReply& reply) const;

  // Nothing where the provider knows the reply by the client's id and waits for nothing.
  std::optional<ReplyAlias> Find(const store::TenantId& tenant, std::string_view id) const;
  // The client's id of a reply by any that the provider has for it; nothing where it is the same.
  std::optional<std::string> ShownId(const store::TenantId& tenant, std::string_view id) const;
  // Which of these call ids are of our tool.
  std::vector<bool> AreOurs(const store::TenantId& tenant, const std::vector<std::string>& call_ids) const;

 private:
  store::Store& store_;
};

}  // namespace headroom::proxy
