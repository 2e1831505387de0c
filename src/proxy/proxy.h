// The proxy: a handler for every downstream exchange over shared parts.
//
//   Server thread ──► Handler ──► Run(exchange) ──► pool of that thread ──► upstream
//                        shared: Optimizer, Upstreams, Metrics, Store, WorkerPool
//
// Thread-safe; one Proxy serves all I/O threads.

#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/worker_pool.h"
#include "net/client.h"
#include "net/server.h"
#include "policy/model_catalog.h"
#include "proxy/accounting.h"
#include "proxy/activity.h"
#include "proxy/admission.h"
#include "proxy/calibrator.h"
#include "proxy/dashboard.h"
#include "proxy/guard.h"
#include "proxy/metrics.h"
#include "proxy/operations.h"
#include "proxy/optimizer.h"
#include "proxy/response_caching.h"
#include "proxy/upstreams.h"
#include "store/counters.h"
#include "store/store.h"

namespace headroom::proxy {

class Proxy {
 public:
  struct Options {
    std::string version;
    bool optimize = true;
    TenantRule tenant;
    GuardRules guard;
    size_t max_body_bytes = 100u << 20;
    ContentRouter::Options router;
    ContextManager::Options context;
    std::vector<Upstream> upstreams;
    std::vector<policy::ModelOverride> models;  // strongest first
    net::Pool::Options pool;
    Admission::Options admission;
    int retries = 0;                               // of a request that a busy provider refused
    std::chrono::milliseconds keep_alive{10'000};  // as Answering::Options
    ReplyCaching::Options cache;
    ExchangeLog::Options log;
  };

  // The other arguments must outlive the proxy and every exchange.
  Proxy(Options options, store::Store& store, store::Counters& counters, WorkerPool& workers, const Clock& clock);

  // For net::Server: a handler with an upstream pool of its own.
  net::Handler MakeHandler(net::asio::io_context& context);

  const Metrics& metrics() const { return metrics_; }
  Operations& operations() { return operations_; }
  Guard& guard() { return guard_; }
  const Admission& admission() const { return admission_; }

  // New conversations are decided by it.
  void Use(learning::Snapshot snapshot) { optimizer_.Use(std::move(snapshot)); }
  void Use(const Policy& policy) { optimizer_.Use(policy); }

 private:
  friend class ExchangeRun;

  std::string NextRequestId();
  std::string DashboardDocument(int64_t started) const;

  Options options_;
  store::Store& store_;
  WorkerPool& workers_;
  const Clock& clock_;
  const policy::ModelCatalog catalog_;
  Upstreams upstreams_;
  std::vector<std::string> upstream_names_;
  Metrics metrics_;
  Guard guard_;
  Calibrator calibrator_;
  RetrievalLog retrievals_;
  ReplyCaching caching_;
  Optimizer optimizer_;
  ExchangeLog log_;
  Activity activity_;
  Accounting accounting_;
  Admission admission_;
  Operations operations_;
  Dashboard dashboard_;
  const std::string id_prefix_;
  std::atomic<uint64_t> next_id_{1};
};

}  // namespace headroom::proxy
