#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "net/server_fixture.h"

namespace headroom::net {
namespace {

TEST(ServerLimitsTest, RefusesWhatCouldBeSmuggledAndCloses) {
  RunningServer server(Echo);
  for (const char* fields :
       {"Content-Length: 1\r\nContent-Length: 2\r\n", "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: gzip, chunked\r\n", "A : b\r\n", "A: b\r\n c\r\n", "A: b\n", "A: b\rc\r\n"}) {
    Client client(server->port());
    client.Send("POST / HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n" + Get("/smuggled"));
    const Client::Answer answer = client.ReadAnswer();
    EXPECT_EQ(answer.status, 400) << fields;
    EXPECT_EQ(answer.headers.Find("content-type"), "application/json");
    EXPECT_EQ(answer.body.find(R"({"type":"error","error":{"type":"invalid_request_error","message":")"), 0u);
    EXPECT_TRUE(client.Closed()) << fields;
  }
}

TEST(ServerLimitsTest, RefusesABadChunkInTheMiddleOfABody) {
  RunningServer server(Echo);
  Client client(server->port());
  client.Send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n");
  EXPECT_EQ(client.ReadAnswer().status, 400);
  EXPECT_TRUE(client.Closed());
}

TEST(ServerLimitsTest, TakesAHeadOfTheLimitAndRefusesOneByteMore) {
  RunningServer server(Ignore);
  const std::string empty = Get("/", "A: \r\n");
  for (const auto& [bytes, status] : {std::pair<size_t, int>{64 * 1024, 200}, {64 * 1024 + 1, 431}}) {
    Client client(server->port());
    client.Send(Get("/", "A: " + std::string(bytes - empty.size(), 'a') + "\r\n"));
    EXPECT_EQ(client.ReadAnswer().status, status);
    EXPECT_EQ(client.Closed(milliseconds(100)), status == 431);
  }
}

TEST(ServerLimitsTest, RefusesOtherVersions) {
  RunningServer server(Echo);
  Client client(server->port());
  client.Send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  EXPECT_EQ(client.ReadAnswer().status, 505);
  EXPECT_TRUE(client.Closed());
}

TEST(ServerLimitsTest, DrainsAnUnreadBodyOfTheLimitAndCutsALongerOne) {
  RunningServer server(Ignore);
  for (const auto& [bytes, kept] : {std::pair<size_t, bool>{64 * 1024, true}, {64 * 1024 + 1, false}}) {
    Client client(server->port());
    client.Send(Post(std::string(bytes, 'x')));
    client.Send(Get("/"));
    EXPECT_EQ(client.ReadAnswer().status, 200);
    EXPECT_EQ(client.ReadAnswer().status, kept ? 200 : 0) << bytes;
  }
}

TEST(ServerLimitsTest, AnAnswerReachesAClientThatStillSends) {
  RunningServer server([](Exchange& exchange) -> Awaitable<void> {
    const Result<PaddedBytes> body = co_await exchange.ReadWholeBody(1000);
    EXPECT_EQ(body.status().code(), Code::kResourceExhausted);
  });
  for (const std::string& fields : {std::string("Content-Length: 20000000\r\n\r\n"),
                                    std::string("Transfer-Encoding: chunked\r\n\r\n1312D00\r\n")}) {
    Client client(server->port());
    client.Send("POST / HTTP/1.1\r\nHost: a\r\n" + fields);
    client.Send(std::string(20'000'000, 'x'));
    const Client::Answer answer = client.ReadAnswer();
    EXPECT_EQ(answer.status, 413);
    EXPECT_TRUE(answer.complete);
  }
}

TEST(ServerLimitsTest, ReadWholeBodyTakesTheLimitAndRefusesOneByteMore) {
  RunningServer server([](Exchange& exchange) -> Awaitable<void> {
    const Result<PaddedBytes> body = co_await exchange.ReadWholeBody(100'000);
    if (!body.ok()) co_return;
    const Status head = co_await exchange.WriteHead(Ok(), BodyLength::Exact(body->size()), body->view());
    Expect(head);
    const Status end = co_await exchange.Finish();
    Expect(end);
  });
  for (const size_t bytes : {100'000u, 100'001u}) {
    std::string body(bytes, 'x');
    for (size_t i = 0; i < bytes; ++i) body[i] = static_cast<char>('a' + i % 23);
    const std::string chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n" +
                                body.substr(0, 9) + "\r\n" + (bytes == 100'000 ? "18697" : "18698") + "\r\n" +
                                body.substr(9) + "\r\n0\r\n\r\n";
    for (const std::string& wire : {Post(body), chunked}) {
      Client client(server->port());
      client.Send(wire);
      const Client::Answer answer = client.ReadAnswer();
      EXPECT_EQ(answer.status, bytes == 100'000 ? 200 : 413);
      EXPECT_EQ(answer.body == body, bytes == 100'000);
    }
  }
}

TEST(ServerLimitsTest, ASlowHeadIsRefused) {
  Server::Options options;
  options.head_timeout = milliseconds(200);
  RunningServer server(Echo, options);
  Client client(server->port());
  const auto begin = steady_clock::now();
  std::atomic<bool> stop{false};
  std::thread trickle([&] {
    client.Send("GET / HTTP/1.1\r\nHost: a\r\nA: ");
    for (int i = 0; i < 100 && !stop; ++i) {
      client.Send("a");
      std::this_thread::sleep_for(milliseconds(20));
    }
  });
  EXPECT_EQ(client.ReadAnswer().status, 408);
  EXPECT_GE(steady_clock::now() - begin, milliseconds(200));
  EXPECT_LT(steady_clock::now() - begin, milliseconds(1500));
  stop = true;
  trickle.join();
}

TEST(ServerLimitsTest, ABodyThatStopsIsRefused) {
  Server::Options options;
  options.body_timeout = milliseconds(200);
  std::atomic<int> code{0};
  RunningServer server(
      [&](Exchange& exchange) -> Awaitable<void> {
        const Result<PaddedBytes> body = co_await exchange.ReadWholeBody(1000);
        code = static_cast<int>(body.status().code());
      },
      options);
  Client client(server->port());
  client.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf");
  EXPECT_EQ(client.ReadAnswer().status, 408);
  EXPECT_EQ(code, static_cast<int>(Code::kDeadlineExceeded));
}

TEST(ServerLimitsTest, AnIdleConnectionIsClosedQuietly) {
  Server::Options options;
  options.idle_timeout = milliseconds(200);
  RunningServer server(Echo, options);
  Client fresh(server->port());
  Client used(server->port());
  used.Send(Get("/"));
  EXPECT_EQ(used.ReadAnswer().status, 200);
  EXPECT_EQ(fresh.ReadToEnd(), "");
  EXPECT_EQ(used.ReadToEnd(), "");
  EXPECT_TRUE(Eventually([&] { return server->connections() == 0; }));
}

TEST(ServerLimitsTest, AnIdleConnectionServesAgainAfterItsBufferWasGivenBack) {
  Server::Options options;
  options.head_timeout = milliseconds(40);  // sweeps every 10 ms
  RunningServer server(Echo, options);
  Client client(server->port());
  for (int i = 0; i < 3; ++i) {
    client.Send(Get("/"));
    EXPECT_EQ(client.ReadAnswer().body, "GET / ");
    std::this_thread::sleep_for(milliseconds(60));
  }
}

TEST(ServerLimitsTest, ClosesConnectionsPastTheLimit) {
  Server::Options options;
  options.max_connections = 2;
  RunningServer server(Echo, options);
  Client first(server->port());
  Client second(server->port());
  ASSERT_TRUE(Eventually([&] { return server->connections() == 2; }));
  Client third(server->port());
  EXPECT_TRUE(third.Closed());
  EXPECT_EQ(server->refused(), 1u);
  first.Close();
  ASSERT_TRUE(Eventually([&] { return server->connections() == 1; }));
  Client fourth(server->port());
  fourth.Send(Get("/"));
  EXPECT_EQ(fourth.ReadAnswer().status, 200);
}

}  // namespace
}  // namespace headroom::net
