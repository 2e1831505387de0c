// The benchmarks' client: keeps connections busy, one request after the other,
// and says how long the answers took, as one line of JSON.
//
//   bench_load port=8787 path=/v1/messages body=FILE connections=16 seconds=3
//
//   vary_from=N   "@xxxxxxxx@" at or after byte N of the body gets another number
//                 in each request, so that nothing can be answered from memory
//   requests=N    end after N requests on each connection
//   pause_ms=N    between two requests of a connection
//
// Without body it sends GET. Latency counts from the first byte sent to the last
// received. An event stamped "t=<nanoseconds>" counts with its delay.

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "http_text.h"

namespace headroom::bench {
namespace {

namespace asio = boost::asio;
using asio::use_awaitable;
using asio::ip::tcp;

struct Options {
  uint16_t port = 0;
  std::string path;
  std::string body;
  size_t vary_from = std::string::npos;
  int connections = 1;
  double seconds = 3600;
  uint64_t requests = UINT64_MAX;
  std::chrono::milliseconds pause{0};
};

struct Results {
  std::vector<int64_t> latencies;  // nanoseconds
  std::vector<int64_t> delays;     // nanoseconds, of stamped events
  uint64_t errors = 0;
};

// The request with its places to vary.
class Request {
 public:
  explicit Request(const Options& options) {
    const bool post = !options.body.empty();
    text_ = (post ? "POST " : "GET ") + options.path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n";
    if (post) {
      text_ +=
          "Content-Type: application/json\r\nx-api-key: sk-bench\r\nanthropic-version: 2023-06-01\r\nContent-Length: " +
          std::to_string(options.body.size()) + "\r\n";
    }
    text_ += "\r\n";
    const size_t head = text_.size();
    text_ += options.body;
    if (options.vary_from > options.body.size()) return;
    for (size_t at = text_.find('@', head + options.vary_from); at != text_.npos; at = text_.find('@', at + 1)) {
      if (at + 9 < text_.size() && text_[at + 9] == '@') places_.push_back(at + 1);
    }
  }

  const std::string& Next(uint32_t& number) {
    for (const size_t place : places_) {
      char digits[9];
      std::snprintf(digits, sizeof(digits), "%08x", number++);
      std::memcpy(text_.data() + place, digits, 8);
    }
    return text_;
  }

 private:
  std::string text_;
  std::vector<size_t> places_;
};

class Load {
 public:
  Load(asio::io_context& context, const Options& options)
      : context_(context),
        options_(options),
        end_(std::chrono::steady_clock::now() +
             std::chrono::milliseconds(static_cast<int64_t>(options.seconds * 1e3))) {
    for (int i = 0; i < options.connections; ++i) asio::co_spawn(context, Connection(), asio::detached);
  }

  const Results& results() const { return results_; }

 private:
  asio::awaitable<void> Connection() {
    try {
      tcp::socket socket(context_);
      co_await socket.async_connect({asio::ip::address_v4::loopback(), options_.port}, use_awaitable);
      socket.set_option(tcp::no_delay(true));
      asio::steady_timer timer(context_);
      Request request(options_);
      std::string in;
      for (uint64_t i = 0; i < options_.requests && std::chrono::steady_clock::now() < end_; ++i) {
        const std::string& text = request.Next(number_);
        const int64_t start = MonotonicNanoseconds();
        co_await asio::async_write(socket, asio::buffer(text), use_awaitable);
        if (!co_await ReadAnswer(socket, in)) ++results_.errors;
        results_.latencies.push_back(MonotonicNanoseconds() - start);
        if (options_.pause.count() == 0) continue;
        timer.expires_after(options_.pause);
        co_await timer.async_wait(use_awaitable);
      }
    } catch (const boost::system::system_error&) {
      ++results_.errors;
    }
  }

  // Reads one answer, of which `in` may hold the beginning. True for 200.
  asio::awaitable<bool> ReadAnswer(tcp::socket& socket, std::string& in) {
    const size_t head = co_await asio::async_read_until(socket, asio::dynamic_buffer(in), "\r\n\r\n", use_awaitable);
    const bool ok = in.starts_with("HTTP/1.1 200");
    const std::optional<size_t> length = ContentLength(std::string_view(in).substr(0, head));
    size_t left = length.value_or(0);
    ChunkedBody chunks;
    std::string line;
    const auto take = [&](std::string_view bytes) {
      if (!length) return chunks.Feed(bytes, [&](std::string_view data) { ReadStamps(data, line); });
      left -= std::min(left, bytes.size());
      return left == 0;
    };
    bool done = take(std::string_view(in).substr(head));
    in.resize(1 << 16);
    while (!done) {
      const size_t read = co_await socket.async_read_some(asio::buffer(in), use_awaitable);
      done = take(std::string_view(in).substr(0, read));
    }
    in.clear();
    co_return ok;
  }

  void ReadStamps(std::string_view data, std::string& line) {
    const int64_t now = MonotonicNanoseconds();
    for (size_t end = data.find('\n'); end != data.npos; end = data.find('\n')) {
      line += data.substr(0, end);
      data.remove_prefix(end + 1);
      int64_t stamp = 0;
      if (const size_t at = line.find("\"t="); at != line.npos) {
        std::from_chars(line.data() + at + 3, line.data() + line.size(), stamp);
        results_.delays.push_back(now - stamp);
      }
      line.clear();
    }
    line += data;
  }

  asio::io_context& context_;
  const Options& options_;
  const std::chrono::steady_clock::time_point end_;
  uint32_t number_ = std::random_device()();
  Results results_;
};

std::string Percentiles(std::string_view name, std::vector<int64_t> values) {
  std::string text;
  std::sort(values.begin(), values.end());
  for (const size_t percent : {50, 99}) {
    const double microseconds =
        values.empty() ? 0 : static_cast<double>(values[(values.size() - 1) * percent / 100]) / 1e3;
    text += ",\"" + std::string(name) + "P" + std::to_string(percent) + "\":" + std::to_string(microseconds);
  }
  return text;
}

Options ReadOptions(int argc, char** argv) {
  std::map<std::string, std::string> given;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    const size_t equals = std::min(argument.find('='), argument.size());
    given[argument.substr(0, equals)] = argument.substr(std::min(equals + 1, argument.size()));
  }
  Options options;
  options.port = static_cast<uint16_t>(std::stoul(given.at("port")));
  options.path = given.at("path");
  if (given.contains("body")) {
    std::ifstream file(given["body"], std::ios::binary);
    options.body.assign(std::istreambuf_iterator<char>(file), {});
    if (options.body.empty()) throw std::runtime_error("no body in " + given["body"]);
  }
  if (given.contains("vary_from")) options.vary_from = std::stoul(given["vary_from"]);
  if (given.contains("connections")) options.connections = std::stoi(given["connections"]);
  if (given.contains("seconds")) options.seconds = std::stod(given["seconds"]);
  if (given.contains("requests")) options.requests = std::stoul(given["requests"]);
  if (given.contains("pause_ms")) options.pause = std::chrono::milliseconds(std::stoul(given["pause_ms"]));
  return options;
}

int Main(int argc, char** argv) {
  const Options options = ReadOptions(argc, argv);
  asio::io_context context(1);
  const int64_t start = MonotonicNanoseconds();
  const Load load(context, options);
  context.run();
  const Results& results = load.results();
  std::printf("{\"requests\":%zu,\"errors\":%llu,\"seconds\":%f,\"events\":%zu%s%s}\n", results.latencies.size(),
              static_cast<unsigned long long>(results.errors),
              static_cast<double>(MonotonicNanoseconds() - start) / 1e9, results.delays.size(),
              Percentiles("latency", results.latencies).c_str(), Percentiles("delay", results.delays).c_str());
  return 0;
}

}  // namespace
}  // namespace headroom::bench

int main(int argc, char** argv) {
  try {
    return headroom::bench::Main(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_load: %s\n", error.what());
    return 1;
  }
}
