// What operators and users ask of the proxy itself: /health, /livez, /readyz,
// /stats, /metrics. Answers are made from counters, but for /readyz and /stats, which ask
// what is stored and may wait for it. Thread-safe.

#pragma once

#include <atomic>
#include <string>

#include "net/message.h"
#include "proxy/api.h"
#include "proxy/stats_report.h"

namespace headroom::proxy {

class Operations {
 public:
  struct Options {
    std::string version;
    bool optimize = true;
    bool cache = true;
    bool rate_limit = true;
  };

  Operations(Options options, const ReportSources& sources) : options_(std::move(options)), sources_(sources) {}

  // GET and HEAD of the fixed paths. 404 for others, 405 for other methods.
  Reply Serve(const net::RequestHead& request) const;

  // True for a request whose answer may take some time.
  static bool AsksStore(const net::RequestHead& request) {
    return request.path() == "/readyz" || request.path() == "/stats";
  }

  // /readyz says no from now on.
  void Drain() { draining_ = true; }
  bool draining() const { return draining_; }

 private:
  Reply Health() const;
  Reply Ready() const;

  const Options options_;
  const ReportSources sources_;
  std::atomic<bool> draining_{false};
};

}  // namespace headroom::proxy
