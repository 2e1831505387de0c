// One downstream connection: reads heads, hands each request to the handler as
// an Exchange, and decides whether the connection may carry another one.
//
//   Run:  head ─► handler ─► rest of the body (at most kDrainBytes) ─► head ...
//           │        └ no Finish: cut
//           └ refused: small JSON answer, close
//
// Not thread-safe: lives on its io_context thread.

#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "net/downstream_socket.h"
#include "net/http_parser.h"
#include "net/response_head.h"
#include "net/server.h"

namespace headroom::net {

class Connection final : public Exchange {
 public:
  // A body that the handler left unread is read up to this size, so that the
  // connection can be kept; a longer one costs less to cut.
  static constexpr size_t kDrainBytes = 64 * 1024;

  // What the connections of one thread share. Outlives them.
  struct Context {
    const Server::Options& options;
    const Handler& handler;
    SocketTable& table;
    std::atomic<size_t>& exchanges;
    const bool& draining;
  };

  Connection(TcpSocket socket, std::string peer_address, const Context& context);

  // Serves requests until the connection ends. Logs what the handler throws.
  Awaitable<void> Run();

  const RequestHead& request() const override { return parser_.head(); }
  std::string_view peer_address() const override { return peer_address_; }
  Executor executor() const override { return executor_; }
  BodyLength request_length() const override;
  Awaitable<Result<std::string_view>> ReadBody() override;
  Awaitable<Result<PaddedBytes>> ReadWholeBody(size_t limit_bytes) override;
  Awaitable<Status> WriteHead(const ResponseHead& head, BodyLength length, std::string_view body_prefix) override;
  Awaitable<Status> Write(std::string_view bytes) override;
  Awaitable<Status> Finish() override;
  bool head_written() const override { return head_written_; }
  void OnDisconnect(std::function<void()> gone) override;

 private:
  enum class HeadOutcome { kRequest, kRefused, kClosed };

  void Reset();
  void FreeHeads();
  Awaitable<bool> Secure();
  Awaitable<HeadOutcome> ReadHead();
  Awaitable<void> Refuse(int status, std::string_view message);
  Awaitable<bool> Serve();
  Awaitable<bool> CallHandler();
  Awaitable<bool> DrainBody();
  Awaitable<Status> AnswerExpectation();
  void BodyEnded();
  Status BodyFailed(Status status, int refusal);
  bool CanKeepAlive() const;
  Status CountBody(size_t bytes);

  const Context& context_;
  DownstreamSocket socket_;
  const Executor executor_;
  const std::string peer_address_;
  RequestParser parser_;
  std::string head_bytes_;  // of the response; reused

  // Of the current exchange.
  ResponseFraming framing_;
  uint64_t body_left_ = 0;  // of an exact response body
  int body_refusal_ = 0;    // how the server answers a body that failed
  bool body_done_ = false;  // the request's
  bool expects_continue_ = false;
  bool head_written_ = false;
  bool finished_ = false;
  bool broken_ = false;  // nothing more can be sent
  std::function<void()> gone_;
};

}  // namespace headroom::net
