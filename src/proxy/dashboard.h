// The page that shows what the proxy does, and what it asks for:
//
//   GET /dashboard                     the page; nothing of anybody's in it
//   GET /dashboard/data                all figures, as JSON
//   GET /dashboard/events              the same as events, when something changed, once a second at most
//   GET /dashboard/requests/{id}       the changed blocks of a recent request
//   GET /dashboard/requests/{id}/{n}   one of them, before and after: prompt text
//
// All of it is for the administrator (proxy/guard.h).
//
// A viewer costs a timer and a document a second that all viewers share; at
// most Options::max_viewers streams are open, further ones get 503 and their pages ask
// for the data now and then instead. Streams end when the proxy drains. Thread-safe.

#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/worker_pool.h"
#include "net/server.h"
#include "proxy/activity.h"
#include "proxy/api.h"
#include "store/store.h"

namespace headroom::proxy {

class Dashboard {
 public:
  struct Options {
    size_t max_viewers = 16;
    std::chrono::milliseconds refresh{1'000};
    std::chrono::milliseconds sign_of_life{15'000};  // a comment, after so long without an event
  };
  // Makes the document of all figures.
  using MakeData = std::function<std::string()>;

  // The references must outlive it. `draining`: streams are to end.
  Dashboard(Options options, const Clock& clock, const Activity& activity, store::Store& store, WorkerPool& workers,
            MakeData make_data, std::function<bool()> draining);

  net::Awaitable<Status> Serve(net::Exchange& exchange);

  // Streams open now.
  size_t viewers() const { return viewers_; }

 private:
  struct Made {
    uint64_t version = 0;  // of the activity; what came while it was made may be in it
    std::string json;
  };
  using Document = std::shared_ptr<const Made>;

  net::Awaitable<Status> SendData(net::Exchange& exchange);
  net::Awaitable<Status> SendEvents(net::Exchange& exchange);
  net::Awaitable<Status> Stream(net::Exchange& exchange);
  net::Awaitable<Status> SendChanges(net::Exchange& exchange, std::string_view rest);
  // The document, not older than a refresh; made on the pool where it has to be.
  net::Awaitable<Document> Data(net::Exchange& exchange);
  Document MakeDocument();

  const Options options_;
  const Clock& clock_;
  const Activity& activity_;
  store::Store& store_;
  WorkerPool& workers_;
  const MakeData make_data_;
  const std::function<bool()> draining_;
  std::atomic<size_t> viewers_{0};
  std::mutex mutex_;
  Document document_;
  Clock::TimePoint made_;
};

}  // namespace headroom::proxy
