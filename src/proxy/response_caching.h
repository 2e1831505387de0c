// The exchange's side of the response cache.
//
//   Find ─► takes no part                              ─► upstream, nothing kept
//       └─► takes part ─► somebody asks the same now ─► waits ─┐
//                     └─► looks: there        ◄────────────────┘
//                            ├─► the reply as it was kept
//                            └─► not there ─► upstream through Tap, which keeps what may be kept
//
// ReplyCaching is what the exchanges of a proxy share (thread-safe); a ResponseCaching
// belongs to one exchange and lives in its coroutine.

#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/worker_pool.h"
#include "net/client.h"
#include "net/server.h"
#include "proxy/api.h"
#include "proxy/cacheable.h"
#include "proxy/cached_reply.h"
#include "proxy/shared_calls.h"
#include "proxy/upstreams.h"
#include "proxy/usage.h"
#include "store/response_cache.h"

namespace headroom::proxy {

class ReplyCaching {
 public:
  struct Options {
    store::ResponseCache* cache = nullptr;  // null: switched off
    bool sampled = false;                   // also where the temperature is not 0
    std::chrono::seconds ttl{3600};
  };

  struct Counts {
    uint64_t hits = 0;
    uint64_t misses = 0;
    uint64_t shared = 0;  // hits that waited for somebody else's call
    uint64_t kept = 0;
    store::CacheStats stored;

    double HitRate() const {
      return hits + misses == 0 ? 0 : static_cast<double>(hits) / static_cast<double>(hits + misses);
    }
  };

  // The arguments must outlive it.
  ReplyCaching(Options options, WorkerPool& workers, const Clock& clock)
      : options_(options), workers_(workers), clock_(clock), calls_(clock) {}

  bool on() const { return options_.cache != nullptr; }
  std::chrono::seconds ttl() const { return options_.ttl; }
  Counts counts() const;

  // Answers POST /cache/clear[?tenant=DIGEST]: forgets everybody's replies, or one tenant's. May wait.
  Reply Clear(const net::RequestHead& request) const;

 private:
  friend class ResponseCaching;

  const Options options_;
  WorkerPool& workers_;
  const Clock& clock_;
  SharedCalls calls_;
  std::atomic<uint64_t> hits_{0};
  std::atomic<uint64_t> misses_{0};
  std::atomic<uint64_t> shared_{0};
  std::atomic<uint64_t> kept_{0};
};

class ResponseCaching {
 public:
  // Larger replies are relayed and not kept.
  static constexpr size_t kMaxReplyBytes = 8u << 20;

  struct Asked {
    Api api = Api::kMessages;
    store::TenantId tenant;
    const Upstream& upstream;
    std::string_view path;  // upstream
    std::optional<CacheableRequest> cacheable;
    std::string_view body;  // as the client sent it, in no coding
  };

  ResponseCaching(ReplyCaching& caching, net::Exchange& exchange);
  ~ResponseCaching();

  // The reply kept for this request, if it takes part and there is one. May wait for another exchange that asks
  // the same. Call once, before the request goes upstream; `cancellation` is the one it will go with.
  net::Awaitable<std::optional<CachedReply>> Find(const Asked& asked, net::Cancellation& cancellation);

  // `response`, or what reads from it and keeps the whole of it where it may be kept. The result lives as long as
  // both.
  net::UpstreamResponse& Tap(net::UpstreamResponse& response);

  // "hit" or "miss" once the cache took part, else "".
  std::string_view outcome() const { return outcome_; }
  bool hit() const { return outcome_ == "hit"; }
  // What the reply that Find gave used when it was paid.
  const std::optional<Usage>& saved() const { return saved_; }

  // Sends a reply that Find gave.
  net::Awaitable<Status> Send(const CachedReply& reply, net::ResponseHead head) const;

 private:
  class Tapped;

  // Runs `work`, on the pool where it reads many bytes or may wait.
  net::Awaitable<void> OnPool(size_t bytes, const std::function<void()>& work, bool may_wait);
  net::Awaitable<void> Keep(const net::ResponseHead& head, const std::string& body);

  ReplyCaching& caching_;
  net::Exchange& exchange_;
  Api api_ = Api::kMessages;
  store::CacheKey key_;
  bool streams_ = false;
  bool keeps_ = false;
  std::string_view outcome_;
  std::optional<Usage> saved_;
  std::unique_ptr<SharedCalls::Lead> lead_;
  std::unique_ptr<Tapped> tapped_;
};

}  // namespace headroom::proxy
