// Sums of exchanges by a name: of a model, of a tenant's digest. At most kMaxNames,
// the rest under "other", because clients can make names up. Thread-safe.

#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "policy/cost.h"

namespace headroom::proxy {

struct ExchangeRecord;

struct Totals {
  uint64_t requests = 0;
  uint64_t input = 0;  // prompt tokens as the provider counted them
  uint64_t output = 0;
  int64_t saved = 0;  // tokens of the original turns less those
  policy::NanoDollars cost = 0;
  policy::NanoDollars net_savings = 0;
};

class NamedTotals {
 public:
  static constexpr size_t kMaxNames = 64;

  void Add(std::string_view name, const ExchangeRecord& record);
  std::map<std::string, Totals> snapshot() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, Totals, std::less<>> totals_;  // guarded by mutex_
};

}  // namespace headroom::proxy
