#include "proxy/proxy.h"

#include <fmt/format.h>

#include "proxy/dashboard_data.h"
#include "proxy/exchange.h"

namespace headroom::proxy {

Proxy::Proxy(Options options, store::Store& store, store::Counters& counters, WorkerPool& workers, const Clock& clock)
    : options_(std::move(options)),
      store_(store),
      workers_(workers),
      clock_(clock),
      catalog_(options_.models, clock),
      upstreams_(options_.upstreams),
      guard_(options_.guard, metrics_),
      calibrator_(workers),
      retrievals_(clock),
      caching_(options_.cache, workers, clock),
      optimizer_(options_.router, store, clock, options_.context, &catalog_),
      log_(options_.log),
      activity_(clock, LocalDayOf),
      accounting_(catalog_, clock, metrics_, optimizer_, calibrator_, activity_, log_),
      admission_(options_.admission, counters, catalog_, clock),
      operations_({.version = options_.version,
                   .optimize = options_.optimize,
                   .cache = options_.cache.cache != nullptr,
                   .rate_limit = admission_.limits_rates()},
                  {.metrics = metrics_,
                   .calibrator = calibrator_,
                   .retrievals = retrievals_,
                   .cache_aligner = optimizer_.cache_aligner(),
                   .caching = caching_,
                   .log = log_,
                   .activity = activity_,
                   .learner = options_.router.lessons.learner(),
                   .admission = admission_,
                   .store = store}),
      dashboard_(
          {}, clock, activity_, store, workers,
          [this, started = clock.UnixMillis() / 1000] { return DashboardDocument(started); },
          [this] { return operations_.draining(); }),
      id_prefix_(fmt::format("hr_{}", clock.UnixMillis() / 1000)) {
  for (const Upstream& upstream : options_.upstreams) upstream_names_.push_back(upstream.name);
}

std::string Proxy::DashboardDocument(int64_t started) const {
  return DashboardJson({.version = options_.version,
                        .optimize = options_.optimize,
                        .draining = operations_.draining(),
                        .started = started,
                        .activity = activity_,
                        .metrics = metrics_,
                        .retrievals = retrievals_,
                        .budgets = admission_.report().standings,
                        .store = store_});
}

std::string Proxy::NextRequestId() {
  return fmt::format("{}_{:06}", id_prefix_, next_id_.fetch_add(1, std::memory_order_relaxed));
}

net::Handler Proxy::MakeHandler(net::asio::io_context& context) {
  const auto pool = std::make_shared<net::Pool>(context, options_.pool);
  return [this, pool](net::Exchange& exchange) -> net::Awaitable<void> {
    ExchangeRun run(*this, *pool, exchange);
    co_await run.Run();
  };
}

}  // namespace headroom::proxy
