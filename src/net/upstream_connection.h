// One connection to an upstream, plain or TLS, and the buffer it is read into.
//
//   buffer   |....consumed....|unread bytes of the response|......room......|
//                             ^begin_                      ^end_            ^capacity_
//
// Bytes are read only when asked for. Views into the buffer live until the
// next Read.
//
// Not thread-safe: one io_context thread.

#pragma once

#include <array>
#include <boost/asio/ssl/stream.hpp>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "net/async.h"
#include "net/deadlines.h"
#include "net/tls.h"
#include "net/url.h"

namespace headroom::net {

class UpstreamConnection : public Deadlines::Waiter {
 public:
  using Buffers = std::array<asio::const_buffer, 4>;

  UpstreamConnection(Deadlines& deadlines, TcpSocket socket, Endpoint endpoint);
  ~UpstreamConnection() override;

  const Endpoint& endpoint() const { return endpoint_; }

  // Turns the connection into TLS. Errors: kUnavailable (the certificate is not
  // trusted or not for this host, among others), and what Abort was called with.
  Awaitable<Status> Handshake(std::shared_ptr<TlsContext> tls);

  // Sends what fits at once without waiting; returns how many bytes that is. On
  // TLS, and on an error (which the next Read will show), none.
  size_t TrySend(const Buffers& buffers);
  // Sends some bytes, at least one. Errors: kUnavailable.
  Awaitable<Result<size_t>> Send(const Buffers& buffers);

  std::string_view unread() const { return {buffer_.get() + begin_, end_ - begin_}; }
  void Consume(size_t bytes) { begin_ += bytes; }
  // Moves `second` next to `first`, which stands before it; both are views into
  // the buffer and consumed. Joins the pieces of a chunked body.
  static std::string_view Join(std::string_view first, std::string_view second);
  // Adds bytes to unread(), as soon as there are any; returns how many, 0 at the
  // end. Errors: kUnavailable, and what Abort was called with.
  Awaitable<Result<size_t>> Read();

  // Whether the peer has kept the idle connection open and silent. Costs a system
  // call; without it a request could reach a server that is closing, be processed
  // there and be sent once more.
  bool Alive();
  // Gives back a buffer that has grown. Requires that nothing is unread.
  void Shrink();

  // Closes the socket at once. While the connection is idle its pool is told
  // instead, which destroys it.
  void Abort(Code why) override;
  Code aborted() const { return aborted_; }
  // The pool's view of an idle connection; null while it is in use.
  class IdleObserver {
   public:
    virtual ~IdleObserver() = default;
    virtual void IdleExpired(UpstreamConnection* connection) = 0;
  };
  void set_idle_observer(IdleObserver* observer) { idle_observer_ = observer; }

 private:
  void MakeRoom();
  Status Failure(std::string_view what, const boost::system::error_code& error) const;

  TcpSocket socket_;
  std::shared_ptr<TlsContext> context_;
  std::optional<asio::ssl::stream<TcpSocket&>> tls_;
  Endpoint endpoint_;
  std::unique_ptr<char[]> buffer_;
  size_t capacity_ = 0;
  size_t begin_ = 0;
  size_t end_ = 0;
  bool filled_ = false;  // the last read used all the room it had
  Code aborted_ = Code::kOk;
  IdleObserver* idle_observer_ = nullptr;
};

}  // namespace headroom::net
