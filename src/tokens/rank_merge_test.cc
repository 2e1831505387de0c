#include "tokens/rank_merge.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <utility>

namespace headroom::tokens {
namespace {

TEST(RankQueueTest, IsEmptyAtFirstAndAfterClear) {
  RankQueue queue;
  RankQueue::Key key;
  EXPECT_FALSE(queue.Pop(&key));
  queue.Push({5, 1});
  queue.Clear();
  EXPECT_FALSE(queue.Pop(&key));
}

TEST(RankQueueTest, ReturnsTheLowestRankAndOfEqualsTheLowestPosition) {
  RankQueue queue;
  for (RankQueue::Key key : {RankQueue::Key{9, 4}, {3, 8}, {9, 1}, {3, 2}, {200000, 0}}) queue.Push(key);
  std::vector<std::pair<TokenId, uint32_t>> popped;
  for (RankQueue::Key key; queue.Pop(&key);) popped.emplace_back(key.rank, key.position);
  EXPECT_EQ(popped, (std::vector<std::pair<TokenId, uint32_t>>{{3, 2}, {3, 8}, {9, 1}, {9, 4}, {200000, 0}}));
}

TEST(RankQueueTest, AgreesWithASortedSetWhilePushesAndPopsAlternate) {
  std::mt19937 random(3);
  RankQueue queue;
  std::set<std::pair<TokenId, uint32_t>> model;
  TokenId last = 0;
  for (uint32_t i = 0; i < 20000; ++i) {
    const TokenId room = kNoToken - 1 - last;
    if (room > 0 && random() % 3 != 0) {
      const TokenId rank = last + 1 + random() % std::min<TokenId>(room, 64);
      queue.Push({rank, i});
      model.emplace(rank, i);
    } else if (!model.empty()) {
      RankQueue::Key key;
      ASSERT_TRUE(queue.Pop(&key));
      ASSERT_EQ(std::make_pair(key.rank, key.position), *model.begin());
      model.erase(model.begin());
      last = key.rank;
    }
  }
}

}  // namespace
}  // namespace headroom::tokens
