// Epochs in the ledger, and the one that a request is part of.
//
//   key = H("epoch", lineage of link 2^j - 1, slot)     the largest 2^j that does not pass Epoch::made_after
//
// A request of n links asks for its log2(n) keys at once and finds its epochs
// wherever it branches off behind them. Epochs that share a key, those of two
// branches or of one conversation in turn, stand in its slots one behind the other.
// Requests that overflow at once behind the same answer meet there, and the first's
// epoch stands for all.
// In a store that never held an epoch nothing is asked.
//
// Thread-safe.

#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "base/hash.h"
#include "proxy/epoch.h"
#include "proxy/request_view.h"
#include "store/store.h"

namespace headroom::proxy {

class EpochLedger {
 public:
  // Of one key. Past them no epoch is recorded.
  static constexpr uint32_t kMaxSlots = 64;

  explicit EpochLedger(store::Store& store);

  struct Found {
    Epoch epoch;
    EpochPlaces places;
  };

  // The latest epoch on the request's own way.
  std::optional<Found> Find(const RequestView& view, const std::vector<Hash128>& lineage, size_t messages) const;

  struct Labels {
    store::TenantId tenant;
    std::string project;
    std::string upstream;
  };
  // Files `epoch`, which is part of this request. Of two requests that make one at once the first
  // stands: what is returned is the epoch that does. Nothing when there is no room for it.
  std::optional<Found> Record(const Epoch& epoch, const RequestView& view, const std::vector<Hash128>& lineage,
                              size_t messages, const Labels& labels) const;

 private:
  store::Store& store_;
  mutable std::atomic<bool> any_{false};  // some epoch was made, in this life or before
};

}  // namespace headroom::proxy
