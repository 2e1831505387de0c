#include "net/upstream_connection.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace headroom::net {
namespace {

using boost::system::error_code;

// Most reads are a head or a few events; a body that fills its reads gets more.
constexpr size_t kSmallBuffer = 16 * 1024;
constexpr size_t kLargeBuffer = 64 * 1024;
// The parser takes heads up to 64 KB in one piece.
constexpr size_t kMaxBuffer = 128 * 1024;

}  // namespace

UpstreamConnection::UpstreamConnection(Deadlines& deadlines, TcpSocket socket, Endpoint endpoint)
    : Waiter(deadlines), socket_(std::move(socket)), endpoint_(std::move(endpoint)) {}

UpstreamConnection::~UpstreamConnection() {
  // Without a shutdown OpenSSL marks the session as one not to resume.
  if (tls_) SSL_set_shutdown(tls_->native_handle(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
}

Awaitable<Status> UpstreamConnection::Handshake(std::shared_ptr<TlsContext> tls) {
  context_ = std::move(tls);
  tls_.emplace(socket_, context_->context());
  context_->Prepare(tls_->native_handle(), endpoint_);
  const auto [error] = co_await tls_->async_handshake(asio::ssl::stream_base::client, kUseAwaitable);
  if (!error) co_return Status();
  if (aborted_ != Code::kOk) co_return Failure("TLS handshake", error);
  co_return Status(
      Code::kUnavailable,
      "TLS handshake with " + HostAndPort(endpoint_) + ": " + HandshakeFailure(tls_->native_handle(), error.message()),
      Origin::kUpstream);
}

size_t UpstreamConnection::TrySend(const Buffers& buffers) {
  if (tls_) return 0;
  error_code error;
  const size_t sent = socket_.write_some(buffers, error);
  return error ? 0 : sent;
}

Awaitable<Result<size_t>> UpstreamConnection::Send(const Buffers& buffers) {
  error_code error;
  size_t sent = 0;
  if (tls_) {
    std::tie(error, sent) = co_await tls_->async_write_some(buffers, kUseAwaitable);
  } else {
    std::tie(error, sent) = co_await socket_.async_write_some(buffers, kUseAwaitable);
  }
  if (error) co_return Failure("send", error);
  co_return sent;
}

std::string_view UpstreamConnection::Join(std::string_view first, std::string_view second) {
  char* const end = const_cast<char*>(first.data()) + first.size();
  std::memmove(end, second.data(), second.size());
  return {first.data(), first.size() + second.size()};
}

Awaitable<Result<size_t>> UpstreamConnection::Read() {
  if (aborted_ != Code::kOk) co_return Failure("read", {});
  MakeRoom();
  const asio::mutable_buffer room(buffer_.get() + end_, capacity_ - end_);
  error_code error;
  size_t received = 0;
  if (tls_) {
    std::tie(error, received) = co_await tls_->async_read_some(room, kUseAwaitable);
  } else {
    std::tie(error, received) = co_await socket_.async_read_some(room, kUseAwaitable);
  }
  if (aborted_ != Code::kOk) co_return Failure("read", error);
  end_ += received;
  filled_ = received == room.size();
  if (error && error != asio::error::eof) co_return Failure("read", error);
  co_return received;
}

void UpstreamConnection::MakeRoom() {
  const size_t unread = end_ - begin_;
  if (unread == 0) begin_ = end_ = 0;
  size_t wanted = capacity_ == 0 ? kSmallBuffer : capacity_;
  if (filled_) wanted = std::max(wanted, kLargeBuffer);
  if (unread == capacity_ && unread > 0) wanted = std::min(2 * capacity_, kMaxBuffer);
  filled_ = false;
  if (wanted != capacity_) {
    std::unique_ptr<char[]> larger(new char[wanted]);
    if (unread > 0) std::memcpy(larger.get(), buffer_.get() + begin_, unread);
    buffer_ = std::move(larger);
    capacity_ = wanted;
    begin_ = 0;
    end_ = unread;
  } else if (end_ == capacity_ && begin_ > 0) {
    std::memmove(buffer_.get(), buffer_.get() + begin_, unread);
    begin_ = 0;
    end_ = unread;
  }
}

bool UpstreamConnection::Alive() {
  char byte = 0;
  const ssize_t peeked = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return peeked < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

void UpstreamConnection::Shrink() {
  filled_ = false;
  if (capacity_ <= kSmallBuffer) return;
  buffer_.reset();
  capacity_ = begin_ = end_ = 0;
}

void UpstreamConnection::Abort(Code why) {
  if (idle_observer_ != nullptr) return idle_observer_->IdleExpired(this);
  if (aborted_ != Code::kOk) return;
  aborted_ = why;
  error_code ignored;
  socket_.close(ignored);
}

Status UpstreamConnection::Failure(std::string_view what, const error_code& error) const {
  std::string detail(what);
  detail += ' ';
  detail += HostAndPort(endpoint_);
  if (aborted_ != Code::kOk) return {aborted_, std::move(detail), Origin::kUpstream};
  return {Code::kUnavailable, detail + ": " + error.message(), Origin::kUpstream};
}

}  // namespace headroom::net
