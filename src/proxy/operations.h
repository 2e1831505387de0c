// What operators and users ask of the proxy itself: /health, /livez, /readyz,
// /stats, /metrics, /v1/retrieve. Answers are made from counters, but for /readyz
// and /v1/retrieve, which ask the store and may wait for it. Thread-safe.

#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "net/message.h"
#include "proxy/api.h"
#include "proxy/calibrator.h"
#include "proxy/metrics.h"
#include "proxy/tenants.h"
#include "store/store.h"

namespace headroom::proxy {

class Operations {
 public:
  struct Options {
    std::string version;
    bool optimize = true;
  };

  Operations(Options options, const Metrics& metrics, const Calibrator& calibrator, store::Store& store)
      : options_(std::move(options)), metrics_(metrics), calibrator_(calibrator), store_(store) {}

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
  store::Store& store_;
  std::atomic<bool> draining_{false};
};

// GET /v1/retrieve/{hash}?query= and POST /v1/retrieve {"hash","query"}: the
// original of a block we changed, or the lines or elements of it that fit the query best, for the tenant whose
// credential asks.
// Everybody else gets the same 404 as for an unknown hash.
Reply Retrieve(const net::RequestHead& request, std::string_view body, const Credential& credential, Tenants& tenants,
               store::Store& store);

}  // namespace headroom::proxy
