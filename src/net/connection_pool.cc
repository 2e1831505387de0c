#include "net/connection_pool.h"

#include <algorithm>
#include <functional>
#include <string>
#include <utility>

#include "net/dialer.h"

namespace headroom::net {
namespace {

constexpr size_t kMaxSpareParsers = 64;
constexpr std::chrono::milliseconds kShortestPeriod{5};
constexpr std::chrono::milliseconds kLongestPeriod{1000};

// A quarter of the shortest time that is measured, within bounds.
std::chrono::milliseconds CheckPeriod(const Pool::Options& options) {
  const auto shortest = std::min({options.connect_timeout, options.idle_read_timeout, options.keep_idle});
  return std::clamp(shortest / 4, kShortestPeriod, kLongestPeriod);
}

Status Unavailable(std::string detail) { return {Code::kUnavailable, std::move(detail), Origin::kUpstream}; }

}  // namespace

size_t ConnectionPool::EndpointHash::operator()(const Endpoint& endpoint) const {
  return std::hash<std::string>()(endpoint.host) * 31 + endpoint.port * 2 + (endpoint.tls ? 1 : 0);
}

ConnectionPool::ConnectionPool(asio::io_context& context, Pool::Options options)
    : context_(context), options_(std::move(options)), deadlines_(context, CheckPeriod(options_)) {}

std::unique_ptr<UpstreamConnection> ConnectionPool::Take(const Endpoint& endpoint) {
  const auto found = kept_.find(endpoint);
  if (found == kept_.end()) return nullptr;
  Kept& kept = found->second;
  while (!kept.empty()) {
    std::unique_ptr<UpstreamConnection> connection = std::move(kept.back());
    kept.pop_back();
    if (!connection->Alive()) continue;
    connection->set_idle_observer(nullptr);
    connection->ClearDeadline();
    return connection;
  }
  return nullptr;
}

Awaitable<Result<std::unique_ptr<UpstreamConnection>>> ConnectionPool::Open(const Endpoint& endpoint,
                                                                            CancelPoint& point) {
  const auto deadline = std::chrono::steady_clock::now() + options_.connect_timeout;
  const ProxyServer* const proxy = options_.proxy.For(endpoint);
  Dialer dialer(context_, deadlines_);
  dialer.set_deadline(deadline);
  point.set_current(&dialer);
  Result<TcpSocket> socket = co_await dialer.Connect(proxy != nullptr ? proxy->endpoint : endpoint);
  point.set_current(nullptr);
  if (!socket.ok()) co_return socket.status();

  auto connection = std::make_unique<UpstreamConnection>(deadlines_, std::move(*socket), endpoint);
  if (!endpoint.tls) co_return connection;
  connection->set_deadline(deadline);
  point.set_current(connection.get());
  Status status;
  if (proxy != nullptr) status = co_await OpenTunnel(*connection, *proxy);
  if (status.ok()) {
    Result<std::shared_ptr<TlsContext>> tls = Tls();
    status = tls.status();
    if (tls.ok()) status = co_await connection->Handshake(std::move(*tls));
  }
  point.set_current(nullptr);
  if (!status.ok()) co_return status;
  connection->ClearDeadline();
  co_return connection;
}

Awaitable<Status> ConnectionPool::OpenTunnel(UpstreamConnection& connection, const ProxyServer& proxy) {
  const std::string request = ConnectRequest(proxy, connection.endpoint());
  for (size_t sent = 0; sent < request.size();) {
    const UpstreamConnection::Buffers rest = {asio::buffer(std::string_view(request).substr(sent))};
    const Result<size_t> step = co_await connection.Send(rest);
    if (!step.ok()) co_return step.status();
    sent += *step;
  }
  // What follows the head is the tunnel's, whatever the head says (RFC 9110 9.3.6).
  ResponseParser parser;
  parser.ExpectNoBody();
  const std::string gate = "the proxy " + HostAndPort(proxy.endpoint);
  for (;;) {
    const Result<ResponseParser::Step> step = parser.Parse(connection.unread());
    if (!step.ok()) co_return Unavailable(gate + " answers CONNECT with something that is not HTTP");
    connection.Consume(step->consumed);
    if (step->event == ResponseParser::Event::kHead) break;
    const Result<size_t> received = co_await connection.Read();
    if (!received.ok()) co_return received.status();
    if (*received == 0) co_return Unavailable(gate + " closed instead of answering CONNECT");
  }
  const int code = parser.head().status;
  if (code / 100 != 2) co_return Unavailable(gate + " refuses CONNECT with status " + std::to_string(code));
  if (!connection.unread().empty()) co_return Unavailable(gate + " sends bytes before the TLS handshake");
  co_return Status();
}

Result<std::shared_ptr<TlsContext>> ConnectionPool::Tls() {
  if (options_.tls == nullptr) {
    Result<std::shared_ptr<TlsContext>> loaded = TlsContext::Load(options_.ca_file);
    if (!loaded.ok()) return Unavailable(loaded.status().detail());
    options_.tls = std::move(*loaded);
  }
  return options_.tls;
}

void ConnectionPool::Keep(std::unique_ptr<UpstreamConnection> connection) {
  if (closed_) return;
  Kept& kept = kept_[connection->endpoint()];
  if (kept.size() >= options_.max_idle_per_endpoint) return;
  connection->Shrink();
  connection->ExpireIn(options_.keep_idle);
  connection->set_idle_observer(this);
  kept.push_back(std::move(connection));
}

void ConnectionPool::Close() {
  closed_ = true;
  kept_.clear();
  parsers_.clear();
}

void ConnectionPool::IdleExpired(UpstreamConnection* connection) {
  const auto found = kept_.find(connection->endpoint());
  if (found == kept_.end()) return;
  std::erase_if(found->second, [connection](const auto& kept) { return kept.get() == connection; });
  if (found->second.empty()) kept_.erase(found);
}

std::unique_ptr<ResponseParser> ConnectionPool::TakeParser() {
  if (parsers_.empty()) return std::make_unique<ResponseParser>();
  std::unique_ptr<ResponseParser> parser = std::move(parsers_.back());
  parsers_.pop_back();
  return parser;
}

void ConnectionPool::KeepParser(std::unique_ptr<ResponseParser> parser) {
  if (closed_ || parsers_.size() >= kMaxSpareParsers) return;
  parser->Reset();
  parsers_.push_back(std::move(parser));
}

}  // namespace headroom::net
