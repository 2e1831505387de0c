#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/status.h"
#include "base/worker_pool.h"

namespace headroom {
namespace {

TEST(StatusTest, NamesCodeAndDetail) {
  EXPECT_EQ(Status(Code::kNotFound, "no row").ToString(), "not_found: no row");
  EXPECT_TRUE(Status().ok());
}

TEST(ResultTest, HoldsValueOrStatus) {
  const Result<int> value = 7;
  const Result<int> failure = Status(Code::kInternal, "x");
  EXPECT_EQ(*value, 7);
  EXPECT_FALSE(failure.ok());
  EXPECT_EQ(failure.status().code(), Code::kInternal);
}

TEST(PaddedBytesTest, KeepsZeroPaddingAfterEveryAppend) {
  PaddedBytes bytes("ab");
  bytes.Append("cde");
  EXPECT_EQ(bytes.view(), "abcde");
  for (size_t i = 0; i < PaddedBytes::kPadding; ++i) EXPECT_EQ(bytes.view().data()[5 + i], 0);
}

// Digest of the empty string, FIPS 180-4.
TEST(HashTest, Sha256OfNothing) {
  EXPECT_EQ(Hex(Sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(ContentId(""), "e3b0c44298fc1c149afbf4c8");
}

TEST(HashTest, FramesEachPart) {
  Hasher128 one;
  Hasher128 other;
  EXPECT_NE(one.Add("ab").Add("c").Finish(), other.Add("a").Add("bc").Finish());
}

TEST(HashTest, BytesRoundTrip) {
  const Hash128 hash{0x0123456789abcdefULL, 0xfedcba9876543210ULL};
  const auto bytes = hash.Bytes();
  EXPECT_EQ(Hash128::FromBytes({bytes.data(), bytes.size()}), hash);
}

TEST(WorkerPoolTest, RefusesPastItsQueueLimitAndRunsTheRest) {
  std::mutex gate;
  std::atomic<int> ran{0};
  std::atomic<bool> started{false};
  {
    WorkerPool pool({.threads = 1, .max_queued = 2});
    std::unique_lock hold(gate);
    ASSERT_TRUE(pool.TryPost([&] {
      started = true;
      const std::lock_guard wait(gate);
      ++ran;
    }));
    while (!started) std::this_thread::yield();
    EXPECT_TRUE(pool.TryPost([&] { ++ran; }));
    EXPECT_TRUE(pool.TryPost([&] { ++ran; }));
    EXPECT_FALSE(pool.TryPost([&] { ++ran; }));
    hold.unlock();
    pool.Stop();
    EXPECT_FALSE(pool.TryPost([&] { ++ran; }));
  }
  EXPECT_EQ(ran, 3);
}

}  // namespace
}  // namespace headroom
