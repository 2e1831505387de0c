// Where exchanges end: each record goes once to whoever counts by it.
//
//   ExchangeRun ─► ExchangeRecord ─► Settle ─► metrics
//                                           ├► prefix watch, usage memory, calibrator: they learn from usage
//                                           └► log
//
// Thread-safe.

#pragma once

#include <string_view>

#include "proxy/calibrator.h"
#include "proxy/exchange_record.h"
#include "proxy/metrics.h"
#include "proxy/optimizer.h"

namespace headroom::proxy {

class Accounting {
 public:
  // The arguments must outlive it.
  Accounting(Metrics& metrics, Optimizer& optimizer, Calibrator& calibrator)
      : metrics_(metrics), optimizer_(optimizer), calibrator_(calibrator) {}

  // `optimized`: what was decided for the exchange. `sent`: the body as it went
  // upstream, in no coding. Never fails, never waits.
  void Settle(const ExchangeRecord& record, const Optimized& optimized, std::string_view sent);

 private:
  void Count(const ExchangeRecord& record, const Optimized& optimized);
  void Learn(const ExchangeRecord& record, const Optimized& optimized, std::string_view sent);
  void Log(const ExchangeRecord& record) const;

  Metrics& metrics_;
  Optimizer& optimizer_;
  Calibrator& calibrator_;
};

}  // namespace headroom::proxy
