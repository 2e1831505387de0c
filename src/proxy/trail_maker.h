// From what was decided for a request to the trail by which its usage is
// compared with that of the original blocks (counterfactual.h).

#pragma once

#include <cstddef>
#include <functional>
#include <mutex>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "proxy/counterfactual.h"
#include "proxy/hidden_exchange.h"
#include "proxy/plan.h"
#include "proxy/reply_splicer.h"
#include "proxy/request_view.h"
#include "proxy/warm_prefixes.h"

namespace headroom::proxy {

// An exchange that was put back into the message of this index, or behind it.
struct HiddenTokens {
  size_t message = 0;
  size_t tokens = 0;
};

// Token counts of texts that come again in every request. Bounded: past kMaxKnown
// all are forgotten. Thread-safe.
class TokenMemo {
 public:
  static constexpr size_t kMaxKnown = 8'192;

  // What `count` gave when `key` was first asked for.
  size_t Of(const Hash128& key, const std::function<size_t()>& count);

 private:
  std::mutex mutex_;
  std::unordered_map<Hash128, size_t, Hash128Hasher> known_;  // guarded by mutex_
};

// What a hidden exchange adds to a prompt: our calls and their results. What else
// the reply said the client sends too. Cost: that of counting.
size_t CountHidden(const HiddenExchange& exchange, std::string_view model);

// What calls of our tool were billed as, as output. Cost: that of counting.
size_t CountCalls(const std::vector<HeldCall>& calls, std::string_view model);

struct TrailFacts {
  const RequestView& view;
  const std::vector<Hash128>& lineage;  // of the view, not empty
  const Plan& plan;
  std::string_view definition;  // of our tool; "" where it is not added
  const std::vector<HiddenTokens>& hidden;
  uint32_t epoch = 0;
};

Trail MakeTrail(const TrailFacts& facts, WarmPrefixes& prefixes, TokenMemo& memo);

}  // namespace headroom::proxy
