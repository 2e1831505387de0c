// The recommendations of one moment, which decide until the next snapshot.
//
// A generation of the ledger names the snapshot's digest, and the snapshot is
// kept there under it: conversations under way go on with theirs, also after a
// restart; what is learnt later is for new ones (docs/invariants.md, I2).
//
// Immutable; thread-safe.

#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "base/status.h"
#include "learning/patterns.h"
#include "learning/recommendation.h"
#include "learning/signature.h"

namespace headroom::learning {

class Snapshot {
 public:
  static constexpr size_t kMaxEntries = 2'048;

  Snapshot() = default;
  // What the patterns recommend now; of more than kMaxEntries those used last.
  explicit Snapshot(const Patterns& patterns);

  // 32 hex digits; "" when nothing has an effect. The same recommendations have the same digest.
  const std::string& digest() const { return digest_; }
  bool empty() const { return digest_.empty(); }
  size_t size() const { return entries_.size(); }

  // For one result. The tenant's own experience with its structure counts before that with the tool,
  // and both before that of all tenants. Null where there is none. Cost: O(log n).
  const Recommendation* Find(const std::string& tenant, const Structure& structure) const;

  std::string Encode() const;
  // Errors: kDataLoss when `bytes` is not what Encode makes.
  static Result<Snapshot> Decode(std::string_view bytes);

 private:
  void SetDigest();

  std::map<PatternKey, Recommendation> entries_;
  std::string digest_;
};

}  // namespace headroom::learning
