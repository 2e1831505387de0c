// What the messages of a request that does not fit weigh, in tokens by our count, while an epoch is made of it.
//
//   of(unit)      as it would go: renditions in place of results, our tool's hidden calls beside the client's
//   raw(message)  as the client sends it
//   total()       of the request without what is gone; scale() times that is what the provider would count
//
// What refers to a result ("as in the result above") stands in full again when that result goes or changes:
// Losing says what that costs, Lose books it.
//
// Thread-compatible; refers to the request that it is of.

#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "base/hash.h"
#include "proxy/context_manager.h"
#include "proxy/context_units.h"

namespace headroom::proxy {

class ContextWeights {
 public:
  // Requires messages. Cost: O(bytes of the body).
  ContextWeights(const ContextManager::Request& request, const ContextUnits& units);

  size_t total() const { return total_; }
  double scale() const { return scale_; }
  size_t raw(size_t message) const { return raw_[message]; }
  size_t of(const ContextUnit& unit) const;
  bool gone(size_t message) const { return gone_[message]; }
  size_t messages() const { return gone_.size(); }
  // Blocks of the results in a message.
  const std::vector<size_t>& results(size_t message) const { return results_[message]; }

  // Tokens that come back when the block no longer stands in full.
  size_t Losing(size_t block) const;
  void Lose(size_t block);
  // The message of a block weighs so much less.
  void Lighten(size_t block, size_t tokens);
  void Drop(const ContextUnit& unit);

 private:
  size_t CountOf(size_t message, uint32_t newest_user) const;
  void AddRenditions();
  void AddHidden();
  void TakeOffEarlierEpochs();
  size_t SavingOf(size_t block) const;

  const ContextManager::Request& request_;
  std::vector<size_t> raw_;
  std::vector<size_t> weight_;
  std::vector<bool> gone_;
  std::vector<std::vector<size_t>> results_;
  std::unordered_map<Hash128, std::vector<size_t>, Hash128Hasher> referring_;  // by the block that they refer to
  size_t total_ = 0;
  double scale_ = 1;
};

}  // namespace headroom::proxy
