// Sends one request while its response is awaited.
//
// The head and a whole body leave in one gathered write; what the socket does
// not take at once, and a body that is pulled from a source, is sent by a
// coroutine alongside, so that an early response is seen while sending.
//
// Not thread-safe: one io_context thread.

#pragma once

#include <boost/asio/cancellation_signal.hpp>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"
#include "net/async.h"
#include "net/client.h"
#include "net/upstream_connection.h"

namespace headroom::net {

// The head as it goes out, its blank line included. Framing fields are written
// from `length`. With `proxy` the target takes its absolute form.
std::string RequestText(const RequestHead& head, BodyLength length, const Endpoint& endpoint, const ProxyServer* proxy);

class RequestSender {
 public:
  // `connection` must outlive this; progress pushes its deadline on by `timeout`.
  RequestSender(asio::io_context& context, UpstreamConnection& connection, std::chrono::milliseconds timeout);

  // One of the two, once. `head_text` and `body` must live until finished() or
  // Stop has returned.
  void Send(std::string_view head_text, std::string_view body);
  void SendFrom(std::string_view head_text, BodyLength length, BodySource source);

  // Ends the sending: an operation under way, the source's included, is
  // cancelled. Returns when nothing of it runs any more.
  Awaitable<void> Stop();

  // All of the request is with the kernel.
  bool finished() const { return finished_; }
  // A byte of the body was taken from the source.
  bool pulled() const { return pulled_; }
  // The source's failure, after which the connection is closed.
  const Status& source_failure() const { return source_failure_; }

 private:
  using Buffers = UpstreamConnection::Buffers;

  void Spawn(Awaitable<void> work);
  Awaitable<void> SendRest(Buffers rest);
  Awaitable<void> PullAndSend(std::string_view head_text, BodyLength length, BodySource source);
  Awaitable<Result<std::string_view>> Pull(BodySource& source);
  Awaitable<bool> SendAll(Buffers buffers);
  void FailSource(Status failure);

  const Executor executor_;
  UpstreamConnection& connection_;
  const std::chrono::milliseconds timeout_;
  asio::cancellation_signal stop_;
  SteadyTimer over_;  // never expires; its cancellation wakes Stop
  bool running_ = false;
  bool stopping_ = false;
  bool finished_ = false;
  bool pulled_ = false;
  Status source_failure_;
};

}  // namespace headroom::net
