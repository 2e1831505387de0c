#include "text/template_miner.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace headroom::text {
namespace {

TEST(TemplateMinerTest, LinesThatDifferInNumbersMeet) {
  TemplateMiner miner;
  EXPECT_EQ(miner.Add("served request 17 in 3 ms"), 0u);
  EXPECT_EQ(miner.Add("served request 18 in 440 ms"), 0u);
  EXPECT_EQ(miner.Add("disk 3 is full"), 1u);
  EXPECT_EQ(miner.count(0), 2u);
  EXPECT_EQ(miner.size(), 2u);
}

TEST(TemplateMinerTest, LinesThatDifferInAWordMeet) {
  TemplateMiner miner;
  EXPECT_EQ(miner.Add("user alice logged in from lab"), miner.Add("user bob logged in from office"));
}

TEST(TemplateMinerTest, LinesThatShareLessThanHalfDoNot) {
  TemplateMiner miner;
  EXPECT_NE(miner.Add("worker started on the first core"), miner.Add("worker refused to take more jobs"));
}

TEST(TemplateMinerTest, StatusesOfOneHundredMeet) {
  TemplateMiner miner;
  const size_t good = miner.Add(R"(10.0.0.1 "GET /a HTTP/1.1" 200 17)");
  EXPECT_EQ(miner.Add(R"(10.0.0.2 "GET /a HTTP/1.1" 204 9)"), good);
  EXPECT_NE(miner.Add(R"(10.0.0.3 "GET /a HTTP/1.1" 503 0)"), good);
}

TEST(TemplateMinerTest, IdsOfAnyLettersLookAlike) {
  TemplateMiner miner;
  miner.Add("commit 3fa9b2c77d by alice");
  const uint64_t first = miner.masked_hash();
  miner.Add("commit 99ab01dd3e by alice");
  EXPECT_EQ(miner.masked_hash(), first);
  miner.Add("commit 99ab01dd3e by bob");
  EXPECT_NE(miner.masked_hash(), first);
}

TEST(TemplateMinerTest, IsBoundedAndSharesTheLastTemplate) {
  TemplateMiner miner;
  std::string word = "aaaaa";
  for (size_t i = 0; i < TemplateMiner::kMaxTemplates + 100; ++i) {
    size_t at = 0;
    while (word[at] == 'z') word[at++] = 'a';
    ++word[at];
    miner.Add(word + " " + word + "x");
  }
  EXPECT_EQ(miner.size(), TemplateMiner::kMaxTemplates);
  EXPECT_GE(miner.count(TemplateMiner::kMaxTemplates - 1), 100u);
}

TEST(TemplateMinerTest, EmptyLinesAndRulersHaveTemplates) {
  TemplateMiner miner;
  const size_t empty = miner.Add("");
  const size_t ruler = miner.Add("==========");
  EXPECT_NE(empty, ruler);
  EXPECT_EQ(miner.Add("=================="), ruler);
  EXPECT_NE(miner.Add("----------"), ruler);
}

}  // namespace
}  // namespace headroom::text
