#include "net/dialer.h"

#include <boost/asio/ip/basic_resolver.hpp>
#include <utility>
#include <vector>

namespace headroom::net {
namespace {

using Resolver = asio::ip::basic_resolver<asio::ip::tcp, Executor>;
using boost::system::error_code;

constexpr std::chrono::milliseconds kHeadStart{250};  // RFC 8305 5
constexpr size_t kMaxAddresses = 16;

// RFC 8305 4: families alternate, the resolver's first choice first.
std::vector<asio::ip::tcp::endpoint> Interleave(const Resolver::results_type& results) {
  std::vector<asio::ip::tcp::endpoint> first;
  std::vector<asio::ip::tcp::endpoint> second;
  for (const auto& entry : results) {
    const asio::ip::tcp::endpoint address = entry.endpoint();
    const bool leading = first.empty() || first.front().protocol() == address.protocol();
    (leading ? first : second).push_back(address);
  }
  std::vector<asio::ip::tcp::endpoint> mixed;
  for (size_t i = 0; (i < first.size() || i < second.size()) && mixed.size() < kMaxAddresses; ++i) {
    if (i < first.size()) mixed.push_back(first[i]);
    if (i < second.size()) mixed.push_back(second[i]);
  }
  return mixed;
}

}  // namespace

class Dialer::Race : public std::enable_shared_from_this<Dialer::Race> {
 public:
  explicit Race(asio::io_context& context)
      : executor_(context.get_executor()), resolver_(executor_), head_start_(executor_), over_(executor_) {
    over_.expires_at(SteadyTimer::time_point::max());
  }

  void Start(const Endpoint& endpoint) {
    error_code error;
    const auto address = asio::ip::make_address(endpoint.host, error);
    if (!error) {
      addresses_ = {{address, endpoint.port}};
      return TryNext();
    }
    resolver_.async_resolve(endpoint.host, std::to_string(endpoint.port), Resolver::numeric_service,
                            [self = shared_from_this()](error_code failed, Resolver::results_type results) {
                              if (self->finished_) return;
                              self->addresses_ = Interleave(results);
                              self->last_error_ = failed;
                              self->TryNext();
                            });
  }

  // Returns when there is a winner, nothing is left to try, or Stop was called.
  Awaitable<void> Wait() {
    if (!finished_) co_await over_.async_wait(kUseAwaitable);
  }

  void Stop() {
    if (finished_) return;
    finished_ = true;
    resolver_.cancel();
    head_start_.cancel();
    over_.cancel();
    attempts_.clear();
  }

  std::unique_ptr<TcpSocket> TakeWinner() { return std::move(winner_); }
  const error_code& last_error() const { return last_error_; }

 private:
  void TryNext() {
    if (next_ == addresses_.size()) {
      if (pending_ == 0) Stop();
      return;
    }
    const size_t index = next_++;
    ++pending_;
    attempts_.push_back(std::make_unique<TcpSocket>(executor_));
    attempts_[index]->async_connect(addresses_[index], [self = shared_from_this(), index](error_code failed) {
      if (!self->finished_) self->Connected(index, failed);
    });
    if (next_ == addresses_.size()) return;
    head_start_.expires_after(kHeadStart);
    head_start_.async_wait([self = shared_from_this(), index](error_code failed) {
      // A failure in the meantime has gone on to the next address already.
      if (!failed && !self->finished_ && self->next_ == index + 1) self->TryNext();
    });
  }

  void Connected(size_t index, error_code failed) {
    --pending_;
    if (failed) {
      last_error_ = failed;
      return TryNext();
    }
    winner_ = std::move(attempts_[index]);
    Stop();
  }

  const Executor executor_;
  Resolver resolver_;
  SteadyTimer head_start_;
  SteadyTimer over_;  // never expires; its cancellation wakes Wait
  std::vector<asio::ip::tcp::endpoint> addresses_;
  std::vector<std::unique_ptr<TcpSocket>> attempts_;
  size_t next_ = 0;
  size_t pending_ = 0;
  bool finished_ = false;
  std::unique_ptr<TcpSocket> winner_;
  error_code last_error_;
};

Dialer::Dialer(asio::io_context& context, Deadlines& deadlines)
    : Waiter(deadlines), race_(std::make_shared<Race>(context)) {}

Dialer::~Dialer() { race_->Stop(); }

void Dialer::Abort(Code why) {
  if (aborted_ == Code::kOk) aborted_ = why;
  race_->Stop();
}

Awaitable<Result<TcpSocket>> Dialer::Connect(const Endpoint& endpoint) {
  race_->Start(endpoint);
  co_await race_->Wait();
  if (aborted_ != Code::kOk) co_return Status(aborted_, "connect to " + HostAndPort(endpoint), Origin::kUpstream);
  std::unique_ptr<TcpSocket> socket = race_->TakeWinner();
  if (socket == nullptr) {
    const error_code& error = race_->last_error();
    const std::string reason = error ? error.message() : "the name has no address";
    co_return Status(Code::kUnavailable, "connect to " + HostAndPort(endpoint) + ": " + reason, Origin::kUpstream);
  }
  error_code ignored;
  socket->set_option(asio::ip::tcp::no_delay(true), ignored);
  socket->non_blocking(true, ignored);
  co_return std::move(*socket);
}

}  // namespace headroom::net
