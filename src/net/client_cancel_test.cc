// A Cancellation at each stage of a fetch: the call returns at once and the
// upstream sees its connection closed.

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "net/client.h"
#include "net/fetch_fixture.h"
#include "net/scripted_upstream.h"

namespace headroom::net {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kHello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
// Far below every time-out here, and far above what a busy machine delays.
constexpr milliseconds kPromptly{250};

// A loopback port whose accept queue is full: connecting neither succeeds nor fails.
class StuckPort {
 public:
  StuckPort() {
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address_);
    ::bind(listener_, reinterpret_cast<sockaddr*>(&address_), size);
    ::listen(listener_, 0);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address_), &size);
    for (int& filler : fillers_) {
      filler = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
      ::connect(filler, reinterpret_cast<sockaddr*>(&address_), sizeof(address_));
    }
    std::this_thread::sleep_for(milliseconds(20));
  }
  ~StuckPort() {
    for (const int filler : fillers_) ::close(filler);
    ::close(listener_);
  }
  uint16_t port() const { return ntohs(address_.sin_port); }

 private:
  int listener_ = -1;
  sockaddr_in address_{};
  int fillers_[4] = {-1, -1, -1, -1};
};

class ClientCancelTest : public FetchFixture {
 protected:
  // Cancels after `delay`; how the fetch ended, and that it did so promptly.
  Code CodeWhenCancelledAfter(milliseconds delay, const Endpoint& endpoint, std::optional<std::string> body = {}) {
    std::optional<std::chrono::steady_clock::time_point> cancelled_at;
    SteadyTimer timer(context_.get_executor(), delay);
    timer.async_wait([&](boost::system::error_code) {
      cancelled_at = std::chrono::steady_clock::now();
      cancellation_.Cancel();
    });
    const Reply reply = Fetch(endpoint, Head("POST"), std::move(body));
    EXPECT_TRUE(cancelled_at.has_value()) << "it ended by itself: " << reply.status.ToString();
    if (cancelled_at) {
      EXPECT_LT(std::chrono::steady_clock::now() - *cancelled_at, kPromptly);
    }
    return reply.status.code();
  }
};

TEST_F(ClientCancelTest, BeforeTheFetch) {
  ScriptedUpstream upstream([](Peer& peer) { peer.ReadRequest(); });
  cancellation_.Cancel();
  EXPECT_EQ(Fetch(At(upstream.port())).status.code(), Code::kCancelled);
  EXPECT_EQ(upstream.accepted(), 0U);
}

TEST_F(ClientCancelTest, WhileTheNameIsResolved) {
  // Cancelled in the loop's first turn, before a lookup of any speed can end.
  EXPECT_EQ(CodeWhenCancelledAfter(milliseconds(0), {false, "no-such-host.invalid", 80}), Code::kCancelled);
}

TEST_F(ClientCancelTest, WhileConnecting) {
  const StuckPort stuck;
  EXPECT_EQ(CodeWhenCancelledAfter(milliseconds(50), At(stuck.port())), Code::kCancelled);
}

TEST_F(ClientCancelTest, ConnectingTimesOutByItself) {
  const StuckPort stuck;
  options_.connect_timeout = milliseconds(100);
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(Fetch(At(stuck.port())).status.code(), Code::kDeadlineExceeded);
  EXPECT_LT(std::chrono::steady_clock::now() - start, milliseconds(1000));
}

TEST_F(ClientCancelTest, WhileTheTlsHandshakeIsUnanswered) {
  std::atomic<bool> closed{false};
  ScriptedUpstream upstream([&](Peer& peer) { closed = peer.ClosedWithin(milliseconds(5000)); });
  Endpoint endpoint = At(upstream.port());
  endpoint.tls = true;
  EXPECT_EQ(CodeWhenCancelledAfter(milliseconds(50), endpoint), Code::kCancelled);
  RunUntil([&] { return closed.load(); });
}

TEST_F(ClientCancelTest, WhileTheBodyIsSent) {
  std::atomic<bool> closed{false};
  std::atomic<bool> go_on{false};
  ScriptedUpstream upstream([&](Peer& peer) {
    while (!go_on) std::this_thread::sleep_for(milliseconds(1));
    closed = peer.ClosedWithin(milliseconds(5000));
  });
  EXPECT_EQ(CodeWhenCancelledAfter(milliseconds(50), At(upstream.port()), std::string(32 << 20, 'x')),
            Code::kCancelled);
  go_on = true;
  RunUntil([&] { return closed.load(); });
}

TEST_F(ClientCancelTest, WhileTheHeadIsAwaited) {
  std::atomic<bool> closed{false};
  ScriptedUpstream upstream([&](Peer& peer) { closed = peer.ClosedWithin(milliseconds(5000)); });
  EXPECT_EQ(CodeWhenCancelledAfter(milliseconds(50), At(upstream.port())), Code::kCancelled);
  RunUntil([&] { return closed.load(); });
}

TEST_F(ClientCancelTest, WhileTheBodyIsRead) {
  std::atomic<bool> closed{false};
  ScriptedUpstream upstream([&](Peer& peer) {
    peer.ReadRequest();
    peer.Write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel");
    closed = peer.ClosedWithin(milliseconds(5000));
  });
  EXPECT_EQ(CodeWhenCancelledAfter(milliseconds(50), At(upstream.port())), Code::kCancelled);
  RunUntil([&] { return closed.load(); });
}

TEST_F(ClientCancelTest, ClosesTheSocketAtOnceWhileNobodyReads) {
  std::atomic<bool> closed{false};
  ScriptedUpstream upstream([&](Peer& peer) {
    peer.ReadRequest();
    peer.Write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel");
    closed = peer.ClosedWithin(milliseconds(5000));
  });
  std::unique_ptr<UpstreamResponse> response;
  auto fetch = [&]() -> Awaitable<bool> {
    auto fetched = co_await pool().Fetch(At(upstream.port()), Head(), "", false, cancellation_);
    if (fetched.ok()) response = std::move(*fetched);
    co_return fetched.ok();
  };
  ASSERT_TRUE(Await(fetch()));
  cancellation_.Cancel();
  const auto start = std::chrono::steady_clock::now();
  while (!closed && std::chrono::steady_clock::now() - start < kPromptly) std::this_thread::yield();
  EXPECT_TRUE(closed);
}

TEST_F(ClientCancelTest, AfterTheEndDoesNoHarm) {
  ScriptedUpstream upstream([](Peer& peer) {
    while (!peer.ReadRequest().empty()) peer.Write(kHello);
  });
  EXPECT_EQ(Fetch(At(upstream.port())).body, "hello");
  auto again = [&]() -> Awaitable<Reply> {
    Cancellation own;
    auto fetched = co_await pool().Fetch(At(upstream.port()), Head(), "", false, own);
    cancellation_.Cancel();  // the first fetch's: its connection now serves this one
    co_return co_await ReadAll(std::move(fetched));
  };
  EXPECT_EQ(Await(again()).body, "hello");
  EXPECT_EQ(upstream.accepted(), 1U);
}

TEST_F(ClientCancelTest, AResponseThatIsDroppedClosesItsConnection) {
  std::atomic<bool> closed{false};
  ScriptedUpstream upstream([&](Peer& peer) {
    peer.ReadRequest();
    peer.Write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel");
    closed = peer.ClosedWithin(milliseconds(5000));
  });
  auto fetch = [&]() -> Awaitable<bool> {
    auto fetched = co_await pool().Fetch(At(upstream.port()), Head(), "", false, cancellation_);
    co_return fetched.ok();
  };
  EXPECT_TRUE(Await(fetch()));
  RunUntil([&] { return closed.load(); });
}

TEST_F(ClientCancelTest, AResponseOutlivesItsPoolAndItsCancellation) {
  ScriptedUpstream upstream([](Peer& peer) {
    peer.ReadRequest();
    peer.Write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel");
    std::this_thread::sleep_for(milliseconds(30));
    peer.Write("lo");
    peer.ReadRequest();
  });
  auto fetch = [&]() -> Awaitable<Reply> {
    auto own = std::make_unique<Cancellation>();
    auto fetched = co_await pool().Fetch(At(upstream.port()), Head(), "", false, *own);
    own.reset();
    pool_.reset();
    co_return co_await ReadAll(std::move(fetched));
  };
  EXPECT_EQ(Await(fetch()).body, "hello");
}

TEST_F(ClientCancelTest, ALoopThatEndsInMidFetchLeavesNothingBehind) {
  ScriptedUpstream upstream([](Peer& peer) { peer.ReadSome(); });
  const StuckPort stuck;
  auto own = std::make_unique<asio::io_context>(1);
  auto own_pool = std::make_unique<Pool>(*own, options_);
  auto fetch = [&](Endpoint endpoint, std::string body) -> Awaitable<void> {
    (void)co_await own_pool->Fetch(endpoint, Head("POST"), body, true, cancellation_);
  };
  asio::co_spawn(*own, fetch(At(upstream.port()), std::string(32 << 20, 'x')), [](const std::exception_ptr&) {});
  asio::co_spawn(*own, fetch(At(stuck.port()), ""), [](const std::exception_ptr&) {});
  own->run_for(milliseconds(50));
  own_pool.reset();
  own.reset();
}

}  // namespace
}  // namespace headroom::net
