// Makes a conversation fit that would no longer do.
//
//   a request that fits               untouched, but what an epoch of its conversation left out stays out
//   one that does not                 a new epoch, down to kTargetShare of the limit:
//     1. older results, least wanted first, are shortened further, where the model can open them
//     2. whole units (context_units.h) are dropped, least wanted first (context_score.h), or oldest first
//   one whose protected part is too large     sent as it is
//
// Dropped messages are kept as an original before the request leaves, and a marker
// names it. Each epoch costs the provider's cache once: all later requests
// replay it (epoch.h). docs/context.md.
//
// Thread-safe.

#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "json/document.h"
#include "json/edits.h"
#include "proxy/context_score.h"
#include "proxy/context_units.h"
#include "proxy/epoch.h"
#include "proxy/epoch_ledger.h"
#include "proxy/generation.h"
#include "proxy/plan.h"
#include "proxy/request_view.h"
#include "store/store.h"

namespace headroom::proxy {

class ContextManager {
 public:
  // An epoch goes down to this share of the limit.
  static constexpr double kTargetShare = 0.75;
  // Of the tokens of a result that is shortened further.
  static constexpr double kDeeperShare = 0.04;
  // The rule of what Override writes.
  static constexpr std::string_view kDeepenedRule = "epoch";

  struct Options {
    bool intelligent = true;                  // by score; false: oldest first
    bool scoring = true;                      // false: the score is the position
    bool compress_first = true;               // step 1
    bool drops = true;                        // false: what does not fit is for the provider to refuse
    std::chrono::milliseconds deadline{150};  // for step 1
    // As ToolPattern, of one tenant's tools.
    std::function<double(const store::TenantId& tenant, std::string_view tool_name)> pattern = {};
  };

  ContextManager(Options options, const Policy& policy, store::Store& store, const Clock& clock);

  // What an overflowing request is.
  struct Request {
    const json::Document& document;
    const RequestView& view;
    const std::vector<Hash128>& lineage;
    const std::vector<json::Token>& messages;  // MessagesOf(document)
    const store::TenantId& tenant;
    const std::string& upstream;
    const std::string& project;
    const Plan& plan;
    const json::EditList& edits;                  // all that is done to the body, but for what `current` leaves out
    const EpochLedger::Found* current = nullptr;  // its epoch so far
    bool can_retrieve = false;                    // the model has the tool
    uint64_t tokens = 0;                          // about, of the whole prompt as it would go
    uint64_t limit = 0;                           // of the prompt
  };

  std::optional<EpochLedger::Found> Find(const RequestView& view, const std::vector<Hash128>& lineage,
                                         size_t messages) const {
    return ledger_.Find(view, lineage, messages);
  }

  // A new epoch, recorded; nothing where too much is protected. Requires tokens and limit above 0.
  std::optional<EpochLedger::Found> Make(const Request& request) const;

  // Epochs made from now on shorten by it.
  void Use(const Policy& policy) { policy_.store(std::make_shared<const Policy>(policy)); }

  // Writes the epoch's shorter results into the plan; what is gone has no decision.
  static void Override(const EpochLedger::Found& found, Plan& plan);

 private:
  class Pass;

  const Options options_;
  std::atomic<std::shared_ptr<const Policy>> policy_;
  store::Store& store_;
  const Clock& clock_;
  EpochLedger ledger_;
};

}  // namespace headroom::proxy
