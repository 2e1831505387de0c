// The downstream side: accepts HTTP/1.x connections and hands each request to
// a handler coroutine. Knows nothing of LLMs.
//
//   threads ──► io_context each ──► acceptor each (SO_REUSEPORT)
//                  connection: read head ─► handler(Exchange&) ─► drain ─► next (keep-alive, pipelining)
//
// A connection, its Exchange and its handler live on one io_context thread.
// Server itself is thread-safe where noted.

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/status.h"
#include "net/async.h"
#include "net/message.h"
#include "net/tls_server.h"

namespace headroom::net {

// One request and the response to it, on one downstream connection.
class Exchange {
 public:
  virtual ~Exchange() = default;

  virtual const RequestHead& request() const = 0;
  virtual std::string_view peer_address() const = 0;  // "127.0.0.1"
  virtual Executor executor() const = 0;
  // How the request's body is delimited; kNone when it has none, Exact(0)
  // for "Content-Length: 0".
  virtual BodyLength request_length() const = 0;

  // The next bytes of the request body as they arrive, de-chunked; empty at the
  // end. The view lives until the next call. Answers "Expect: 100-continue" on
  // the first call.
  // Errors: kInvalidArgument   malformed chunking
  //         kDeadlineExceeded  the body did not arrive in time
  //         kUnavailable       the client went away
  virtual Awaitable<Result<std::string_view>> ReadBody() = 0;

  // The whole body. Errors as ReadBody, and kResourceExhausted past
  // `limit_bytes` (at once when Content-Length says so).
  virtual Awaitable<Result<PaddedBytes>> ReadWholeBody(size_t limit_bytes) = 0;

  // Sends the status line and headers, and `body_prefix` in the same write.
  // Content-Length, Transfer-Encoding and Connection are written from `length`;
  // fields of those names in `head` must be removed by the caller. For an
  // HTTP/1.0 client kChunked becomes kUntilClose. Call once.
  virtual Awaitable<Status> WriteHead(const ResponseHead& head, BodyLength length,
                                      std::string_view body_prefix = {}) = 0;
  // Sends body bytes at once (one chunk when chunked). Suspends while the
  // client's window is full: this is the backpressure.
  virtual Awaitable<Status> Write(std::string_view bytes) = 0;
  // Ends the body. Without it the connection is cut, so that the client sees a
  // truncated response.
  virtual Awaitable<Status> Finish() = 0;
  virtual bool head_written() const = 0;

  // Calls `gone` once (on this thread) if the client closes before Finish.
  // Replaces an earlier callback; an empty function stops the watch.
  virtual void OnDisconnect(std::function<void()> gone) = 0;
};

using Handler = std::function<Awaitable<void>(Exchange&)>;

class Server {
 public:
  struct Options {
    std::string host = "127.0.0.1";
    uint16_t port = 8787;  // 0: any free port
    size_t threads = 2;
    size_t max_connections = 10'000;
    size_t max_head_bytes = 64 * 1024;
    std::chrono::milliseconds head_timeout{15'000};   // first byte of a head to its end
    std::chrono::milliseconds body_timeout{60'000};   // between two reads of a request body
    std::shared_ptr<const TlsServer> tls;             // null: no TLS
    std::chrono::milliseconds idle_timeout{300'000};  // no request on a connection, or a client that takes no bytes
  };

  // `make_handler` is called once per I/O thread, on that thread, before it
  // accepts; what it captures (an upstream pool, say) belongs to that thread.
  using HandlerFactory = std::function<Handler(asio::io_context&)>;

  Server(Options options, HandlerFactory make_handler);
  ~Server();

  // Binds and starts the threads.
  // Errors: kUnavailable (port taken), kInvalidArgument (host).
  Status Start();
  uint16_t port() const;       // after Start
  size_t connections() const;  // open now; thread-safe
  size_t exchanges() const;    // being served now; thread-safe
  size_t refused() const;      // connections closed at once past max_connections; thread-safe

  // Stops accepting and closes idle connections; running exchanges go on.
  // Thread-safe.
  void Drain();
  // Ends everything at once and joins. Idempotent.
  void Stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace headroom::net
