// Snapshots of what is learnt, kept in the ledger under their digests as long as
// conversations use them.
//
// A conversation under way is decided by the snapshot that its generation names.
// Where that is gone (the ledger forgets what nobody used for weeks) it goes on
// without recommendations: what was decided stays, since it stands in the ledger
// itself.
//
// Thread-safe.

#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <string>

#include "learning/snapshot.h"
#include "store/store.h"

namespace headroom::proxy {

class Snapshots {
 public:
  static constexpr size_t kCached = 8;

  explicit Snapshots(store::Store& store) : store_(store) {}

  // Files it; one without effect needs no place.
  void Keep(const learning::Snapshot& snapshot);

  // Never null; one that recommends nothing where there is none of this digest.
  std::shared_ptr<const learning::Snapshot> Find(const std::string& digest);

  // What is asked for next is looked up again, which tells the ledger that it is in use.
  void Forget();

 private:
  store::Store& store_;
  std::mutex mutex_;
  std::list<std::shared_ptr<const learning::Snapshot>> cached_;  // used last first
};

}  // namespace headroom::proxy
