#include "proxy/shared_calls.h"

#include <boost/asio/post.hpp>
#include <utility>

namespace headroom::proxy {

// One waiter's place in a call's list; gone with it, so that nothing is posted to a
// thread whose exchanges have been destroyed.
class SharedCalls::Place {
 public:
  Place(std::mutex& mutex, std::shared_ptr<Call> call, std::function<void()> wake)
      : mutex_(mutex), call_(std::move(call)), at_(call_->waiting.insert(call_->waiting.end(), std::move(wake))) {}
  ~Place() {
    const std::lock_guard lock(mutex_);
    call_->waiting.erase(at_);
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

 private:
  std::mutex& mutex_;
  const std::shared_ptr<Call> call_;
  const std::list<std::function<void()>>::iterator at_;
};

net::Awaitable<std::unique_ptr<SharedCalls::Lead>> SharedCalls::Join(const store::CacheKey& key, net::Executor executor,
                                                                     net::Cancellation& cancellation) {
  const auto timer = std::make_shared<net::SteadyTimer>(executor);
  const auto over = std::make_shared<bool>(false);
  // Posted to the waiter's thread: it cannot run before the waiter waits.
  const std::function<void()> end = [timer, over] {
    *over = true;
    timer->cancel();
  };
  std::shared_ptr<Call> call;
  std::unique_ptr<Place> place;
  {
    const std::lock_guard lock(mutex_);
    std::shared_ptr<Call>& current = calls_[key];
    if (current == nullptr) {
      current = std::make_shared<Call>();
      co_return std::make_unique<Lead>(*this, key, current);
    }
    call = current;
    place = std::make_unique<Place>(mutex_, call, [executor, end] { net::asio::post(executor, end); });
  }
  cancellation.OnCancel(end);
  while (!*over && !IsHeldUp(*call)) {
    timer->expires_after(kPatience);
    (void)co_await timer->async_wait(net::kUseAwaitable);
  }
  cancellation.OnCancel({});
  co_return nullptr;
}

void SharedCalls::End(const store::CacheKey& key, Call& call) {
  const std::lock_guard lock(mutex_);
  calls_.erase(key);
  for (const std::function<void()>& wake : call.waiting) wake();
}

int64_t SharedCalls::NowMillis() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(clock_.Now().time_since_epoch()).count();
}

bool SharedCalls::IsHeldUp(const Call& call) const {
  const int64_t since = call.held_up_since;
  return since != 0 && NowMillis() - since >= kPatience.count();
}

}  // namespace headroom::proxy
