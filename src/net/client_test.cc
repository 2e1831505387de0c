#include "net/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "net/fetch_fixture.h"
#include "net/scripted_upstream.h"

namespace headroom::net {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;

constexpr std::string_view kHello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

class ClientTest : public FetchFixture {};

// Answers each request on each connection with the same bytes.
ScriptedUpstream::Script Always(std::string_view response) {
  return [response](Peer& peer) {
    while (!peer.ReadRequest().empty() && peer.Write(response)) {
    }
  };
}

// Answers one request and closes.
ScriptedUpstream::Script Once(std::string_view response) {
  return [response](Peer& peer) {
    peer.ReadRequest();
    peer.Write(response);
  };
}

TEST_F(ClientTest, ReturnsHeadAndBody) {
  ScriptedUpstream upstream(
      Always("HTTP/1.1 429 Slow down\r\nRetry-After: 3\r\nx-id: a\r\nX-ID: b\r\nContent-Length: 5\r\n\r\nhello"));
  const Reply reply = Fetch(At(upstream.port()));
  ASSERT_TRUE(reply.status.ok()) << reply.status.ToString();
  EXPECT_EQ(reply.head.status, 429);
  EXPECT_EQ(reply.head.reason, "Slow down");
  ASSERT_EQ(reply.head.headers.size(), 4U);
  EXPECT_EQ(reply.head.headers[2].name, "X-ID");
  EXPECT_EQ(reply.head.headers[2].value, "b");
  EXPECT_EQ(reply.length.kind, BodyLength::Kind::kExact);
  EXPECT_EQ(reply.body, "hello");
}

TEST_F(ClientTest, SendsTheRequestInItsOrderWithItsOwnFraming) {
  std::string seen;
  ScriptedUpstream upstream([&](Peer& peer) {
    seen = peer.ReadRequest();
    peer.Write(kHello);
  });
  RequestHead head = Head("POST", "/v1/messages?beta=true");
  head.headers.Add("x-api-key", "k");
  head.headers.Add("content-length", "99");
  head.headers.Add("Transfer-Encoding", "chunked");
  head.headers.Add("connection", "close");
  head.headers.Add("X-Twice", "1");
  head.headers.Add("X-Twice", "2");
  EXPECT_TRUE(Fetch(At(upstream.port()), head, "{}").status.ok());
  EXPECT_EQ(seen,
            "POST /v1/messages?beta=true HTTP/1.1\r\nHost: upstream.test\r\nx-api-key: k\r\nX-Twice: 1\r\n"
            "X-Twice: 2\r\nContent-Length: 2\r\n\r\n{}");
}

TEST_F(ClientTest, TellsAnEmptyBodyFromNone) {
  std::vector<std::string> seen;
  ScriptedUpstream upstream([&](Peer& peer) {
    for (std::string request = peer.ReadRequest(); !request.empty(); request = peer.ReadRequest()) {
      seen.push_back(request);
      peer.Write(kHello);
    }
  });
  EXPECT_TRUE(Fetch(At(upstream.port()), Head("GET")).status.ok());
  EXPECT_TRUE(Fetch(At(upstream.port()), Head("POST"), "").status.ok());
  EXPECT_THAT(seen, ElementsAre("GET / HTTP/1.1\r\nHost: upstream.test\r\n\r\n",
                                "POST / HTTP/1.1\r\nHost: upstream.test\r\nContent-Length: 0\r\n\r\n"));
}

TEST_F(ClientTest, ReadsAChunkedResponseCutAnywhere) {
  static constexpr std::string_view kChunked =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1;x=y\r\n \r\n5\r\nworld\r\n0\r\nT: "
      "t\r\n\r\n";
  std::atomic<size_t> cut{0};
  ScriptedUpstream upstream([&](Peer& peer) {
    while (!peer.ReadRequest().empty()) {
      peer.Write(kChunked.substr(0, cut));
      std::this_thread::sleep_for(milliseconds(1));
      peer.Write(kChunked.substr(cut));
    }
  });
  for (cut = 1; cut < kChunked.size(); ++cut) {
    const Reply reply = Fetch(At(upstream.port()));
    ASSERT_TRUE(reply.status.ok()) << "cut at " << cut << ": " << reply.status.ToString();
    ASSERT_EQ(reply.body, "hello world") << "cut at " << cut;
    ASSERT_EQ(reply.length.kind, BodyLength::Kind::kChunked);
  }
  EXPECT_EQ(upstream.accepted(), 1U);
}

TEST_F(ClientTest, JoinsTheChunksOfOneRead) {
  std::string response = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  std::string body;
  for (int i = 0; i < 500; ++i) {
    response += "3\r\n" + std::to_string(100 + i) + "\r\n";
    body += std::to_string(100 + i);
  }
  response += "0\r\n\r\n";
  ScriptedUpstream upstream(Always(response));
  const Reply reply = Fetch(At(upstream.port()));
  EXPECT_EQ(reply.body, body);
  EXPECT_LE(reply.reads, 3U);
}

TEST_F(ClientTest, ReadsUntilTheEndOfTheConnection) {
  ScriptedUpstream upstream(Once("HTTP/1.1 200 OK\r\n\r\nall of it"));
  const Reply reply = Fetch(At(upstream.port()));
  EXPECT_TRUE(reply.status.ok());
  EXPECT_EQ(reply.length.kind, BodyLength::Kind::kUntilClose);
  EXPECT_EQ(reply.body, "all of it");
}

TEST_F(ClientTest, ReadsALargeBodyWhole) {
  std::string body(3'000'000, '\0');
  for (size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>('a' + i * 7 % 23);
  ScriptedUpstream upstream([&](Peer& peer) {
    peer.ReadRequest();
    peer.Write("HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n");
    peer.Write(body);
    peer.ReadRequest();
  });
  const Reply reply = Fetch(At(upstream.port()));
  EXPECT_TRUE(reply.status.ok());
  EXPECT_TRUE(reply.body == body);
}

TEST_F(ClientTest, SaysUnavailableForAnythingThatIsNoWholeResponse) {
  for (const std::string_view response : {
           "",                                                                      // closes at once
           "HTTP/1.1 200 OK\r\nContent-Le",                                         // half a head
           "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",                      // short of its length
           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",   // no last chunk
           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n",  // no chunk size
           "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",   // two lengths
           "<html><body>It works</body></html>\r\n\r\n",                            // not HTTP/1.1
           "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
       }) {
    ScriptedUpstream upstream(Once(response));
    const Reply reply = Fetch(At(upstream.port()));
    EXPECT_EQ(reply.status.code(), Code::kUnavailable) << response;
    EXPECT_EQ(reply.status.origin(), Origin::kUpstream) << response;
    EXPECT_EQ(upstream.accepted(), 1U) << response;
  }
}

TEST_F(ClientTest, DeliversWhatCameBeforeTheCut) {
  ScriptedUpstream upstream(Once("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\nwor"));
  const Reply reply = Fetch(At(upstream.port()));
  EXPECT_EQ(reply.body, "hellowor");
  EXPECT_EQ(reply.status.code(), Code::kUnavailable);
}

TEST_F(ClientTest, PassesAnHtmlErrorPageOn) {
  ScriptedUpstream upstream(
      Always("HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: 13\r\n\r\n<html></html>"));
  const Reply reply = Fetch(At(upstream.port()));
  EXPECT_EQ(reply.head.status, 502);
  EXPECT_EQ(reply.body, "<html></html>");
}

TEST_F(ClientTest, SkipsInterimResponsesUpToTheirLimit) {
  std::string interim;
  for (int i = 0; i < 15; ++i) interim += "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n";
  interim += "HTTP/1.1 100 Continue\r\n\r\n";
  const std::string taken = interim + std::string(kHello);
  const std::string refused = "HTTP/1.1 100 Continue\r\n\r\n" + taken;
  ScriptedUpstream upstream(Always(taken));
  const Reply reply = Fetch(At(upstream.port()));
  EXPECT_EQ(reply.head.status, 200);
  EXPECT_FALSE(reply.head.headers.Has("Link"));
  EXPECT_EQ(reply.body, "hello");
  ScriptedUpstream talkative(Once(refused));
  EXPECT_EQ(Fetch(At(talkative.port())).status.code(), Code::kUnavailable);
}

TEST_F(ClientTest, KnowsWhichResponsesHaveNoBody) {
  ScriptedUpstream upstream([](Peer& peer) {
    while (true) {
      const std::string request = peer.ReadRequest();
      if (request.empty()) return;
      if (request.starts_with("HEAD")) peer.Write("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n");
      if (request.starts_with("DELETE")) peer.Write("HTTP/1.1 204 No Content\r\n\r\n");
      if (request.starts_with("GET")) peer.Write("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n");
    }
  });
  for (const char* method : {"HEAD", "DELETE", "GET", "HEAD"}) {
    const Reply reply = Fetch(At(upstream.port()), Head(method));
    EXPECT_TRUE(reply.status.ok()) << method;
    EXPECT_EQ(reply.length.kind, BodyLength::Kind::kNone) << method;
    EXPECT_EQ(reply.body, "") << method;
  }
  EXPECT_EQ(upstream.accepted(), 1U);
}

TEST_F(ClientTest, ReusesAConnection) {
  ScriptedUpstream upstream(Always(kHello));
  for (int i = 0; i < 5; ++i) EXPECT_EQ(Fetch(At(upstream.port())).body, "hello");
  EXPECT_EQ(upstream.accepted(), 1U);
}

TEST_F(ClientTest, DoesNotReuseAConnectionTheResponseEnds) {
  for (const std::string_view response : {
           "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello",
           "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello",
           "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1 200 OK\r\n\r\n",  // bytes nobody asked for
       }) {
    ScriptedUpstream upstream(Always(response));
    EXPECT_EQ(Fetch(At(upstream.port())).body, "hello");
    EXPECT_EQ(Fetch(At(upstream.port())).body, "hello");
    EXPECT_EQ(upstream.accepted(), 2U) << response;
  }
}

TEST_F(ClientTest, SeesThatAKeptConnectionWasClosed) {
  ScriptedUpstream upstream(Once(kHello));
  EXPECT_EQ(Fetch(At(upstream.port())).body, "hello");
  RunFor(milliseconds(50));
  EXPECT_EQ(Fetch(At(upstream.port())).body, "hello");
  EXPECT_EQ(upstream.accepted(), 2U);
}

// The first connection takes a second request and closes without a byte.
void CloseOnSecondRequest(Peer& peer) {
  peer.ReadRequest();
  peer.Write(kHello);
  peer.ReadRequest();
  if (peer.index() > 0) peer.Write(kHello);
}

TEST_F(ClientTest, RepeatsOnceWhenAKeptConnectionProvesDead) {
  ScriptedUpstream upstream(CloseOnSecondRequest);
  EXPECT_EQ(Fetch(At(upstream.port()), Head("POST"), "x").body, "hello");
  EXPECT_EQ(Fetch(At(upstream.port()), Head("POST"), "x").body, "hello");
  EXPECT_EQ(upstream.accepted(), 2U);
}

TEST_F(ClientTest, DoesNotRepeatOnAFreshConnection) {
  ScriptedUpstream upstream([](Peer& peer) { peer.ReadRequest(); });
  EXPECT_EQ(Fetch(At(upstream.port())).status.code(), Code::kUnavailable);
  EXPECT_EQ(upstream.accepted(), 1U);
}

TEST_F(ClientTest, DoesNotRepeatOnceAResponseByteCame) {
  ScriptedUpstream upstream([](Peer& peer) {
    peer.ReadRequest();
    peer.Write(kHello);
    peer.ReadRequest();
    peer.Write("H");
  });
  EXPECT_TRUE(Fetch(At(upstream.port())).status.ok());
  EXPECT_EQ(Fetch(At(upstream.port())).status.code(), Code::kUnavailable);
  EXPECT_EQ(upstream.accepted(), 1U);
}

TEST_F(ClientTest, DoesNotRepeatAfterATimeOut) {
  options_.idle_read_timeout = milliseconds(100);
  ScriptedUpstream upstream([](Peer& peer) {
    peer.ReadRequest();
    peer.Write(kHello);
    peer.ReadRequest();
    peer.ClosedWithin(milliseconds(2000));
  });
  EXPECT_TRUE(Fetch(At(upstream.port())).status.ok());
  EXPECT_EQ(Fetch(At(upstream.port())).status.code(), Code::kDeadlineExceeded);
  EXPECT_EQ(upstream.accepted(), 1U);
}

TEST_F(ClientTest, KeepsNoMoreConnectionsThanItsLimit) {
  options_.max_idle_per_endpoint = 2;
  ScriptedUpstream upstream(Always(kHello));
  std::vector<std::unique_ptr<UpstreamResponse>> held;
  auto fetch = [&]() -> Awaitable<bool> {
    auto fetched = co_await pool().Fetch(At(upstream.port()), Head(), "", false, cancellation_);
    if (!fetched.ok()) co_return false;
    held.push_back(std::move(*fetched));
    co_return true;
  };
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(Await(fetch()));
  EXPECT_EQ(upstream.accepted(), 3U);
  held.clear();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(Await(fetch()));
  EXPECT_EQ(upstream.accepted(), 4U);
}

TEST_F(ClientTest, TakesTheConnectionThatWasUsedLast) {
  std::atomic<size_t> last{0};
  ScriptedUpstream upstream([&](Peer& peer) {
    while (!peer.ReadRequest().empty()) {
      last = peer.index();
      peer.Write(kHello);
    }
  });
  std::vector<std::unique_ptr<UpstreamResponse>> held;
  auto fetch = [&]() -> Awaitable<bool> {
    auto fetched = co_await pool().Fetch(At(upstream.port()), Head(), "", false, cancellation_);
    if (!fetched.ok()) co_return false;
    held.push_back(std::move(*fetched));
    co_return true;
  };
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(Await(fetch()));
  // Given back in this order: 2, 0, 1.
  for (const size_t index : {2, 0, 1}) held[index].reset();
  EXPECT_EQ(Fetch(At(upstream.port())).body, "hello");
  EXPECT_EQ(last, 1U);
  EXPECT_EQ(upstream.accepted(), 3U);
}

TEST_F(ClientTest, SaysUnavailableWhenRefused) {
  uint16_t port = 0;
  {
    port = ScriptedUpstream([](Peer&) {}).port();
  }
  const Reply reply = Fetch(At(port));
  EXPECT_EQ(reply.status.code(), Code::kUnavailable);
  EXPECT_NE(reply.status.detail().find("refused"), std::string::npos) << reply.status.detail();
}

TEST_F(ClientTest, SaysUnavailableWhenTheNameHasNoAddress) {
  EXPECT_EQ(Fetch({false, "no-such-host.invalid", 80}).status.code(), Code::kUnavailable);
}

// Where "localhost" is ::1 too, that address refuses and the next one answers.
TEST_F(ClientTest, TriesTheNextAddressOfAName) {
  ScriptedUpstream upstream(Always(kHello));
  EXPECT_EQ(Fetch({false, "localhost", upstream.port()}).body, "hello");
}

TEST_F(ClientTest, ClosesAConnectionThatIsIdleTooLong) {
  options_.keep_idle = milliseconds(60);
  std::atomic<bool> closed{false};
  ScriptedUpstream upstream([&](Peer& peer) {
    peer.ReadRequest();
    peer.Write(kHello);
    closed = peer.ClosedWithin(milliseconds(5000));
  });
  EXPECT_EQ(Fetch(At(upstream.port())).body, "hello");
  EXPECT_FALSE(closed);
  RunUntil([&] { return closed.load(); });
}

TEST_F(ClientTest, TimesOutAHeadThatDoesNotCome) {
  options_.idle_read_timeout = milliseconds(100);
  ScriptedUpstream upstream([](Peer& peer) { peer.ClosedWithin(milliseconds(5000)); });
  const auto start = std::chrono::steady_clock::now();
  const Reply reply = Fetch(At(upstream.port()));
  EXPECT_EQ(reply.status.code(), Code::kDeadlineExceeded);
  EXPECT_EQ(reply.status.origin(), Origin::kUpstream);
  EXPECT_GE(std::chrono::steady_clock::now() - start, milliseconds(100));
  EXPECT_LT(std::chrono::steady_clock::now() - start, milliseconds(1000));
}

TEST_F(ClientTest, TimesOutABodyThatStops) {
  options_.idle_read_timeout = milliseconds(100);
  ScriptedUpstream upstream([](Peer& peer) {
    peer.ReadRequest();
    peer.Write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel");
    peer.ClosedWithin(milliseconds(5000));
  });
  const Reply reply = Fetch(At(upstream.port()));
  EXPECT_EQ(reply.body, "hel");
  EXPECT_EQ(reply.status.code(), Code::kDeadlineExceeded);
}

TEST_F(ClientTest, DeliversASlowDripByteByByteAndDoesNotTimeItOut) {
  options_.idle_read_timeout = milliseconds(200);
  ScriptedUpstream upstream([](Peer& peer) {
    peer.ReadRequest();
    peer.Write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (const char* chunk : {"1\r\na\r\n", "1\r\nb\r\n", "1\r\nc\r\n", "1\r\nd\r\n", "1\r\ne\r\n", "0\r\n\r\n"}) {
      std::this_thread::sleep_for(milliseconds(60));
      peer.Write(chunk);
    }
  });
  const Reply reply = Fetch(At(upstream.port()));
  EXPECT_TRUE(reply.status.ok()) << reply.status.ToString();
  EXPECT_EQ(reply.body, "abcde");
  EXPECT_EQ(reply.reads, 5U);
}

TEST_F(ClientTest, ReadsNothingUnlessAsked) {
  std::atomic<size_t> written{0};
  ScriptedUpstream upstream([&](Peer& peer) {
    peer.ReadRequest();
    peer.Write("HTTP/1.1 200 OK\r\n\r\n");
    const std::string megabyte(1 << 20, 'x');
    for (int i = 0; i < 200 && peer.Write(megabyte); ++i) ++written;
  });
  auto fetch = [&]() -> Awaitable<size_t> {
    auto fetched = co_await pool().Fetch(At(upstream.port()), Head(), "", false, cancellation_);
    SteadyTimer timer(context_.get_executor(), milliseconds(300));
    co_await timer.async_wait(kUseAwaitable);
    co_return written.load();
  };
  EXPECT_LT(Await(fetch()), 32U);
}

}  // namespace
}  // namespace headroom::net
