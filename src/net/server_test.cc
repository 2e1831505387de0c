#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "net/server_fixture.h"

namespace headroom::net {
namespace {

TEST(ServerTest, ServesOneRequestAfterAnotherOnAConnection) {
  RunningServer server(Echo);
  Client client(server->port());
  for (int i = 0; i < 3; ++i) {
    client.Send(Post("hello"));
    const Client::Answer answer = client.ReadAnswer();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "POST /p hello");
    EXPECT_FALSE(answer.headers.Has("connection"));
  }
  EXPECT_EQ(server->connections(), 1u);
}

TEST(ServerTest, ARequestSplitAtAnyByteIsTheSame) {
  RunningServer server(Echo);
  const std::string wire =
      "PUT /x?y HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;e=1\r\nabc\r\n2\r\nde\r\n0\r\nT: 1\r\n\r\n";
  Client client(server->port());
  for (size_t cut = 1; cut < wire.size(); ++cut) {
    client.Send(wire.substr(0, cut));
    std::this_thread::sleep_for(milliseconds(1));
    client.Send(wire.substr(cut));
    ASSERT_EQ(client.ReadAnswer().body, "PUT /x?y abcde") << cut;
  }
}

TEST(ServerTest, AnswersPipelinedRequestsInOrder) {
  RunningServer server(Echo);
  Client client(server->port());
  client.Send(Get("/1") + Post("two") + Get("/3"));
  EXPECT_EQ(client.ReadAnswer().body, "GET /1 ");
  EXPECT_EQ(client.ReadAnswer().body, "POST /p two");
  EXPECT_EQ(client.ReadAnswer().body, "GET /3 ");
}

TEST(ServerTest, AHalfClosedClientGetsItsAnswers) {
  RunningServer server(Echo);
  Client client(server->port());
  client.Send(Get("/1") + Get("/2"));
  client.EndSending();
  EXPECT_EQ(client.ReadAnswer().body, "GET /1 ");
  EXPECT_EQ(client.ReadAnswer().body, "GET /2 ");
  EXPECT_TRUE(client.Closed());
}

TEST(ServerTest, WritesEachPieceAsOneChunk) {
  RunningServer server(Chunks);
  Client client(server->port());
  client.Send(Get("/", "Connection: close\r\n"));
  EXPECT_EQ(client.ReadToEnd(),
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
            "3\r\none\r\n3\r\ntwo\r\n5\r\nthree\r\n0\r\n\r\n");
}

TEST(ServerTest, AnHttp10ClientGetsTheBodyUntilClose) {
  RunningServer server(Chunks);
  Client client(server->port());
  client.Send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(client.ReadToEnd(), "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nonetwothree");
}

TEST(ServerTest, AnHttp10ClientMayKeepTheConnection) {
  RunningServer server(Echo);
  Client client(server->port());
  for (int i = 0; i < 2; ++i) {
    client.Send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    const Client::Answer answer = client.ReadAnswer();
    EXPECT_EQ(answer.body, "GET / ");
    EXPECT_EQ(answer.headers.Find("connection"), "keep-alive");
  }
  client.Send("GET / HTTP/1.0\r\n\r\n");
  EXPECT_EQ(client.ReadAnswer().headers.Find("connection"), "close");
  EXPECT_TRUE(client.Closed());
}

TEST(ServerTest, AHeadRequestGetsNoBodyWhateverTheHandlerWrites) {
  for (const Handler& handler : {Handler(Echo), Handler(Chunks)}) {
    RunningServer server(handler);
    Client client(server->port());
    client.Send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n" + Get("/"));
    EXPECT_EQ(client.ReadAnswer(true).status, 200);
    EXPECT_EQ(client.ReadAnswer().status, 200);
  }
}

TEST(ServerTest, A204HasNeitherBodyNorLength) {
  RunningServer server([](Exchange& exchange) -> Awaitable<void> {
    ResponseHead head = Ok();
    head.status = 204;
    head.reason = "No Content";
    const Status written = co_await exchange.WriteHead(head, BodyLength::None());
    Expect(written);
    const Status end = co_await exchange.Finish();
    Expect(end);
  });
  Client client(server->port());
  client.Send(Get("/", "Connection: close\r\n"));
  EXPECT_EQ(client.ReadToEnd(), "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
}

TEST(ServerTest, PassesAnyMethod) {
  RunningServer server(Echo);
  Client client(server->port());
  for (const char* method : {"OPTIONS", "PATCH", "DELETE", "PURGE"}) {
    client.Send(std::string(method) + " /m HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(client.ReadAnswer().body, std::string(method) + " /m ");
  }
}

TEST(ServerTest, SendsContinueWhenTheBodyIsFirstRead) {
  RunningServer server(Echo);
  Client client(server->port());
  client.Send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
  EXPECT_EQ(client.ReadSome(), "HTTP/1.1 100 Continue\r\n\r\n");
  client.Send("body");
  EXPECT_EQ(client.ReadAnswer().body, "POST / body");
}

TEST(ServerTest, AnAnswerBeforeContinueClosesTheConnection) {
  RunningServer server(Ignore);
  Client client(server->port());
  client.Send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
  const Client::Answer answer = client.ReadAnswer();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.headers.Find("connection"), "close");
  EXPECT_TRUE(client.Closed());
}

TEST(ServerTest, AResponseWithoutFinishIsCut) {
  RunningServer server([](Exchange& exchange) -> Awaitable<void> {
    const Status head = co_await exchange.WriteHead(Ok(), BodyLength::Chunked(), "begin");
    Expect(head);
  });
  Client client(server->port());
  client.Send(Get("/"));
  const Client::Answer answer = client.ReadAnswer();
  EXPECT_EQ(answer.body, "begin");
  EXPECT_FALSE(answer.complete);
}

TEST(ServerTest, HoldsAHandlerToTheLengthItAnnounced) {
  std::atomic<int> more{0}, fewer{0};
  RunningServer server([&](Exchange& exchange) -> Awaitable<void> {
    const Status head = co_await exchange.WriteHead(Ok(), BodyLength::Exact(4), "abc");
    Expect(head);
    const Status too_much = co_await exchange.Write("de");
    more = static_cast<int>(too_much.code());
    const Status end = co_await exchange.Finish();
    fewer = static_cast<int>(end.code());
  });
  Client client(server->port());
  client.Send(Get("/"));
  EXPECT_FALSE(client.ReadAnswer().complete);
  EXPECT_EQ(more, static_cast<int>(Code::kOutOfRange));
  EXPECT_EQ(fewer, static_cast<int>(Code::kFailedPrecondition));
}

TEST(ServerTest, AThrowingHandlerCostsItsConnectionOnly) {
  RunningServer server([](Exchange& exchange) -> Awaitable<void> {
    if (exchange.request().target == "/throw") throw std::runtime_error("intended");
    return Ignore(exchange);
  });
  Client broken(server->port());
  broken.Send(Get("/throw"));
  EXPECT_TRUE(broken.Closed());
  Client client(server->port());
  client.Send(Get("/"));
  EXPECT_EQ(client.ReadAnswer().body, "ok");
  EXPECT_TRUE(Eventually([&] { return server->exchanges() == 0; }));
}

TEST(ServerTest, AThrowingDisconnectCallbackDoesNotEndTheServer) {
  std::atomic<int> gone{0};
  RunningServer server([&](Exchange& exchange) -> Awaitable<void> {
    if (exchange.request().target == "/ok") co_return co_await Ignore(exchange);
    std::function<void()> callback = [&] {
      ++gone;
      throw std::runtime_error("intended");
    };
    exchange.OnDisconnect(std::move(callback));
    const int before = gone;
    for (int i = 0; i < 100 && gone == before; ++i) co_await Sleep(exchange.executor(), milliseconds(10));
  });
  for (int i = 1; i <= 4; ++i) {
    Client leaving(server->port());
    leaving.Send(Get("/"));
    ASSERT_TRUE(Eventually([&] { return server->exchanges() == 1; }));
    leaving.Close();
    ASSERT_TRUE(Eventually([&] { return gone == i && server->exchanges() == 0; }));
  }
  Client client(server->port());
  client.Send(Get("/ok"));
  EXPECT_EQ(client.ReadAnswer().body, "ok");
}

TEST(ServerTest, AWriterWaitsForASlowReader) {
  constexpr size_t kPieces = 1000;
  std::atomic<size_t> written{0};
  RunningServer server([&](Exchange& exchange) -> Awaitable<void> {
    const std::string piece(64 * 1024, 'x');
    const Status head = co_await exchange.WriteHead(Ok(), BodyLength::Exact(kPieces * piece.size()));
    Expect(head);
    for (size_t i = 0; i < kPieces; ++i) {
      const Status sent = co_await exchange.Write(piece);
      if (!sent.ok()) co_return;
      ++written;
    }
    const Status end = co_await exchange.Finish();
    Expect(end);
  });
  Client client(server->port(), 64 * 1024);
  client.Send(Get("/"));
  std::this_thread::sleep_for(milliseconds(300));
  const size_t stalled = written;
  EXPECT_LT(stalled, kPieces / 4) << "what was not read must not be taken from the handler";
  std::this_thread::sleep_for(milliseconds(100));
  EXPECT_EQ(written, stalled);
  const Client::Answer answer = client.ReadAnswer();
  EXPECT_TRUE(answer.complete);
  EXPECT_EQ(answer.body.size(), kPieces * 64 * 1024);
}

TEST(ServerTest, AReaderThatStopsIsGivenUp) {
  Server::Options options;
  options.idle_timeout = milliseconds(200);
  std::atomic<int> code{0};
  RunningServer server(
      [&](Exchange& exchange) -> Awaitable<void> {
        const std::string piece(1024 * 1024, 'x');
        Status sent = co_await exchange.WriteHead(Ok(), BodyLength::Chunked());
        while (sent.ok()) sent = co_await exchange.Write(piece);
        code = static_cast<int>(sent.code());
      },
      options);
  Client client(server->port(), 4096);
  client.Send(Get("/"));
  EXPECT_TRUE(Eventually([&] { return code != 0; }));
  EXPECT_EQ(code, static_cast<int>(Code::kDeadlineExceeded));
}

// Waits until the client is gone and notes when that was noticed.
struct Watcher {
  std::atomic<int> gone{0};
  std::atomic<bool> watching{false};
  std::atomic<steady_clock::rep> at{0};

  Awaitable<void> operator()(Exchange& exchange) {
    const Result<PaddedBytes> body = co_await exchange.ReadWholeBody(1000);
    EXPECT_TRUE(body.ok());
    std::function<void()> callback = [this] {
      at = steady_clock::now().time_since_epoch().count();
      ++gone;
    };
    exchange.OnDisconnect(std::move(callback));
    watching = true;
    for (int i = 0; i < 100 && gone == 0; ++i) co_await Sleep(exchange.executor(), milliseconds(10));
    const Status head = co_await exchange.WriteHead(Ok(), BodyLength::Exact(2), "ok");
    if (!head.ok()) co_return;
    const Status end = co_await exchange.Finish();
    static_cast<void>(end);
  }
};

TEST(ServerTest, NoticesWithin100MsThatTheClientWent) {
  for (const milliseconds wait : {milliseconds(0), milliseconds(150)}) {
    for (const std::string& request : {Get("/"), Post("body")}) {
      Watcher watcher;
      RunningServer server(std::ref(watcher));
      Client client(server->port());
      client.Send(request);
      ASSERT_TRUE(Eventually([&] { return watcher.watching.load(); }));
      std::this_thread::sleep_for(wait);
      const auto left = steady_clock::now();
      client.Close();
      ASSERT_TRUE(Eventually([&] { return watcher.gone > 0; }));
      EXPECT_LT(steady_clock::time_point(steady_clock::duration(watcher.at)) - left, milliseconds(100));
      EXPECT_TRUE(Eventually([&] { return server->connections() == 0; }));
      EXPECT_EQ(watcher.gone, 1);
    }
  }
}

TEST(ServerTest, AReplacedCallbackIsNotCalled) {
  std::atomic<int> first{0}, second{0};
  RunningServer server([&](Exchange& exchange) -> Awaitable<void> {
    std::function<void()> one = [&] { ++first; };
    exchange.OnDisconnect(std::move(one));
    co_await Sleep(exchange.executor(), milliseconds(80));
    std::function<void()> two = [&] { ++second; };
    exchange.OnDisconnect(std::move(two));
    for (int i = 0; i < 100 && second == 0; ++i) co_await Sleep(exchange.executor(), milliseconds(10));
  });
  Client client(server->port());
  client.Send(Get("/"));
  std::this_thread::sleep_for(milliseconds(150));
  client.Close();
  EXPECT_TRUE(Eventually([&] { return second > 0; }));
  EXPECT_EQ(first, 0);
}

TEST(ServerTest, APipelinedRequestIsNotADisconnect) {
  Watcher watcher;
  RunningServer server(std::ref(watcher));
  Client client(server->port());
  client.Send(Get("/"));
  std::this_thread::sleep_for(milliseconds(100));
  client.Send(Get("/"));
  EXPECT_EQ(client.ReadAnswer().body, "ok");
  EXPECT_EQ(client.ReadAnswer().body, "ok");
  EXPECT_EQ(watcher.gone, 0);
}

TEST(ServerTest, DrainLetsRunningExchangesEndAndClosesIdleOnes) {
  RunningServer server([](Exchange& exchange) -> Awaitable<void> {
    co_await Sleep(exchange.executor(), milliseconds(200));
    co_await Ignore(exchange);
  });
  const uint16_t port = server->port();
  Client idle(port);
  Client busy(port);
  busy.Send(Get("/"));
  ASSERT_TRUE(Eventually([&] { return server->exchanges() == 1 && server->connections() == 2; }));
  server->Drain();
  EXPECT_TRUE(idle.Closed(milliseconds(150)));
  EXPECT_EQ(server->exchanges(), 1u);
  const Client::Answer answer = busy.ReadAnswer();
  EXPECT_EQ(answer.body, "ok");
  EXPECT_EQ(answer.headers.Find("connection"), "close");
  EXPECT_TRUE(busy.Closed());
  EXPECT_TRUE(Eventually([&] { return server->connections() == 0; }));
}

TEST(ServerTest, ADrainedServerRefusesNewConnections) {
  RunningServer server(Echo);
  const uint16_t port = server->port();
  server->Drain();
  const auto refused = [port] {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const bool failed = ::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0;
    ::close(fd);
    return failed;
  };
  EXPECT_TRUE(Eventually(refused));
}

TEST(ServerTest, StopEndsRunningExchangesAtOnceAndDestroysTheirHandlers) {
  struct Guard {
    std::atomic<int>& count;
    ~Guard() { --count; }
  };
  std::atomic<int> alive{0};
  RunningServer server([&](Exchange& exchange) -> Awaitable<void> {
    ++alive;
    const Guard guard{alive};
    std::function<void()> nothing = [] {};
    exchange.OnDisconnect(std::move(nothing));
    co_await Sleep(exchange.executor(), milliseconds(60'000));
  });
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 8; ++i) {
    clients.push_back(std::make_unique<Client>(server->port()));
    clients.back()->Send(Get("/"));
  }
  Client idle(server->port());
  ASSERT_TRUE(Eventually([&] { return alive == 8; }));
  std::this_thread::sleep_for(milliseconds(60));
  server->Stop();
  EXPECT_EQ(alive, 0);
  EXPECT_EQ(server->connections(), 0u);
  EXPECT_EQ(server->exchanges(), 0u);
  EXPECT_TRUE(idle.Closed());
  server->Stop();
}

TEST(ServerTest, AHandlerIsMadeUsedAndDestroyedOnItsThread) {
  struct Owned {
    std::thread::id thread = std::this_thread::get_id();
    std::atomic<int>& wrong;
    ~Owned() { wrong += std::this_thread::get_id() != thread; }
  };
  std::atomic<int> wrong{0}, made{0};
  Server::Options options;
  options.port = 0;
  options.threads = 3;
  Server server(options, [&](asio::io_context&) -> Handler {
    ++made;
    auto owned = std::make_shared<Owned>(Owned{std::this_thread::get_id(), wrong});
    return [owned, &wrong](Exchange& exchange) -> Awaitable<void> {
      wrong += std::this_thread::get_id() != owned->thread;
      return Ignore(exchange);
    };
  });
  ASSERT_TRUE(server.Start().ok());
  for (int i = 0; i < 20; ++i) {
    Client client(server.port());
    client.Send(Get("/"));
    EXPECT_EQ(client.ReadAnswer().body, "ok");
  }
  server.Stop();
  EXPECT_EQ(made, 3);
  EXPECT_EQ(wrong, 0);
}

TEST(ServerTest, SaysThatThePortIsTakenOrTheHostIsNone) {
  RunningServer server(Echo);
  const auto factory = [](asio::io_context&) { return Handler(Echo); };
  Server::Options options;
  options.port = server->port();
  EXPECT_EQ(Server(options, factory).Start().code(), Code::kUnavailable);
  options.host = "no host";
  EXPECT_EQ(Server(options, factory).Start().code(), Code::kInvalidArgument);
}

TEST(ServerTest, ListensOnIpv6) {
  Server::Options options;
  options.host = "::1";
  std::string peer;
  RunningServer server(
      [&](Exchange& exchange) -> Awaitable<void> {
        peer = exchange.peer_address();
        return Ignore(exchange);
      },
      options);
  const int fd = ::socket(AF_INET6, SOCK_STREAM, 0);
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(server->port());
  address.sin6_addr = in6addr_loopback;
  ASSERT_EQ(::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  const std::string wire = Get("/", "Connection: close\r\n");
  ASSERT_EQ(::send(fd, wire.data(), wire.size(), 0), static_cast<ssize_t>(wire.size()));
  char buffer[512];
  EXPECT_GT(::recv(fd, buffer, sizeof(buffer), 0), 0);
  ::close(fd);
  EXPECT_EQ(peer, "::1");
}

}  // namespace
}  // namespace headroom::net
