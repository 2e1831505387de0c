// The deadlines of all that waits on one thread, checked by one timer.
//
// A deadline is a field that is written before each wait; nothing is armed or
// cancelled per read. The timer runs while there are waiters and looks at each
// of them once a period, so a deadline is kept to within one period.
//
// Not thread-safe: one io_context thread.

#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <vector>

#include "base/status.h"
#include "net/async.h"

namespace headroom::net {

class Deadlines {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  class Waiter {
   public:
    explicit Waiter(Deadlines& deadlines);
    virtual ~Waiter();
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;

    // Ends what is under way: kDeadlineExceeded when a deadline has passed,
    // kCancelled from a Cancellation. May destroy the waiter.
    virtual void Abort(Code why) = 0;

    void set_deadline(TimePoint deadline) { deadline_ = deadline; }
    void ExpireIn(std::chrono::milliseconds delay) { deadline_ = std::chrono::steady_clock::now() + delay; }
    void ClearDeadline() { deadline_ = TimePoint::max(); }

   private:
    friend class Deadlines;
    Deadlines& deadlines_;
    size_t index_;
    TimePoint deadline_ = TimePoint::max();
  };

  Deadlines(asio::io_context& context, std::chrono::milliseconds period);
  ~Deadlines();
  Deadlines(const Deadlines&) = delete;
  Deadlines& operator=(const Deadlines&) = delete;

 private:
  void Arm();
  void Check();

  const std::chrono::milliseconds period_;
  SteadyTimer timer_;
  bool armed_ = false;
  std::vector<Waiter*> waiters_;
  // Expires with this object, also for a handler that is already queued.
  std::shared_ptr<Deadlines*> self_;
};

}  // namespace headroom::net
