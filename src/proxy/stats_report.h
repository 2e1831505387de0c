// GET /stats: all counters as one JSON object. docs/metrics.md names its members.

#pragma once

#include <string>

#include "learning/learner.h"
#include "proxy/activity.h"
#include "proxy/admission.h"
#include "proxy/cache_aligner.h"
#include "proxy/calibrator.h"
#include "proxy/exchange_log.h"
#include "proxy/metrics.h"
#include "proxy/response_caching.h"
#include "proxy/retrieval_log.h"
#include "store/store.h"

namespace headroom::proxy {

// What reports are made from; all of it must outlive them.
struct ReportSources {
  const Metrics& metrics;
  const Calibrator& calibrator;
  const RetrievalLog& retrievals;
  const CacheAligner& cache_aligner;
  const ReplyCaching& caching;
  const ExchangeLog& log;
  const Activity& activity;
  const learning::Learner* learner = nullptr;  // null: nothing is learnt
  const Admission& admission;
  store::Store& store;
};

// saved / (saved + what was sent), in percent.
double SavingsPercent(const Metrics& metrics);

std::string StatsJson(const ReportSources& from);

}  // namespace headroom::proxy
