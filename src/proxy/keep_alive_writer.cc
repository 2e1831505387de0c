#include "proxy/keep_alive_writer.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace headroom::proxy {

using TimePoint = std::chrono::steady_clock::time_point;

struct KeepAliveWriter::State {
  State(net::Exchange& to, std::chrono::milliseconds every)
      : exchange(to), interval(every), due(to.executor()), changed(to.executor(), TimePoint::max()) {}

  net::Exchange& exchange;
  const std::chrono::milliseconds interval;
  net::SteadyTimer due;
  net::SteadyTimer changed;  // cancelled when a ping or the pinging is over
  std::string ping;
  TimePoint last = std::chrono::steady_clock::now();
  Status status;  // of the last ping
  bool running = false;
  bool stopped = false;
  bool pinging = false;
  bool writing = false;
};

struct KeepAliveWriter::Ended {
  State& state;
  ~Ended() {
    state.running = state.pinging = false;
    state.changed.cancel();
  }
};

KeepAliveWriter::KeepAliveWriter(net::Exchange& exchange, std::chrono::milliseconds interval)
    : state_(std::make_shared<State>(exchange, interval)) {}

void KeepAliveWriter::Start(std::string ping) {
  if (state_->running || state_->stopped) return;
  state_->running = true;
  state_->ping = std::move(ping);
  net::asio::co_spawn(state_->exchange.executor(), Ping(state_), net::asio::detached);
}

net::Awaitable<void> KeepAliveWriter::Ping(std::shared_ptr<State> state) {
  // However it ends, nobody waits for it any more.
  const Ended ended{*state};
  TimePoint next = state->last + state->interval;
  while (!state->stopped && state->status.ok()) {
    state->due.expires_at(next);
    (void)co_await state->due.async_wait(net::kUseAwaitable);
    const TimePoint now = std::chrono::steady_clock::now();
    next = (state->writing ? now : state->last) + state->interval;
    if (state->stopped || state->writing || now < next) continue;
    state->pinging = true;
    state->status = co_await state->exchange.Write(state->ping);
    state->pinging = false;
    state->last = std::chrono::steady_clock::now();
    next = state->last + state->interval;
    state->changed.cancel();
  }
}

net::Awaitable<void> KeepAliveWriter::WhilePinging() {
  while (state_->pinging) (void)co_await state_->changed.async_wait(net::kUseAwaitable);
}

net::Awaitable<Status> KeepAliveWriter::Write(std::string_view bytes) {
  co_await WhilePinging();
  if (!state_->status.ok()) co_return state_->status;
  state_->writing = true;
  const Status status = co_await state_->exchange.Write(bytes);
  state_->writing = false;
  state_->last = std::chrono::steady_clock::now();
  co_return status;
}

net::Awaitable<void> KeepAliveWriter::Stop() {
  state_->stopped = true;
  state_->due.cancel();
  while (state_->running) (void)co_await state_->changed.async_wait(net::kUseAwaitable);
}

}  // namespace headroom::proxy
