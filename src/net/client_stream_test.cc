// Request bodies: large ones, ones pulled from a source, and responses that
// come before their end.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "net/client.h"
#include "net/fetch_fixture.h"
#include "net/scripted_upstream.h"

namespace headroom::net {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kHello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
constexpr std::string_view kTooLarge = "HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n\r\nno";

class ClientStreamTest : public FetchFixture {
 protected:
  Awaitable<Reply> Streaming(Endpoint endpoint, BodyLength length, BodySource source) {
    const RequestHead head = Head("POST");
    auto fetched = co_await pool().FetchStreaming(endpoint, head, length, std::move(source), cancellation_);
    co_return co_await ReadAll(std::move(fetched));
  }

  Reply Stream(const Endpoint& endpoint, BodyLength length, BodySource source) {
    return Await(Streaming(endpoint, length, std::move(source)));
  }

  // Hands out `pieces`, then the end.
  BodySource Pieces(std::vector<std::string> pieces) {
    pieces_ = std::move(pieces);
    next_ = 0;
    return [this] { return NextPiece(); };
  }

  Awaitable<Result<std::string_view>> NextPiece() {
    SteadyTimer pause(context_.get_executor(), milliseconds(2));
    co_await pause.async_wait(kUseAwaitable);
    co_return next_ < pieces_.size() ? std::string_view(pieces_[next_++]) : std::string_view();
  }

  // Never brings anything; ends when it is cancelled.
  BodySource Silence() {
    return [this] { return WaitForNothing(); };
  }

  Awaitable<Result<std::string_view>> WaitForNothing() {
    SteadyTimer pause(context_.get_executor(), std::chrono::seconds(30));
    const auto [error] = co_await pause.async_wait(kUseAwaitable);
    silence_ended_ = true;
    co_return Status(Code::kUnavailable, error.message());
  }

  std::vector<std::string> pieces_;
  size_t next_ = 0;
  bool silence_ended_ = false;
};

// Records one request and answers it.
ScriptedUpstream::Script Record(std::string& seen) {
  return [&seen](Peer& peer) {
    for (std::string request = peer.ReadRequest(); !request.empty(); request = peer.ReadRequest()) {
      seen = request;
      peer.Write(kHello);
    }
  };
}

TEST_F(ClientStreamTest, SendsABodyOfKnownLength) {
  std::string seen;
  ScriptedUpstream upstream(Record(seen));
  const Reply reply = Stream(At(upstream.port()), BodyLength::Exact(9), Pieces({"one", "two", "six"}));
  EXPECT_EQ(reply.body, "hello") << reply.status.ToString();
  EXPECT_EQ(seen, "POST / HTTP/1.1\r\nHost: upstream.test\r\nContent-Length: 9\r\n\r\nonetwosix");
}

TEST_F(ClientStreamTest, SendsABodyOfUnknownLengthInChunks) {
  std::string seen;
  ScriptedUpstream upstream(Record(seen));
  const std::string long_piece(26, 'z');
  const Reply reply = Stream(At(upstream.port()), BodyLength::Chunked(), Pieces({"one", long_piece}));
  EXPECT_EQ(reply.body, "hello") << reply.status.ToString();
  EXPECT_EQ(seen, "POST / HTTP/1.1\r\nHost: upstream.test\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n1a\r\n" +
                      long_piece + "\r\n0\r\n\r\n");
}

TEST_F(ClientStreamTest, SendsAnEmptyBody) {
  std::string seen;
  ScriptedUpstream upstream(Record(seen));
  EXPECT_EQ(Stream(At(upstream.port()), BodyLength::Chunked(), Pieces({})).body, "hello");
  EXPECT_EQ(seen, "POST / HTTP/1.1\r\nHost: upstream.test\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
  EXPECT_EQ(Stream(At(upstream.port()), BodyLength::Exact(0), Pieces({})).body, "hello");
  EXPECT_EQ(seen, "POST / HTTP/1.1\r\nHost: upstream.test\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(upstream.accepted(), 1U);
}

TEST_F(ClientStreamTest, ReusesTheConnectionAfterAStreamedBody) {
  std::string seen;
  ScriptedUpstream upstream(Record(seen));
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Stream(At(upstream.port()), BodyLength::Chunked(), Pieces({"a"})).body, "hello");
  }
  EXPECT_EQ(upstream.accepted(), 1U);
}

TEST_F(ClientStreamTest, SendsALargeBodyToASlowReader) {
  std::string body(20 << 20, '\0');
  for (size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>('a' + i % 26);
  std::vector<bool> whole;
  ScriptedUpstream upstream([&](Peer& peer) {
    for (int i = 0; i < 2; ++i) {
      std::this_thread::sleep_for(milliseconds(50));
      whole.push_back(peer.ReadRequest().ends_with(body));
      peer.Write(kHello);
    }
  });
  EXPECT_EQ(Fetch(At(upstream.port()), Head("POST"), body).body, "hello");
  EXPECT_EQ(Stream(At(upstream.port()), BodyLength::Exact(body.size()), Pieces({body})).body, "hello");
  EXPECT_THAT(whole, testing::ElementsAre(true, true));
  EXPECT_EQ(upstream.accepted(), 1U);
}

TEST_F(ClientStreamTest, AnEarlyResponseEndsTheSendingOfAWholeBody) {
  std::atomic<bool> answered{false};
  ScriptedUpstream upstream([&](Peer& peer) {
    peer.ReadSome();
    peer.Write(kTooLarge);
    // Neither reads on nor closes until the client has its answer.
    for (int i = 0; i < 5000 && !answered; ++i) std::this_thread::sleep_for(milliseconds(1));
    peer.ClosedWithin(milliseconds(5000));
  });
  const auto start = std::chrono::steady_clock::now();
  const Reply reply = Fetch(At(upstream.port()), Head("POST"), std::string(32 << 20, 'x'));
  answered = true;
  EXPECT_LT(std::chrono::steady_clock::now() - start, milliseconds(4000));
  EXPECT_EQ(reply.head.status, 413);
  EXPECT_EQ(reply.body, "no");
  EXPECT_EQ(Fetch(At(upstream.port()), Head("POST"), "small").head.status, 413);
  EXPECT_EQ(upstream.accepted(), 2U) << "a connection with half a request on it was used again";
}

TEST_F(ClientStreamTest, AnEarlyResponseEndsAWaitForTheSource) {
  ScriptedUpstream upstream([](Peer& peer) {
    peer.Write(kTooLarge);
    peer.ClosedWithin(milliseconds(5000));
  });
  const Reply reply = Stream(At(upstream.port()), BodyLength::Chunked(), Silence());
  EXPECT_TRUE(reply.status.ok()) << reply.status.ToString();
  EXPECT_EQ(reply.head.status, 413);
  EXPECT_TRUE(silence_ended_);
}

TEST_F(ClientStreamTest, AnEarlyResponseEndsASourceThatInsists) {
  ScriptedUpstream upstream([](Peer& peer) {
    peer.Write(kTooLarge);
    peer.ClosedWithin(milliseconds(5000));
  });
  BodySource insisting = [this]() -> Awaitable<Result<std::string_view>> {
    for (int i = 0; i < 100; ++i) {
      SteadyTimer pause(context_.get_executor(), std::chrono::seconds(30));
      co_await pause.async_wait(kUseAwaitable);
    }
    co_return std::string_view();
  };
  const Reply reply = Stream(At(upstream.port()), BodyLength::Chunked(), insisting);
  EXPECT_TRUE(reply.status.ok()) << reply.status.ToString();
  EXPECT_EQ(reply.head.status, 413);
}

TEST_F(ClientStreamTest, ACancellationEndsAWaitForTheSource) {
  ScriptedUpstream upstream([](Peer& peer) { peer.ClosedWithin(milliseconds(5000)); });
  SteadyTimer timer(context_.get_executor(), milliseconds(50));
  timer.async_wait([&](boost::system::error_code) { cancellation_.Cancel(); });
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(Stream(At(upstream.port()), BodyLength::Chunked(), Silence()).status.code(), Code::kCancelled);
  EXPECT_LT(std::chrono::steady_clock::now() - start, milliseconds(200));
  EXPECT_TRUE(silence_ended_);
}

TEST_F(ClientStreamTest, ReturnsTheSourcesFailureAndCutsTheRequest) {
  std::string seen;
  std::atomic<bool> cut{false};
  ScriptedUpstream upstream([&](Peer& peer) {
    seen = peer.ReadRequest();
    cut = true;
  });
  BodySource failing = []() -> Awaitable<Result<std::string_view>> {
    co_return Status(Code::kUnavailable, "the client went away", Origin::kDownstream);
  };
  const Reply reply = Stream(At(upstream.port()), BodyLength::Chunked(), failing);
  EXPECT_EQ(reply.status.code(), Code::kUnavailable);
  EXPECT_EQ(reply.status.origin(), Origin::kDownstream);
  RunUntil([&] { return cut.load(); });
  EXPECT_EQ(seen, "");
}

TEST_F(ClientStreamTest, SurvivesASourceThatThrows) {
  ScriptedUpstream upstream([](Peer& peer) { peer.ReadRequest(); });
  BodySource throwing = []() -> Awaitable<Result<std::string_view>> {
    throw std::runtime_error("no");
    co_return std::string_view();
  };
  EXPECT_EQ(Stream(At(upstream.port()), BodyLength::Chunked(), throwing).status.code(), Code::kInternal);
}

TEST_F(ClientStreamTest, RefusesASourceWithAnotherLengthThanAnnounced) {
  ScriptedUpstream upstream([](Peer& peer) { peer.ReadRequest(); });
  EXPECT_EQ(Stream(At(upstream.port()), BodyLength::Exact(4), Pieces({"abc"})).status.code(),
            Code::kFailedPrecondition);
  EXPECT_EQ(Stream(At(upstream.port()), BodyLength::Exact(4), Pieces({"abc", "de"})).status.code(),
            Code::kFailedPrecondition);
}

// The first connection answers once, then takes the next request's first bytes and closes.
void CloseOnSecondRequest(Peer& peer) {
  peer.ReadRequest();
  peer.Write(kHello);
  peer.ReadSome();
  if (peer.index() > 0) peer.Write(kHello);
}

TEST_F(ClientStreamTest, IsNotRepeatedOnceAByteWasPulled) {
  ScriptedUpstream upstream(CloseOnSecondRequest);
  EXPECT_EQ(Fetch(At(upstream.port())).body, "hello");
  EXPECT_EQ(Stream(At(upstream.port()), BodyLength::Chunked(), Pieces({"a", "b"})).status.code(), Code::kUnavailable);
  EXPECT_EQ(upstream.accepted(), 1U);
}

TEST_F(ClientStreamTest, IsRepeatedWhenNothingWasPulled) {
  ScriptedUpstream upstream(CloseOnSecondRequest);
  EXPECT_EQ(Fetch(At(upstream.port())).body, "hello");
  EXPECT_EQ(Stream(At(upstream.port()), BodyLength::Exact(0), Pieces({})).body, "hello");
  EXPECT_EQ(upstream.accepted(), 2U);
}

TEST_F(ClientStreamTest, AWaitForTheSourceIsNotTheUpstreamsTimeOut) {
  options_.idle_read_timeout = milliseconds(60);
  std::string seen;
  ScriptedUpstream upstream(Record(seen));
  BodySource slow = [this]() -> Awaitable<Result<std::string_view>> {
    SteadyTimer pause(context_.get_executor(), milliseconds(150));
    co_await pause.async_wait(kUseAwaitable);
    co_return std::string_view(next_++ == 0 ? "late" : "");
  };
  const Reply reply = Stream(At(upstream.port()), BodyLength::Chunked(), slow);
  EXPECT_EQ(reply.body, "hello") << reply.status.ToString();
}

TEST_F(ClientStreamTest, AnUpstreamThatTakesNothingTimesOut) {
  options_.idle_read_timeout = milliseconds(100);
  ScriptedUpstream upstream([](Peer& peer) {
    std::this_thread::sleep_for(milliseconds(500));
    peer.ClosedWithin(milliseconds(100));
  });
  EXPECT_EQ(Fetch(At(upstream.port()), Head("POST"), std::string(32 << 20, 'x')).status.code(),
            Code::kDeadlineExceeded);
}

}  // namespace
}  // namespace headroom::net
