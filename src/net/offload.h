// Runs CPU work on a WorkerPool and resumes the coroutine on its I/O thread.

#pragma once

#include <boost/asio/post.hpp>
#include <functional>
#include <memory>
#include <utility>

#include "base/worker_pool.h"
#include "net/async.h"

namespace headroom::net {

// False, without having run `work`, when the pool's queue is full. `work` must
// not throw; what it refers to must live until the pool has run it, so a pool
// is stopped before its callers are destroyed.
inline Awaitable<bool> Offload(WorkerPool& pool, Executor executor, std::function<void()> work) {
  auto initiate = [&pool, executor](auto handler, std::function<void()> task) {
    const auto resume = std::make_shared<decltype(handler)>(std::move(handler));
    const bool queued = pool.TryPost([resume, executor, task = std::move(task)] {
      task();
      asio::post(executor, [resume] { std::move (*resume)(true); });
    });
    if (!queued) asio::post(executor, [resume] { std::move (*resume)(false); });
  };
  constexpr asio::use_awaitable_t<Executor> kToken{};
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<Executor>, void(bool)>(std::move(initiate),
                                                                                             kToken, std::move(work));
}

}  // namespace headroom::net
