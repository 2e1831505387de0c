// A server over real sockets and a blocking client, for the tests of this room.

#pragma once

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
#include "net/server.h"

namespace headroom::net {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

inline ResponseHead Ok() {
  ResponseHead head;
  head.status = 200;
  head.reason = "OK";
  return head;
}

inline void Expect(const Status& status) { EXPECT_TRUE(status.ok()) << status.ToString(); }

// Answers "METHOD TARGET BODY" and gives up quietly when the body fails.
inline Awaitable<void> Echo(Exchange& exchange) {
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
inline Awaitable<void> Ignore(Exchange& exchange) {
  const Status head = co_await exchange.WriteHead(Ok(), BodyLength::Exact(2), "ok");
  Expect(head);
  const Status end = co_await exchange.Finish();
  Expect(end);
}

// "one" with the head, then "two" and "three".
inline Awaitable<void> Chunks(Exchange& exchange) {
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

inline Awaitable<void> Sleep(Executor executor, milliseconds time) {
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

inline std::string Get(const std::string& target, const std::string& fields = "") {
  return "GET " + target + " HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n";
}

inline std::string Post(const std::string& body, const std::string& fields = "") {
  return "POST /p HTTP/1.1\r\nHost: a\r\n" + fields + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         body;
}

inline bool Eventually(const std::function<bool()>& condition, milliseconds limit = milliseconds(5000)) {
  const auto end = steady_clock::now() + limit;
  while (!condition()) {
    if (steady_clock::now() > end) return false;
    std::this_thread::sleep_for(milliseconds(2));
  }
  return true;
}

}  // namespace headroom::net
