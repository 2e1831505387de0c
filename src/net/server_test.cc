#include "net/server.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio/basic_waitable_timer.hpp>
#include <chrono>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "net/http_parser.h"

namespace headroom::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

ResponseHead Ok() {
  ResponseHead head;
  head.status = 200;
  head.reason = "OK";
  return head;
}

void Expect(const Status& status) { EXPECT_TRUE(status.ok()) << status.ToString(); }

// Answers "METHOD TARGET BODY" and gives up quietly when the body fails.
Awaitable<void> Echo(Exchange& exchange) {
  std::string text = exchange.request().method + " " + exchange.request().target + " ";
  while (true) {
    const Result<std::string_view> bytes = co_await exchange.ReadBody();
    if (!bytes.ok()) co_return;
    if (bytes->empty()) break;
    text += *bytes;
  }
  const Status head = co_await exchange.WriteHead(Ok(), BodyLength::Exact(text.size()), text);
  Expect(head);
  const Status end = co_await exchange.Finish();
  Expect(end);
}

// Answers without reading the body.
Awaitable<void> Ignore(Exchange& exchange) {
  const Status head = co_await exchange.WriteHead(Ok(), BodyLength::Exact(2), "ok");
  Expect(head);
  const Status end = co_await exchange.Finish();
  Expect(end);
}

// "one" with the head, then "two" and "three".
Awaitable<void> Chunks(Exchange& exchange) {
  const Status head = co_await exchange.WriteHead(Ok(), BodyLength::Chunked(), "one");
  Expect(head);
  const Status two = co_await exchange.Write("two");
  Expect(two);
  const Status nothing = co_await exchange.Write("");
  Expect(nothing);
  const Status three = co_await exchange.Write("three");
  Expect(three);
  const Status end = co_await exchange.Finish();
  Expect(end);
}

Awaitable<void> Sleep(Executor executor, milliseconds time) {
  SteadyTimer timer(executor);
  timer.expires_after(time);
  const auto waited = co_await timer.async_wait(kUseAwaitable);
  static_cast<void>(waited);
}

class RunningServer {
 public:
  explicit RunningServer(Handler handler, Server::Options options = {}) : server_(Prepared(options), Factory(handler)) {
    const Status started = server_.Start();
    EXPECT_TRUE(started.ok()) << started.ToString();
  }
  Server& operator*() { return server_; }
  Server* operator->() { return &server_; }

 private:
  static Server::Options Prepared(Server::Options options) {
    options.port = 0;
    return options;
  }
  static Server::HandlerFactory Factory(Handler handler) {
    return [handler](asio::io_context&) { return handler; };
  }
  Server server_;
};

// A blocking client socket; every read gives up after some seconds.
class Client {
 public:
  explicit Client(uint16_t port, int receive_buffer = 0) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    if (receive_buffer > 0) setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof(receive_buffer));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client() { Close(); }

  void Close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }
  void Send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
  }
  void EndSending() { ::shutdown(fd_, SHUT_WR); }

  // Reads once; "" at the end of the stream, a reset or after `patience`.
  std::string ReadSome(milliseconds patience = milliseconds(5000)) {
    pollfd poll_fd{fd_, POLLIN, 0};
    if (::poll(&poll_fd, 1, static_cast<int>(patience.count())) <= 0) return "";
    char buffer[65536];
    const ssize_t received = ::recv(fd_, buffer, sizeof(buffer), 0);
    return received > 0 ? std::string(buffer, static_cast<size_t>(received)) : "";
  }
  bool Closed(milliseconds patience = milliseconds(5000)) {
    pollfd poll_fd{fd_, POLLIN, 0};
    if (::poll(&poll_fd, 1, static_cast<int>(patience.count())) <= 0) return false;
    char byte;
    return ::recv(fd_, &byte, 1, 0) <= 0;
  }
  std::string ReadToEnd() {
    std::string all;
    for (std::string some = ReadSome(); !some.empty(); some = ReadSome()) all += some;
    return all;
  }

  struct Answer {
    int status = 0;
    HeaderList headers;
    std::string body;
    bool complete = false;
  };
  // One response, parsed; what follows it is kept for the next call.
  Answer ReadAnswer(bool to_head = false) {
    ResponseParser parser;
    if (to_head) parser.ExpectNoBody();
    Answer answer;
    while (true) {
      const Result<ResponseParser::Step> step = parser.Parse(unread_);
      if (!step.ok()) return answer;
      answer.body += step->body;
      unread_.erase(0, step->consumed);
      if (step->event == ResponseParser::Event::kHead) {
        answer.status = parser.head().status;
        answer.headers = parser.head().headers;
      }
      if (step->event == ResponseParser::Event::kDone) {
        answer.complete = true;
        return answer;
      }
      if (step->event != ResponseParser::Event::kNeedMore) continue;
      const std::string some = ReadSome();
      if (some.empty()) {
        answer.complete = parser.ParseEnd().ok();
        return answer;
      }
      unread_ += some;
    }
  }

 private:
  int fd_;
  std::string unread_;
};

std::string Get(const std::string& target, const std::string& fields = "") {
  return "GET " + target + " HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n";
}

std::string Post(const std::string& body, const std::string& fields = "") {
  return "POST /p HTTP/1.1\r\nHost: a\r\n" + fields + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         body;
}

bool Eventually(const std::function<bool()>& condition, milliseconds limit = milliseconds(5000)) {
  const auto end = steady_clock::now() + limit;
  while (!condition()) {
    if (steady_clock::now() > end) return false;
    std::this_thread::sleep_for(milliseconds(2));
  }
  return true;
}

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

TEST(ServerTest, RefusesWhatCouldBeSmuggledAndCloses) {
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

TEST(ServerTest, RefusesABadChunkInTheMiddleOfABody) {
  RunningServer server(Echo);
  Client client(server->port());
  client.Send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n");
  EXPECT_EQ(client.ReadAnswer().status, 400);
  EXPECT_TRUE(client.Closed());
}

TEST(ServerTest, TakesAHeadOfTheLimitAndRefusesOneByteMore) {
  RunningServer server(Ignore);
  const std::string empty = Get("/", "A: \r\n");
  for (const auto& [bytes, status] : {std::pair<size_t, int>{64 * 1024, 200}, {64 * 1024 + 1, 431}}) {
    Client client(server->port());
    client.Send(Get("/", "A: " + std::string(bytes - empty.size(), 'a') + "\r\n"));
    EXPECT_EQ(client.ReadAnswer().status, status);
    EXPECT_EQ(client.Closed(milliseconds(100)), status == 431);
  }
}

TEST(ServerTest, RefusesOtherVersions) {
  RunningServer server(Echo);
  Client client(server->port());
  client.Send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  EXPECT_EQ(client.ReadAnswer().status, 505);
  EXPECT_TRUE(client.Closed());
}

TEST(ServerTest, DrainsAnUnreadBodyOfTheLimitAndCutsALongerOne) {
  RunningServer server(Ignore);
  for (const auto& [bytes, kept] : {std::pair<size_t, bool>{64 * 1024, true}, {64 * 1024 + 1, false}}) {
    Client client(server->port());
    client.Send(Post(std::string(bytes, 'x')));
    client.Send(Get("/"));
    EXPECT_EQ(client.ReadAnswer().status, 200);
    EXPECT_EQ(client.ReadAnswer().status, kept ? 200 : 0) << bytes;
  }
}

TEST(ServerTest, AnAnswerReachesAClientThatStillSends) {
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

TEST(ServerTest, ReadWholeBodyTakesTheLimitAndRefusesOneByteMore) {
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

TEST(ServerTest, ASlowHeadIsRefused) {
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

TEST(ServerTest, ABodyThatStopsIsRefused) {
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

TEST(ServerTest, AnIdleConnectionIsClosedQuietly) {
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

TEST(ServerTest, AnIdleConnectionServesAgainAfterItsBufferWasGivenBack) {
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

TEST(ServerTest, ClosesConnectionsPastTheLimit) {
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
