#include "net/deadlines.h"

namespace headroom::net {

Deadlines::Waiter::Waiter(Deadlines& deadlines) : deadlines_(deadlines), index_(deadlines.waiters_.size()) {
  deadlines_.waiters_.push_back(this);
  if (!deadlines_.armed_) deadlines_.Arm();
}

Deadlines::Waiter::~Waiter() {
  Waiter* const last = deadlines_.waiters_.back();
  deadlines_.waiters_[index_] = last;
  last->index_ = index_;
  deadlines_.waiters_.pop_back();
}

Deadlines::Deadlines(asio::io_context& context, std::chrono::milliseconds period)
    : period_(period), timer_(context.get_executor()), self_(std::make_shared<Deadlines*>(this)) {}

Deadlines::~Deadlines() = default;

void Deadlines::Arm() {
  armed_ = true;
  timer_.expires_after(period_);
  timer_.async_wait([self = std::weak_ptr(self_)](boost::system::error_code error) {
    const auto alive = self.lock();
    if (alive != nullptr && !error) (*alive)->Check();
  });
}

void Deadlines::Check() {
  armed_ = false;
  const TimePoint now = std::chrono::steady_clock::now();
  // From the end: an aborted waiter that leaves is replaced by one seen already.
  for (size_t i = waiters_.size(); i-- > 0;) {
    Waiter* const waiter = waiters_[i];
    if (waiter->deadline_ > now) continue;
    waiter->ClearDeadline();
    waiter->Abort(Code::kDeadlineExceeded);
  }
  if (!waiters_.empty()) Arm();
}

}  // namespace headroom::net
