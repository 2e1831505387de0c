#include "net/server.h"

#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <exception>
#include <memory>
#include <string>
#include <thread>
#include <tuple>
#include <typeinfo>
#include <utility>
#include <vector>

#include "base/log.h"
#include "net/connection.h"

namespace headroom::net {
namespace {

using boost::system::error_code;
using Acceptor = asio::basic_socket_acceptor<asio::ip::tcp, Executor>;
using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

constexpr std::chrono::milliseconds kAcceptPause{100};  // when no descriptor is left

struct Totals {
  std::atomic<size_t> connections{0};
  std::atomic<size_t> refused{0};
};

// Ends waiting coroutines by destroying them, while what they refer to lives.
class IoContext : public asio::io_context {
 public:
  IoContext() : asio::io_context(1) {}
  void DestroyPending() { shutdown(); }
};

Status Listen(Acceptor& acceptor, const asio::ip::tcp::endpoint& endpoint, bool shared) {
  error_code error;
  const auto fail = [&](const char* what) {
    error_code ignored;
    acceptor.close(ignored);
    std::string detail = "cannot listen on " + endpoint.address().to_string() + " port " +
                         std::to_string(endpoint.port()) + ": " + error.message();
    if (error != asio::error::address_in_use) detail.append(" (").append(what).append(")");
    return Status(Code::kUnavailable, std::move(detail));
  };
  if (acceptor.open(endpoint.protocol(), error)) return fail("socket");
  if (acceptor.set_option(asio::socket_base::reuse_address(true), error)) return fail("SO_REUSEADDR");
  if (shared && acceptor.set_option(ReusePort(true), error)) return fail("SO_REUSEPORT");
  if (endpoint.protocol() == asio::ip::tcp::v6() && acceptor.set_option(asio::ip::v6_only(false), error)) {
    return fail("IPV6_V6ONLY");
  }
  if (acceptor.bind(endpoint, error)) return fail("bind");
  if (acceptor.listen(asio::socket_base::max_listen_connections, error)) return fail("listen");
  return Status();
}

std::chrono::milliseconds SweepInterval(const Server::Options& options) {
  const auto shortest = std::min({options.head_timeout, options.body_timeout, options.idle_timeout});
  return std::clamp(shortest / 4, std::chrono::milliseconds(10), std::chrono::milliseconds(1000));
}

// One I/O thread: its context, acceptor, handler and connections.
class Shard {
 public:
  Shard(const Server::Options& options, Totals& totals)
      : options_(options),
        totals_(totals),
        acceptor_(context_.get_executor()),
        pause_(context_),
        table_(context_, SweepInterval(options)),
        shared_{options_, handler_, table_, exchanges_, draining_} {}

  Acceptor& acceptor() { return acceptor_; }
  size_t exchanges() const { return exchanges_; }

  void Run(const Server::HandlerFactory& make_handler) {
    thread_ = std::thread([this, &make_handler] {
      try {
        handler_ = make_handler(context_);
        asio::co_spawn(context_, Accept(), asio::detached);
        RunContext();
      } catch (const std::exception& error) {
        log::Error("handler factory threw", {{"type", typeid(error).name()}});
      }
      error_code ignored;
      acceptor_.close(ignored);
      context_.DestroyPending();
      handler_ = nullptr;
    });
  }

  // Connections that wait to be accepted are served: closing the acceptor would
  // reset them.
  void Drain() {
    asio::post(context_, [this] {
      if (std::exchange(draining_, true)) return;
      error_code error;
      acceptor_.non_blocking(true, error);
      while (!error) {
        asio::ip::tcp::endpoint peer;
        TcpSocket socket(context_.get_executor());
        acceptor_.accept(socket, peer, error);
        if (!error) Admit(std::move(socket), peer);
      }
      acceptor_.close(error);
      pause_.cancel();
      table_.CloseIdle();
    });
  }

  void Stop() { context_.stop(); }
  void Join() {
    if (thread_.joinable()) thread_.join();
  }

 private:
  // A callback of a handler's may throw; the thread goes on.
  void RunContext() {
    while (!context_.stopped()) {
      try {
        context_.run();
      } catch (const std::exception& error) {
        log::Error("callback threw", {{"type", typeid(error).name()}});
      }
    }
  }

  Awaitable<void> Accept() {
    bool failing = false;
    while (acceptor_.is_open()) {
      asio::ip::tcp::endpoint peer;
      TcpSocket socket(context_.get_executor());
      const std::tuple<error_code> result = co_await acceptor_.async_accept(socket, peer, kUseAwaitable);
      const error_code error = std::get<0>(result);
      if (!error) {
        failing = false;
        Admit(std::move(socket), peer);
        continue;
      }
      if (!acceptor_.is_open()) break;
      if (!std::exchange(failing, true)) log::Warning("accept failed", {{"error", error.message()}});
      pause_.expires_after(kAcceptPause);
      const std::tuple<error_code> paused = co_await pause_.async_wait(kUseAwaitable);
      static_cast<void>(paused);
    }
  }

  void Admit(TcpSocket socket, const asio::ip::tcp::endpoint& peer) {
    if (totals_.connections.fetch_add(1) >= options_.max_connections) {
      --totals_.connections;
      ++totals_.refused;
      return;
    }
    error_code ignored;
    socket.native_non_blocking(true, ignored);
    socket.set_option(asio::ip::tcp::no_delay(true), ignored);
    auto connection = std::make_unique<Connection>(std::move(socket), peer.address().to_string(), shared_);
    asio::co_spawn(context_, Live(std::move(connection)), asio::detached);
  }

  Awaitable<void> Live(std::unique_ptr<Connection> connection) {
    const Closing closing{totals_.connections};
    try {
      co_await connection->Run();
    } catch (const std::exception& error) {
      log::Error("connection failed", {{"type", typeid(error).name()}});
    }
    connection.reset();
  }

  struct Closing {
    std::atomic<size_t>& connections;
    ~Closing() { --connections; }
  };

  const Server::Options& options_;
  Totals& totals_;
  IoContext context_;
  Acceptor acceptor_;
  SteadyTimer pause_;
  SocketTable table_;
  Handler handler_;
  alignas(64) std::atomic<size_t> exchanges_{0};  // written for every request by its thread alone
  bool draining_ = false;
  const Connection::Context shared_;
  std::thread thread_;
};

}  // namespace

class Server::Impl {
 public:
  Impl(Options options, HandlerFactory make_handler)
      : options_(std::move(options)), make_handler_(std::move(make_handler)) {}
  ~Impl() { Stop(); }

  Status Start() {
    error_code error;
    const asio::ip::address address =
        asio::ip::make_address(options_.host == "localhost" ? "127.0.0.1" : options_.host, error);
    if (error) return Status(Code::kInvalidArgument, "not an IP address: " + options_.host);
    asio::ip::tcp::endpoint endpoint(address, options_.port);
    Status free = CheckFree(endpoint);
    if (!free.ok()) return free;
    for (size_t i = 0; i < std::max<size_t>(options_.threads, 1); ++i) {
      auto shard = std::make_unique<Shard>(options_, totals_);
      Status listening = Listen(shard->acceptor(), endpoint, true);
      if (!listening.ok()) {
        shards_.clear();
        return listening;
      }
      endpoint.port(shard->acceptor().local_endpoint(error).port());
      shards_.push_back(std::move(shard));
    }
    port_ = endpoint.port();
    for (const auto& shard : shards_) shard->Run(make_handler_);
    return Status();
  }

  void Drain() {
    for (const auto& shard : shards_) shard->Drain();
  }

  void Stop() {
    for (const auto& shard : shards_) shard->Stop();
    for (const auto& shard : shards_) shard->Join();
  }

  uint16_t port() const { return port_; }
  const Totals& totals() const { return totals_; }
  size_t exchanges() const {
    size_t sum = 0;
    for (const auto& shard : shards_) sum += shard->exchanges();
    return sum;
  }

 private:
  // SO_REUSEPORT lets a second server of the same user share the port silently;
  // a socket without it finds out.
  static Status CheckFree(const asio::ip::tcp::endpoint& endpoint) {
    if (endpoint.port() == 0) return Status();
    asio::io_context context;
    Acceptor probe(context.get_executor());
    return Listen(probe, endpoint, false);
  }

  const Options options_;
  const HandlerFactory make_handler_;
  Totals totals_;
  std::vector<std::unique_ptr<Shard>> shards_;  // not changed after Start
  uint16_t port_ = 0;
};

Server::Server(Options options, HandlerFactory make_handler)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(make_handler))) {}
Server::~Server() = default;
Status Server::Start() { return impl_->Start(); }
uint16_t Server::port() const { return impl_->port(); }
size_t Server::connections() const { return impl_->totals().connections; }
size_t Server::exchanges() const { return impl_->exchanges(); }
size_t Server::refused() const { return impl_->totals().refused; }
void Server::Drain() { impl_->Drain(); }
void Server::Stop() { impl_->Stop(); }

}  // namespace headroom::net
