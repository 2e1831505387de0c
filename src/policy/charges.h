// What a budget charges for a model, where nothing may be free for being unknown.
//
//   listed    by the price list or the user's own entry
//   family    of a name that is like listed ones: their highest prices
//   provider  of a name like no other: the highest prices of its provider's whole list
//
// Prices that an entry leaves out are taken from the same provider's highest.
// Thread-safe.

#pragma once

#include <cstdint>
#include <string_view>

#include "policy/model_catalog.h"

namespace headroom::policy {

struct Charge {
  enum class Basis { kListed, kFamily, kProvider };

  ModelFacts facts;  // input and output prices are there
  Basis basis = Basis::kListed;
};

// "listed", "family", "provider".
std::string_view BasisName(Charge::Basis basis);

// What a request may cost at most, as far as can be said before it is sent.
struct ChargeRequest {
  uint64_t prompt_tokens = 0;
  uint64_t output_tokens = 0;
  // The prompt may be written to the provider's cache, which costs more than reading it plainly.
  bool writes_cache = false;
  bool writes_cache_1h = false;
};

class Charges {
 public:
  // The catalogue must outlive it.
  explicit Charges(const ModelCatalog& catalog);

  // `provider`: as the price list calls the one whose API is used.
  Charge Of(std::string_view model, std::string_view provider) const;

  // In nano-dollars, rounded up.
  static int64_t AtMost(const ModelFacts& facts, const ChargeRequest& request);

 private:
  const ModelCatalog& catalog_;
  std::map<std::string, Prices, std::less<>> highest_;  // by provider
};

}  // namespace headroom::policy
