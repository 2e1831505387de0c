// A bounded pool for CPU work that would stall an I/O thread (more than about
// 100 µs: parsing and hashing large bodies, compressing, counting tokens).
// Thread-safe.

#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace headroom {

class WorkerPool {
 public:
  struct Options {
    size_t threads = 2;
    size_t max_queued = 1024;
  };

  explicit WorkerPool(Options options);
  ~WorkerPool();  // stops
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // Runs `work` on some thread; what it throws is logged and swallowed.
  // False, and `work` is not run, when max_queued tasks wait already or the
  // pool has stopped.
  [[nodiscard]] bool TryPost(std::function<void()> work);

  // Runs what is queued, then joins. Idempotent, from one thread.
  void Stop();

 private:
  void Run();

  const Options options_;
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<std::function<void()>> queue_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace headroom
