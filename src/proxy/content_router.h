// Decides what goes upstream in the place of each tool result.
//
//   known to the ledger          the recorded bytes, whatever they are
//   new, after decided blocks    decide now: second key, seen before, compressor
//   first contact in the middle  what the provider may have cached stays raw
//
// A decision uses what came before it in the conversation, never what comes
// after, is recorded before the request leaves and stands from then on
// (docs/invariants.md, I2). Any doubt leaves the block as it came (I5).
// Thread-safe.

#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "json/document.h"
#include "proxy/epoch.h"
#include "proxy/generation.h"
#include "proxy/lessons.h"
#include "proxy/plan.h"
#include "proxy/request_view.h"
#include "proxy/snapshots.h"
#include "proxy/tool_offer.h"
#include "store/store.h"

namespace headroom::proxy {

// How often blocks stayed raw although a compressor was tried, by reason.
struct RouterFailures {
  uint32_t deadline = 0;
  uint32_t exception = 0;
  uint32_t damaged = 0;  // a recorded decision could not be read
};

// "" when `policy` lets this result be replaced, else why not; `call` is null where it is unknown.
std::string WhyUntouched(const Policy& policy, const Block& result, const Block* call);

class ContentRouter {
 public:
  struct Options {
    Policy policy;
    std::chrono::milliseconds block_deadline{50};
    std::chrono::milliseconds request_deadline{150};
    std::string project;                    // label of requests that bring none
    Offer offer_retrieval = Offer::kNever;  // which conversations get the tool that opens gaps
    Lessons lessons;
  };

  enum class Mode {
    kRecord,
    kDryRun,  // decide as kRecord would, leave no trace (count_tokens)
    kRaw,     // the request goes as it came: what is new in it is raw from now on
  };

  ContentRouter(Options options, store::Store& store, const Clock& clock);

  struct Request {
    const json::Document& document;
    const RequestView& view;
    const std::vector<Hash128>& lineage;  // LineageOf(view, tenant)
    const store::TenantId& tenant;
    const std::string& upstream;
    const std::string& project;  // label of every row
    bool login = false;          // of a subscription: Policy::logins holds
    bool can_retrieve = false;   // the model can open gaps
    bool known = false;          // requests of this conversation came before, whatever became of their blocks
    Mode mode = Mode::kRecord;
    // By block: what an epoch made of them; empty where there is none. Nothing refers to what does not stand.
    const std::vector<BlockFate>* fates = nullptr;
  };

  Plan Decide(const Request& request, RouterFailures& failures) const;

  // Whether new conversations of this kind of client get all that the policy gives.
  bool InFull(bool login) const { return !login || options_.policy.logins == Logins::kFull; }

  // New conversations are decided by it from now on, and go on with it. Called on one thread.
  void Use(learning::Snapshot snapshot);
  // Likewise; where gaps may be, and what is learnt, stay as they are.
  void Use(Policy policy);
  // Its digest.
  std::string snapshot() const { return Newest().policy.learned; }

  // New conversations are offered the tool.
  bool gaps_if_retrievable() const { return options_.policy.gaps == Gaps::kAuto; }
  Offer offers_retrieval() const {
    return options_.policy.gaps == Gaps::kAuto ? options_.offer_retrieval : Offer::kNever;
  }

 private:
  class Pass;

  // What decides for a conversation.
  struct Generation {
    Policy policy;
    uint32_t number = 0;
    std::shared_ptr<const learning::Snapshot> snapshot = {};
  };
  Generation Newest() const;
  void Adopt(Policy policy, std::shared_ptr<const learning::Snapshot> snapshot);
  // The one that a known conversation keeps.
  Generation Of(uint32_t number) const;

  Options options_;
  store::Store& store_;
  const Clock& clock_;
  mutable Snapshots snapshots_;
  mutable std::mutex mutex_;
  Generation newest_;
};

}  // namespace headroom::proxy
