// For tests: a Pool driven to its results from a blocking test body.

#pragma once

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "net/client.h"

namespace headroom::net {

struct Reply {
  Status status;  // of the fetch, or of the reading that ended early
  ResponseHead head;
  BodyLength length;
  std::string body;
  size_t reads = 0;  // that brought bytes, TakeBuffered left out
};

class FetchFixture : public testing::Test {
 protected:
  static constexpr std::chrono::seconds kPatience{20};

  Pool& pool() {
    if (!pool_) pool_.emplace(context_, options_);
    return *pool_;
  }
  static Endpoint At(uint16_t port) { return {false, "127.0.0.1", port}; }

  static RequestHead Head(std::string method = "GET", std::string target = "/") {
    RequestHead head;
    head.method = std::move(method);
    head.target = std::move(target);
    head.headers.Add("Host", "upstream.test");
    return head;
  }

  // Runs the loop until `work` is done.
  template <typename T>
  T Await(Awaitable<T> work) {
    std::optional<T> result;
    asio::co_spawn(context_, std::move(work), [&](const std::exception_ptr& thrown, T value) {
      EXPECT_EQ(thrown, nullptr);
      result.emplace(std::move(value));
    });
    RunUntil([&] { return result.has_value(); });
    return result ? std::move(*result) : T();
  }

  template <typename Condition>
  void RunUntil(Condition condition) {
    const auto end = std::chrono::steady_clock::now() + kPatience;
    while (!condition() && std::chrono::steady_clock::now() < end) {
      context_.restart();
      context_.run_one_for(std::chrono::milliseconds(50));
    }
    EXPECT_TRUE(condition()) << "nothing came of it in time";
  }

  void RunFor(std::chrono::milliseconds time) {
    context_.restart();
    context_.run_for(time);
  }

  static Awaitable<Reply> ReadAll(Result<std::unique_ptr<UpstreamResponse>> fetched) {
    Reply reply;
    reply.status = fetched.status();
    if (!fetched.ok()) co_return reply;
    UpstreamResponse& response = **fetched;
    reply.head = response.head();
    reply.length = response.length();
    reply.body = response.TakeBuffered();
    for (;;) {
      const Result<std::string_view> piece = co_await response.ReadBody();
      if (!piece.ok()) reply.status = piece.status();
      if (!piece.ok() || piece->empty()) co_return reply;
      reply.body += *piece;
      ++reply.reads;
    }
  }

  Awaitable<Reply> Fetching(Endpoint endpoint, RequestHead head, std::optional<std::string> body) {
    auto fetched =
        co_await pool().Fetch(endpoint, head, body ? *body : std::string_view(), body.has_value(), cancellation_);
    co_return co_await ReadAll(std::move(fetched));
  }

  Reply Fetch(const Endpoint& endpoint, RequestHead head = Head(), std::optional<std::string> body = std::nullopt) {
    return Await(Fetching(endpoint, std::move(head), std::move(body)));
  }

  asio::io_context context_{1};
  Pool::Options options_;
  std::optional<Pool> pool_;
  Cancellation cancellation_;
};

}  // namespace headroom::net
