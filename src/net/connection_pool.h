// The kept connections of one thread, and how new ones are made:
//
//   Take ─► kept, checked and alive
//   Open ─► dial [proxy] ─► [CONNECT] ─► [TLS handshake]
//
// The connection used last is taken first, so that the others grow old and
// expire. Not thread-safe.

#pragma once

#include <cstddef>
#include <memory>
#include <unordered_map>
#include <vector>

#include "base/status.h"
#include "net/client.h"
#include "net/deadlines.h"
#include "net/http_parser.h"
#include "net/upstream_connection.h"

namespace headroom::net {

// What a Cancellation reaches: whatever the fetch waits for now.
class CancelPoint {
 public:
  void Cancel() {
    if (current_ != nullptr) current_->Abort(Code::kCancelled);
  }
  void set_current(Deadlines::Waiter* waiter) { current_ = waiter; }

 private:
  Deadlines::Waiter* current_ = nullptr;
};

class ConnectionPool : private UpstreamConnection::IdleObserver {
 public:
  ConnectionPool(asio::io_context& context, Pool::Options options);
  ~ConnectionPool() override = default;

  const Pool::Options& options() const { return options_; }
  asio::io_context& context() { return context_; }

  // A kept connection to `endpoint`, null when there is none.
  std::unique_ptr<UpstreamConnection> Take(const Endpoint& endpoint);
  // A new one. Errors: as Pool::Fetch. `point` follows its stages.
  Awaitable<Result<std::unique_ptr<UpstreamConnection>>> Open(const Endpoint& endpoint, CancelPoint& point);
  // Keeps `connection` for the next request, or closes it when there are enough.
  void Keep(std::unique_ptr<UpstreamConnection> connection);
  // Closes what is kept and keeps nothing more.
  void Close();

  // Parsers with the memory of their earlier heads.
  std::unique_ptr<ResponseParser> TakeParser();
  void KeepParser(std::unique_ptr<ResponseParser> parser);

 private:
  struct EndpointHash {
    size_t operator()(const Endpoint& endpoint) const;
  };
  using Kept = std::vector<std::unique_ptr<UpstreamConnection>>;

  void IdleExpired(UpstreamConnection* connection) override;
  Awaitable<Status> OpenTunnel(UpstreamConnection& connection, const ProxyServer& proxy);
  Result<std::shared_ptr<TlsContext>> Tls();

  asio::io_context& context_;
  Pool::Options options_;
  Deadlines deadlines_;
  std::unordered_map<Endpoint, Kept, EndpointHash> kept_;
  std::vector<std::unique_ptr<ResponseParser>> parsers_;
  bool closed_ = false;
};

}  // namespace headroom::net
