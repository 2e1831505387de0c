#include "proxy/retries.h"

#include <gtest/gtest.h>

namespace headroom::proxy {
namespace {

using std::chrono::milliseconds;

net::ResponseHead Head(int status, std::initializer_list<std::pair<std::string_view, std::string_view>> headers = {}) {
  net::ResponseHead head;
  head.status = status;
  for (const auto& [name, value] : headers) head.headers.Add(name, value);
  return head;
}

std::optional<milliseconds> Read(std::string_view name, std::string_view value, int64_t now = 0) {
  net::HeaderList headers;
  headers.Add(name, value);
  return RetryAfter(headers, now);
}

TEST(RetriesTest, RetryAfterIsSecondsOrADateOrMilliseconds) {
  EXPECT_EQ(Read("retry-after", "3"), milliseconds(3000));
  EXPECT_EQ(Read("Retry-After", "0.25"), milliseconds(250));
  EXPECT_EQ(Read("retry-after-ms", "40"), milliseconds(40));
  // The date of RFC 9110, 5.6.7: 784,111,777 s.
  EXPECT_EQ(Read("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT", 784'111'770'000), milliseconds(7000));
  EXPECT_EQ(Read("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT", 784'111'780'000), milliseconds(0));
}

TEST(RetriesTest, RetryAfterThatMakesNoSenseIsNone) {
  for (const std::string_view value :
       {"", "soon", "-1", "3s", "nan", "inf", "1e99", "99999999999", "Sun, 06 Nov 1994"}) {
    EXPECT_EQ(Read("retry-after", value), std::nullopt) << value;
  }
}

TEST(RetriesTest, BusyRepliesAreTriedAsOftenAsAskedFor) {
  for (const int status : {429, 503, 529}) {
    Retries retries(2, 1);
    EXPECT_TRUE(retries.After(Head(status), 0).has_value());
    EXPECT_TRUE(retries.After(Head(status), 0).has_value());
    EXPECT_FALSE(retries.After(Head(status), 0).has_value());
    EXPECT_EQ(retries.made(), 2);
    EXPECT_FALSE(Retries(0, 1).After(Head(status), 0).has_value());
    EXPECT_FALSE(Retries(-1, 1).After(Head(status), 0).has_value());
  }
}

TEST(RetriesTest, OtherRepliesAreTheAnswer) {
  for (const int status : {200, 400, 401, 402, 403, 404, 408, 409, 413, 500, 502, 504}) {
    EXPECT_FALSE(Retries(5, 1).After(Head(status, {{"retry-after", "1"}}), 0).has_value()) << status;
  }
}

TEST(RetriesTest, WaitIsWhatTheReplySaysUpToTheMost) {
  EXPECT_EQ(Retries(1, 1).After(Head(429, {{"retry-after", "60"}}), 0), milliseconds(60'000));
  EXPECT_EQ(Retries(1, 1).After(Head(429, {{"retry-after", "60.001"}}), 0), std::nullopt);
  EXPECT_EQ(Retries(1, 1).After(Head(429, {{"retry-after", "1"}, {"x-should-retry", "false"}}), 0), std::nullopt);
}

TEST(RetriesTest, WaitWithoutWordsDoublesAndVaries) {
  for (uint64_t seed = 0; seed < 50; ++seed) {
    Retries retries(10, seed);
    for (const int most : {500, 1000, 2000, 4000, 8000, 8000, 8000}) {
      const milliseconds wait = *retries.After(Head(529), 0);
      EXPECT_LE(wait.count(), most);
      EXPECT_GE(wait.count(), most * 3 / 4);
    }
  }
  EXPECT_NE(Retries(1, 1).After(Head(529), 0), Retries(1, 2).After(Head(529), 0));
}

}  // namespace
}  // namespace headroom::proxy
