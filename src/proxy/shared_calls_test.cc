#include "proxy/shared_calls.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <optional>
#include <thread>
#include <vector>

namespace headroom::proxy {
namespace {

using std::chrono::milliseconds;

class MovedClock : public Clock {
 public:
  TimePoint Now() const override { return TimePoint() + milliseconds(millis_.load()); }
  int64_t UnixMillis() const override { return 0; }
  void Advance(milliseconds time) { millis_ += time.count(); }

 private:
  std::atomic<int64_t> millis_{1'000'000};
};

store::CacheKey KeyOf(uint8_t number) {
  store::CacheKey key;
  key.digest[0] = number;
  return key;
}

// One who asks, on a context of its own or a shared one.
struct Asker {
  std::optional<std::unique_ptr<SharedCalls::Lead>> joined;  // null in it: it waited
  net::Cancellation cancellation;

  bool leads() const { return joined.has_value() && *joined != nullptr; }
  bool waited() const { return joined.has_value() && *joined == nullptr; }
};

net::Awaitable<void> Ask(SharedCalls& calls, store::CacheKey key, net::Executor executor, Asker& asker) {
  asker.joined = co_await calls.Join(key, executor, asker.cancellation);
}

class SharedCallsTest : public testing::Test {
 protected:
  void Start(Asker& asker, uint8_t key = 1) { Start(context_, asker, key); }
  void Start(net::asio::io_context& context, Asker& asker, uint8_t key = 1) {
    net::asio::co_spawn(context, Ask(calls_, KeyOf(key), context.get_executor(), asker), net::asio::detached);
    context.restart();
    context.poll();
  }
  void Poll(net::asio::io_context& context) {
    context.restart();
    context.poll();
  }

  MovedClock clock_;
  SharedCalls calls_{clock_};
  net::asio::io_context context_;
};

TEST_F(SharedCallsTest, TheFirstLeadsAndTheOthersWaitForItsEnd) {
  Asker first, second, third;
  Start(first);
  Start(second);
  Start(third);
  EXPECT_TRUE(first.leads());
  EXPECT_FALSE(second.joined.has_value());
  EXPECT_FALSE(third.joined.has_value());
  first.joined.reset();
  Poll(context_);
  EXPECT_TRUE(second.waited());
  EXPECT_TRUE(third.waited());
}

TEST_F(SharedCallsTest, AfterTheEndTheNextLeadsAgain) {
  Asker first, second;
  Start(first);
  first.joined.reset();
  Start(second);
  EXPECT_TRUE(second.leads());
}

TEST_F(SharedCallsTest, AnotherKeyIsAnotherCall) {
  Asker first, second;
  Start(first, 1);
  Start(second, 2);
  EXPECT_TRUE(first.leads());
  EXPECT_TRUE(second.leads());
}

TEST_F(SharedCallsTest, AWaiterLeavesWithItsClientAndTheOthersStay) {
  Asker first, second, third;
  Start(first);
  Start(second);
  Start(third);
  second.cancellation.Cancel();
  Poll(context_);
  EXPECT_TRUE(second.waited());
  EXPECT_FALSE(third.joined.has_value());
  first.joined.reset();
  Poll(context_);
  EXPECT_TRUE(third.waited());
}

TEST_F(SharedCallsTest, WhoWasCancelledBeforeDoesNotWait) {
  Asker first, second;
  Start(first);
  second.cancellation.Cancel();
  Start(second);
  EXPECT_TRUE(second.waited());
}

TEST_F(SharedCallsTest, NobodyWaitsForALeaderWhoseClientDoesNotRead) {
  Asker first, second;
  Start(first);
  (*first.joined)->SetHeldUp(true);
  clock_.Advance(SharedCalls::kPatience);
  Start(second);
  EXPECT_TRUE(second.waited());
}

TEST_F(SharedCallsTest, ALeaderThatGoesOnIsWaitedFor) {
  Asker first, second;
  Start(first);
  (*first.joined)->SetHeldUp(true);
  clock_.Advance(SharedCalls::kPatience - milliseconds(1));
  Start(second);
  EXPECT_FALSE(second.joined.has_value());
  (*first.joined)->SetHeldUp(false);
  clock_.Advance(SharedCalls::kPatience * 10);
  Poll(context_);
  EXPECT_FALSE(second.joined.has_value());
}

TEST_F(SharedCallsTest, AWaiterOnAnotherThreadIsWokenThere) {
  net::asio::io_context other;
  Asker first, second;
  Start(first);
  Start(other, second);
  EXPECT_FALSE(second.joined.has_value());
  std::thread thread([&] {
    other.restart();
    other.run();
  });
  first.joined.reset();
  thread.join();  // its context has nothing left to do once the waiter has gone
  EXPECT_TRUE(second.waited());
}

TEST_F(SharedCallsTest, AWaiterWhoseThreadIsGoneIsNotWoken) {
  Asker first;
  {
    net::asio::io_context other;
    Asker second;  // gone before its context, as an exchange is
    Start(first);
    Start(other, second);
    EXPECT_FALSE(second.joined.has_value());
  }
  first.joined.reset();
}

}  // namespace
}  // namespace headroom::proxy
