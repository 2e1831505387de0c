// What the same turn would have used with the original blocks.
//
//   forwarded   | tools + ours |  a result, shortened  |  new results, shortened |
//   usage       |<------------ read ------------------>|<------ written -------->|
//   original    | tools |  the result, whole           |   new results, whole      |
//                                                      ^ the same block: what was cached before it is cached there
//
// The provider cached the conversation up to a block. With the original blocks it
// would have cached it up to the same block, since what is cached depends on when
// blocks were sent and not on how long they are. So each boundary of usage (read,
// written, neither) is moved by what our edits took off the prompt before it. How
// much that is at a boundary is known at the ends of earlier requests, which is
// where boundaries lie (WarmPrefixes); between two of them it is spread evenly.
//
// Where the miss was our own doing (an epoch, a hidden exchange that was lost)
// the original conversation would have stayed warm, and is taken to be read.
// Messages that an epoch dropped would not have fitted: they are on neither side.
//
// docs/accounting.md derives it. Pure functions.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/hash.h"
#include "proxy/api.h"
#include "proxy/usage.h"
#include "proxy/warm_prefixes.h"

namespace headroom::proxy {

// A request among those before it. Saved tokens by our count; negative where we added more than we took.
struct Trail {
  struct Step {
    WarmPrefix prefix;        // of an earlier request
    int64_t saved = 0;        // by our edits up to its end
    int64_t saved_after = 0;  // and with the exchange that was hidden behind it
  };

  Hash128 place;  // lineage of its last block
  Hash128 root;
  Hash128 model;
  uint32_t epoch = 0;
  std::vector<Step> steps;           // oldest first
  std::optional<WarmPrefix> latest;  // request of the conversation
  bool goes_on = false;              // from that one; else the client changed its history, or branches
  int64_t saved_at_start = 0;        // before any message: our tool
  int64_t saved = 0;                 // altogether, without what an epoch dropped
  // Why the prefix is another one, where we know: a change of tools or system text, or an exchange of ours lost.
  std::string prefix_change;  // as CacheAligner has it; "" for none
  bool lost_exchange = false;
};

// What happened to a prefix that was cached.
struct CacheMiss {
  // "system_volatile", "system_edited", "tools_reordered", "tools_edited", "history_edited", "epoch",
  // "retrieval_lost", "unknown": the cache was warm. "ttl_passed": it was not. "": no miss.
  std::string_view cause;
  uint64_t tokens = 0;  // that were cached and were not read

  bool is_ours() const { return cause == "epoch" || cause == "retrieval_lost"; }
};

struct Counterfactual {
  Usage original;   // with the original blocks
  Usage forwarded;  // the first reply's; of an estimate, with the cached part that must be assumed
  CacheMiss miss;
  WarmPrefix next;  // to be recorded at Trail::place
};

struct Turn {
  Api api = Api::kMessages;
  const Trail& trail;
  const std::vector<Usage>& replies;     // at least one
  uint64_t hidden_output = 0;            // tokens of calls of our tool, which the client's turn would not have had
  std::optional<uint64_t> prompt_limit;  // of the model: no longer prompt would have been answered
  double billed_ratio = 1;               // the provider's tokens over ours
  Clock::TimePoint now;
};

Counterfactual WithoutUs(const Turn& turn);

}  // namespace headroom::proxy
