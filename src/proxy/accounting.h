// Where exchanges end: each record goes once to whoever counts by it.
//
//   ExchangeRun ─► ExchangeRecord ─► Settle ─► price, comparison with the original blocks
//                                           ├► metrics
//                                           ├► prefix watch, usage memory, calibrator: they learn from usage
//                                           ├► activity: what the dashboard shows
//                                           └► JSON lines, log
//
// Thread-safe.

#pragma once

#include <string_view>

#include "policy/model_catalog.h"
#include "proxy/activity.h"
#include "proxy/calibrator.h"
#include "proxy/exchange_log.h"
#include "proxy/exchange_record.h"
#include "proxy/metrics.h"
#include "proxy/optimizer.h"

namespace headroom::proxy {

// The cost of the original turn less that of all replies. Nothing where a price is missing.
std::optional<policy::NanoDollars> NetSavings(const policy::ModelFacts& facts, const std::vector<Usage>& replies,
                                              const Counterfactual& without);

class Accounting {
 public:
  // The arguments must outlive it.
  Accounting(const policy::ModelCatalog& catalog, const Clock& clock, Metrics& metrics, Optimizer& optimizer,
             Calibrator& calibrator, Activity& activity, ExchangeLog& log)
      : catalog_(catalog),
        clock_(clock),
        metrics_(metrics),
        optimizer_(optimizer),
        calibrator_(calibrator),
        activity_(activity),
        log_(log) {}

  // Whether a reply came without the provider's figures.
  static bool NeedsEstimate(const ExchangeRecord& record);
  // Puts our own count of the prompt in their place. Cost: Calibrator::Estimate.
  void Estimate(ExchangeRecord& record, std::string_view sent) const;

  // Prices the record, then hands it on. `optimized`: what was decided for the
  // exchange. `sent`: the body as it went upstream, in no coding; `received`: as
  // it came, "" where it is no conversation. Never fails, never waits.
  void Settle(ExchangeRecord& record, const Optimized& optimized, std::string_view sent, std::string_view received);

 private:
  void Price(ExchangeRecord& record) const;
  // What the turn would have cost with the original blocks.
  void Compare(ExchangeRecord& record, const Optimized& optimized);
  // The provider's tokens over ours.
  double BilledRatio(const std::string& model) const;
  void Count(const ExchangeRecord& record, const Optimized& optimized);
  void Learn(const ExchangeRecord& record, const Optimized& optimized, std::string_view sent);
  void Log(const ExchangeRecord& record) const;

  const policy::ModelCatalog& catalog_;
  const Clock& clock_;
  Metrics& metrics_;
  Optimizer& optimizer_;
  Calibrator& calibrator_;
  Activity& activity_;
  ExchangeLog& log_;
};

}  // namespace headroom::proxy
