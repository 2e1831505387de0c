// A TCP connection to a host: names are resolved off the thread, and its
// addresses are tried in turn, IPv6 and IPv4 alternating, each with a head
// start of 250 ms before the next joins in (RFC 8305). The first that answers
// wins.
//
// Not thread-safe: one io_context thread.

#pragma once

#include <memory>
#include <string>

#include "base/status.h"
#include "net/async.h"
#include "net/deadlines.h"
#include "net/url.h"

namespace headroom::net {

class Dialer : public Deadlines::Waiter {
 public:
  Dialer(asio::io_context& context, Deadlines& deadlines);
  ~Dialer() override;

  // Connects to host and port of `endpoint`. The socket has TCP_NODELAY and is
  // non-blocking. Call once.
  // Errors: kUnavailable, or what Abort was called with.
  Awaitable<Result<TcpSocket>> Connect(const Endpoint& endpoint);

  // Connect returns at once; a lookup that cannot be stopped ends unheeded.
  void Abort(Code why) override;

 private:
  class Race;
  std::shared_ptr<Race> race_;  // shared with the handlers of its operations
  Code aborted_ = Code::kOk;
};

}  // namespace headroom::net
