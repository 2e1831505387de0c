// The upstream side: HTTP/1.1 over TCP or TLS with kept connections, one pool
// per I/O thread.
//
//   Pool::Fetch(endpoint, head, body) ─► kept or new connection ─► send ─► UpstreamResponse
//
// TLS verifies against the system's trust store, SSL_CERT_FILE,
// NODE_EXTRA_CA_CERTS and Options::ca_file, with SNI and host name check.
// HTTPS_PROXY / HTTP_PROXY / NO_PROXY are honoured (CONNECT for https).
//
// Not thread-safe: a pool and all it makes live on one io_context thread.

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"
#include "net/async.h"
#include "net/connect_proxy.h"
#include "net/message.h"
#include "net/url.h"

namespace headroom::net {

class TlsContext;

// A request's body pulled piece by piece, for bodies that are streamed
// through; an empty view ends it. When the sending ends early the operation it
// awaits is cancelled (asio's per-operation cancellation), a further co_await in
// it throws, and the fetch waits for its end.
using BodySource = std::function<Awaitable<Result<std::string_view>>()>;

// A response whose head has arrived.
class UpstreamResponse {
 public:
  virtual ~UpstreamResponse() = default;

  virtual const ResponseHead& head() const = 0;
  // From the head and the request's method; kNone for HEAD, 204, 304.
  virtual BodyLength length() const = 0;

  // Body bytes that came in the same read as the head, de-chunked; may be
  // empty. Counts as the first ReadBody; lives until the next call.
  virtual std::string_view TakeBuffered() = 0;

  // The next bytes, de-chunked, as soon as any are there; empty at the end,
  // after which the connection is back in the pool (or closed).
  // Errors: kUnavailable       cut before the end
  //         kDeadlineExceeded  nothing within idle_read_timeout
  //         kCancelled         Cancel was called
  virtual Awaitable<Result<std::string_view>> ReadBody() = 0;
};

// Cancels a fetch from the same thread at any stage; may be made before it.
// A response that is destroyed before its end closes its connection too.
class Cancellation {
 public:
  void Cancel();  // idempotent
  bool cancelled() const { return cancelled_; }
  // For the pool: what Cancel calls. Runs at once when already cancelled.
  void OnCancel(std::function<void()> action);

 private:
  bool cancelled_ = false;
  std::function<void()> action_;
};

class Pool {
 public:
  struct Options {
    std::chrono::milliseconds connect_timeout{10'000};
    std::chrono::milliseconds idle_read_timeout{600'000};
    std::chrono::milliseconds keep_idle{60'000};  // how long an unused connection is kept
    size_t max_idle_per_endpoint = 64;
    std::string ca_file;  // PEM, in addition to the system's
    // Shared by the pools whose options are copies of these; CheckTrust sets it.
    std::shared_ptr<TlsContext> tls;
    ProxySettings proxy;  // ProxySettings::FromEnvironment(), read once at the start
  };

  Pool(asio::io_context& context, Options options);
  ~Pool();

  // Sends `head` (Host is in it; Content-Length, Transfer-Encoding and
  // Connection are written here) with `body`, and reads the response's head;
  // 1xx are skipped. A kept connection that proves dead before any response
  // byte is replaced once.
  // Errors: kUnavailable       unreachable, refused, TLS failed, closed early, half a head
  //         kDeadlineExceeded  connect or read time-out
  //         kCancelled
  Awaitable<Result<std::unique_ptr<UpstreamResponse>>> Fetch(const Endpoint& endpoint, const RequestHead& head,
                                                             std::string_view body, bool has_body,
                                                             Cancellation& cancellation);

  // As above with a body that is pulled from `source` while it is sent; not
  // repeated on a dead connection once a byte of the body was pulled. A
  // response that comes before the body's end ends the sending.
  Awaitable<Result<std::unique_ptr<UpstreamResponse>>> FetchStreaming(const Endpoint& endpoint, const RequestHead& head,
                                                                      BodyLength length, BodySource source,
                                                                      Cancellation& cancellation);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// Loads what TLS trusts, once for all pools made from copies of `options`; a
// pool whose options were not checked loads it at its first TLS connection.
// Errors: kInvalidArgument with a sentence that names the setting and file.
Status CheckTrust(Pool::Options& options);

}  // namespace headroom::net
