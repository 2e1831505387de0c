// What operators and users ask of the proxy itself: /health, /livez, /readyz,
// /stats, /metrics. Answers are made from counters, but for /readyz, which asks the
// store and may wait for it. Thread-safe.

#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "net/message.h"
#include "proxy/api.h"
#include "proxy/cache_aligner.h"
#include "proxy/calibrator.h"
#include "proxy/metrics.h"
#include "proxy/retrieval_log.h"
#include "store/store.h"

namespace headroom::proxy {

class Operations {
 public:
  struct Options {
    std::string version;
    bool optimize = true;
  };

  Operations(Options options, const Metrics& metrics, const Calibrator& calibrator, const RetrievalLog& retrievals,
             const CacheAligner& cache_aligner, store::Store& store)
      : options_(std::move(options)),
        metrics_(metrics),
        calibrator_(calibrator),
        retrievals_(retrievals),
        cache_aligner_(cache_aligner),
        store_(store) {}

  // GET and HEAD of the fixed paths. 404 for others, 405 for other methods.
  Reply Serve(const net::RequestHead& request) const;

  // True for a request whose answer may take some time.
  static bool AsksStore(const net::RequestHead& request) { return request.path() == "/readyz"; }

  // /readyz says no from now on.
  void Drain() { draining_ = true; }

 private:
  Reply Health() const;
  Reply Ready() const;
  Reply Stats() const;
  Reply Prometheus() const;

  Options options_;
  const Metrics& metrics_;
  const Calibrator& calibrator_;
  const RetrievalLog& retrievals_;
  const CacheAligner& cache_aligner_;
  store::Store& store_;
  std::atomic<bool> draining_{false};
};

}  // namespace headroom::proxy
