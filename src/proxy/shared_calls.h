// Concurrent identical requests share one call: the first leads, the others wait
// until it has ended and then look again at what it left.
//
//   Join(key) ─► nobody calls: leads, until the Lead is destroyed
//             └► somebody does: waits for that end, or until its own client goes, or until the leader is
//                held up by a client that does not read
//
// A leader that fails leaves nothing: those who waited then go on their own, at
// once and each for itself. Waiters may live on other I/O threads than the leader.
// Thread-safe.

#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>

#include "base/clock.h"
#include "net/async.h"
#include "net/client.h"
#include "store/response_cache.h"

namespace headroom::proxy {

class SharedCalls {
 private:
  struct Call {
    std::atomic<int64_t> held_up_since{0};     // of Clock::Now in milliseconds; 0: it is not
    std::list<std::function<void()>> waiting;  // each posts to its waiter's thread
  };

 public:
  // How long a leader may be held up by its own client while others wait for it.
  static constexpr std::chrono::milliseconds kPatience{1'000};

  // `clock` must outlive it, and it must outlive every Lead.
  explicit SharedCalls(const Clock& clock) : clock_(clock) {}
  SharedCalls(const SharedCalls&) = delete;
  SharedCalls& operator=(const SharedCalls&) = delete;

  // Who holds it calls for all. Wakes those who wait when it is destroyed.
  class Lead {
   public:
    Lead(SharedCalls& calls, const store::CacheKey& key, std::shared_ptr<Call> call)
        : calls_(calls), key_(key), call_(std::move(call)) {}
    ~Lead() { calls_.End(key_, *call_); }
    Lead(const Lead&) = delete;
    Lead& operator=(const Lead&) = delete;

    // True while the leader waits for its own client instead of the provider.
    void SetHeldUp(bool held_up) { call_->held_up_since = held_up ? calls_.NowMillis() : 0; }

   private:
    SharedCalls& calls_;
    const store::CacheKey key_;
    const std::shared_ptr<Call> call_;
  };

  // Null for who has waited: the call that it waited for is over, or is not worth waiting for, or `cancellation`
  // was cancelled (whose action this replaces).
  net::Awaitable<std::unique_ptr<Lead>> Join(const store::CacheKey& key, net::Executor executor,
                                             net::Cancellation& cancellation);

 private:
  class Place;

  void End(const store::CacheKey& key, Call& call);
  int64_t NowMillis() const;
  bool IsHeldUp(const Call& call) const;

  const Clock& clock_;
  std::mutex mutex_;
  std::map<store::CacheKey, std::shared_ptr<Call>> calls_;
};

}  // namespace headroom::proxy
