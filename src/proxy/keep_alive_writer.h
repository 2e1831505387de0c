// Writes the pieces of one response, and the API's sign of life whenever nothing
// was written for a while: a model may think for minutes after a call that the
// client does not know of, and clients and gateways give up a silent stream.
//
// Writes of both kinds never meet. Lives in one coroutine on one I/O thread.

#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"
#include "net/async.h"
#include "net/server.h"

namespace headroom::proxy {

class KeepAliveWriter {
 public:
  // `exchange` must outlive the writer, whose Stop() must have been awaited where Start() was called.
  KeepAliveWriter(net::Exchange& exchange, std::chrono::milliseconds interval);

  // From now on `ping`, a whole event, is written after each `interval` without a write.
  void Start(std::string ping);
  // Ends the pings and waits for one under way. Idempotent.
  net::Awaitable<void> Stop();

  // As Exchange::Write; also the error of a ping before it.
  net::Awaitable<Status> Write(std::string_view bytes);

 private:
  struct State;
  struct Ended;
  static net::Awaitable<void> Ping(std::shared_ptr<State> state);
  net::Awaitable<void> WhilePinging();

  std::shared_ptr<State> state_;
};

}  // namespace headroom::proxy
