#include "proxy/retrieval_log.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace headroom::proxy {
namespace {

class StillClock : public Clock {
 public:
  TimePoint Now() const override { return {}; }
  int64_t UnixMillis() const override { return millis; }
  int64_t millis = 1'795'000'000'000;
};

Retrieval Of(const std::string& hash, const std::string& query = "") {
  Retrieval retrieval;
  retrieval.hash = hash;
  retrieval.query = query;
  return retrieval;
}

TEST(RetrievalLogTest, ATenantSeesItsOwnRetrievalsTheLatestFirst) {
  StillClock clock;
  RetrievalLog log(clock);
  log.Add({1, 1}, Of("a"));
  clock.millis += 1500;
  log.Add({1, 1}, Of("b", "disk"));
  log.Add({2, 2}, Of("c", "a secret"));
  const std::vector<Retrieval> recent = log.Recent({1, 1});
  ASSERT_EQ(recent.size(), 2u);
  EXPECT_EQ(recent[0].hash, "b");
  EXPECT_EQ(recent[0].query, "disk");
  EXPECT_EQ(recent[0].unix_millis, 1'795'000'001'500);
  EXPECT_EQ(recent[1].hash, "a");
  EXPECT_TRUE(log.Recent({3, 3}).empty());
  EXPECT_EQ(log.TotalsOf({1, 1}).whole, 1u);
  EXPECT_EQ(log.TotalsOf({1, 1}).by_query, 1u);
  EXPECT_EQ(log.totals().by_query, 2u);
}

TEST(RetrievalLogTest, ANameOfAToolIsCutAtACharacter) {
  StillClock clock;
  RetrievalLog log(clock);
  for (const std::string& name : {std::string(128, 'n'), std::string(129, 'n'), std::string(127, 'n') + "\xC3\xA9"}) {
    Retrieval retrieval = Of("a");
    retrieval.tool_name = name;
    log.Add({1, 1}, std::move(retrieval));
  }
  const std::vector<Retrieval> recent = log.Recent({1, 1});
  EXPECT_EQ(recent[2].tool_name, std::string(128, 'n'));
  EXPECT_EQ(recent[1].tool_name, std::string(128, 'n'));
  EXPECT_EQ(recent[0].tool_name, std::string(127, 'n'));
}

TEST(RetrievalLogTest, KeepsTheLastTwentyOfATenant) {
  StillClock clock;
  RetrievalLog log(clock);
  for (int i = 1; i <= 20; ++i) log.Add({1, 1}, Of(std::to_string(i)));
  EXPECT_EQ(log.Recent({1, 1}).back().hash, "1");
  log.Add({1, 1}, Of("21"));
  EXPECT_EQ(log.Recent({1, 1}).size(), 20u);
  EXPECT_EQ(log.Recent({1, 1}).back().hash, "2");
  EXPECT_EQ(log.TotalsOf({1, 1}).whole, 21u);
}

TEST(RetrievalLogTest, TheTenantThatRetrievedLongestAgoMakesRoom) {
  StillClock clock;
  RetrievalLog log(clock);
  for (uint64_t i = 1; i <= RetrievalLog::kMaxTenants; ++i) log.Add({0, i}, Of("a"));
  log.Add({0, 1}, Of("again"));
  EXPECT_EQ(log.Recent({0, 2}).size(), 1u);
  log.Add({9, 9}, Of("one more"));
  EXPECT_EQ(log.Recent({0, 1}).size(), 2u);
  EXPECT_TRUE(log.Recent({0, 2}).empty());
  EXPECT_EQ(log.Recent({9, 9}).size(), 1u);
}

TEST(RetrievalLogTest, ALongQueryIsCutBetweenCharacters) {
  StillClock clock;
  RetrievalLog log(clock);
  log.Add({1, 1}, Of("a", std::string(500, 'q')));
  log.Add({1, 1}, Of("a", std::string(499, 'q') + "\xC3\xA9"));
  EXPECT_EQ(log.Recent({1, 1})[1].query, std::string(500, 'q'));
  EXPECT_EQ(log.Recent({1, 1})[0].query, std::string(499, 'q'));
}

TEST(RetrievalLogTest, MissesAreCounted) {
  StillClock clock;
  RetrievalLog log(clock);
  log.Miss();
  EXPECT_EQ(log.totals().missed, 1u);
}

}  // namespace
}  // namespace headroom::proxy
