// A provider for the benchmarks: answers Anthropic Messages at once and from
// memory, so that what is measured is what stands between it and the client.
//
//   bench_upstream          prints its port, serves 127.0.0.1 until killed
//
//   POST, body without "stream":true   2 KB of JSON
//   POST, body with it                 kEvents events, one each kEventInterval, each with its time:
//                                      data: {...,"text":"t=<nanoseconds of the monotonic clock> "}
//   GET                                a few bytes
//
// One thread. Bodies need a Content-Length.

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <string>
#include <string_view>

#include "http_text.h"

namespace headroom::bench {
namespace {

namespace asio = boost::asio;
using asio::use_awaitable;
using asio::ip::tcp;

constexpr int kEvents = 50;
constexpr std::chrono::milliseconds kEventInterval{10};
constexpr std::string_view kUsage = R"({"input_tokens":1000,"cache_read_input_tokens":0,"output_tokens":50})";

std::string JsonAnswer() {
  std::string text;
  while (text.size() < 1800) text += "The failing test reads the clock twice. ";
  const std::string body = R"({"id":"msg_01","type":"message","role":"assistant","model":"claude-sonnet-4-5",)"
                           R"("content":[{"type":"text","text":")" +
                           text + R"("}],"stop_reason":"end_turn","stop_sequence":null,"usage":)" +
                           std::string(kUsage) + "}";
  return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nrequest-id: req_01\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string Chunk(std::string_view event, std::string_view data) {
  const std::string text = "event: " + std::string(event) + "\ndata: " + std::string(data) + "\n\n";
  char size[16];
  return std::string(size, std::to_chars(size, size + sizeof(size), text.size(), 16).ptr) + "\r\n" + text + "\r\n";
}

std::string StampedEvent() {
  return Chunk("content_block_delta",
               R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"t=)" +
                   std::to_string(MonotonicNanoseconds()) + R"( "}})");
}

asio::awaitable<void> Stream(tcp::socket& socket) {
  static const std::string head =
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n" +
      Chunk("message_start", R"({"type":"message_start","message":{"id":"msg_01","type":"message","role":"assistant",)"
                             R"("model":"claude-sonnet-4-5","content":[],"usage":)" +
                                 std::string(kUsage) + "}}") +
      Chunk("content_block_start",
            R"({"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}})");
  static const std::string tail =
      Chunk("content_block_stop", R"({"type":"content_block_stop","index":0})") +
      Chunk("message_delta", R"({"type":"message_delta","delta":{"stop_reason":"end_turn"},)"
                             R"("usage":{"output_tokens":50}})") +
      Chunk("message_stop", R"({"type":"message_stop"})") + "0\r\n\r\n";
  co_await asio::async_write(socket, asio::buffer(head), use_awaitable);
  asio::steady_timer timer(socket.get_executor(), std::chrono::steady_clock::now());
  for (int i = 0; i < kEvents; ++i) {
    timer.expires_at(timer.expiry() + kEventInterval);
    co_await timer.async_wait(use_awaitable);
    const std::string event = StampedEvent();
    co_await asio::async_write(socket, asio::buffer(event), use_awaitable);
  }
  co_await asio::async_write(socket, asio::buffer(tail), use_awaitable);
}

asio::awaitable<void> Serve(tcp::socket socket) {
  static const std::string answer = JsonAnswer();
  static const std::string alive = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\nok\n";
  std::string in;
  try {
    for (;;) {
      const size_t head = co_await asio::async_read_until(socket, asio::dynamic_buffer(in), "\r\n\r\n", use_awaitable);
      const size_t size = head + ContentLength(std::string_view(in).substr(0, head)).value_or(0);
      if (in.size() < size) {
        const size_t read = in.size();
        in.resize(size);
        co_await asio::async_read(socket, asio::buffer(in.data() + read, size - read), use_awaitable);
      }
      if (in.starts_with("GET")) {
        co_await asio::async_write(socket, asio::buffer(alive), use_awaitable);
      } else if (in.substr(head, 400).find("\"stream\":true") != std::string::npos) {
        co_await Stream(socket);
      } else {
        co_await asio::async_write(socket, asio::buffer(answer), use_awaitable);
      }
      in.erase(0, size);
    }
  } catch (const boost::system::system_error&) {
    // The client has gone.
  }
}

asio::awaitable<void> Accept(tcp::acceptor acceptor) {
  for (;;) {
    tcp::socket socket = co_await acceptor.async_accept(use_awaitable);
    socket.set_option(tcp::no_delay(true));
    asio::co_spawn(socket.get_executor(), Serve(std::move(socket)), asio::detached);
  }
}

int Main() {
  asio::io_context context(1);
  tcp::acceptor acceptor(context, {asio::ip::address_v4::loopback(), 0});
  std::printf("%d\n", acceptor.local_endpoint().port());
  std::fflush(stdout);
  asio::co_spawn(context, Accept(std::move(acceptor)), asio::detached);
  context.run();
  return 0;
}

}  // namespace
}  // namespace headroom::bench

int main() { return headroom::bench::Main(); }
