#include "learning/learner.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "learning/pattern_file.h"

namespace headroom::learning {
namespace {

class HandClock : public Clock {
 public:
  TimePoint Now() const override { return TimePoint(std::chrono::seconds(seconds)); }
  int64_t UnixMillis() const override { return 1'764'000'000'000 + seconds * 1000; }
  int64_t seconds = 1;
};

constexpr Hash128 kTenant{1, 2};
constexpr Hash128 kOther{3, 4};
constexpr std::string_view kRows = R"([{"id":1,"owner":"alice"}])";

class LearnerTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("learning_" + std::to_string(getpid()));
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    path_ = (folder_ / "toin.json").string();
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::unique_ptr<Learner> Open() const { return std::make_unique<Learner>(Learner::Options{.path = path_}, clock_); }

  static Structure StructureFor(const Learner& learner) {
    return StructureOf(kRows, "json", "list_orders", learner.hash());
  }

  static void SeeExcerpt(Learner& learner, const std::string& original, const Hash128& tenant = kTenant) {
    Excerpt excerpt;
    excerpt.tenant = tenant;
    excerpt.original = original;
    excerpt.structure = StructureFor(learner);
    excerpt.rule = "json_excerpt";
    excerpt.leaves_out = true;
    excerpt.units = 100;
    excerpt.units_kept = 10;
    excerpt.gaps = {{11, 100}};
    learner.Learn(excerpt);
  }

  static void SeeOpening(Learner& learner, const std::string& original, bool by_query,
                         const Hash128& tenant = kTenant) {
    Opening opening;
    opening.tenant = tenant;
    opening.original = original;
    opening.by_query = by_query;
    opening.whole = !by_query;
    if (by_query) {
      opening.fields = {WordId("owner", learner.hash())};
      opening.words = {WordId("alice", learner.hash())};
      opening.query = WordId("owner alice", learner.hash());
    }
    learner.Learn(opening);
  }

  HandClock clock_;
  std::filesystem::path folder_;
  std::string path_;
};

TEST_F(LearnerTest, RecommendsWhatIsOpenedAgainAndAgain) {
  const auto learner = Open();
  const std::string tenant = learner->TenantId(kTenant);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(learner->Now().empty(), i < static_cast<int>(kMinToolSamples)) << i;
    SeeExcerpt(*learner, std::to_string(i));
    SeeOpening(*learner, std::to_string(i), true);
  }
  const Snapshot snapshot = learner->Now();
  const Recommendation* recommendation = snapshot.Find(tenant, StructureFor(*learner));
  ASSERT_NE(recommendation, nullptr);
  EXPECT_EQ(recommendation->share_percent, 200U);
  EXPECT_EQ(recommendation->words.size(), 2U);
  EXPECT_EQ(snapshot.Find(learner->TenantId(kOther), StructureFor(*learner)), nullptr);
}

TEST_F(LearnerTest, AnExcerptOpenedManyTimesIsOneThatWasOpened) {
  const auto learner = Open();
  SeeExcerpt(*learner, "one");
  for (int i = 0; i < 50; ++i) SeeOpening(*learner, "one", false);
  const auto list = learner->List(learner->TenantId(kTenant), false, 10);
  ASSERT_EQ(list.size(), 1U);
  EXPECT_EQ(list[0].second.whole_retrievals, 50U);
  EXPECT_EQ(list[0].second.recent_whole, 1U);
  EXPECT_EQ(list[0].second.strategies.at("json_excerpt").opened, 1U);
}

TEST_F(LearnerTest, WhatIsOpenedPageByPageIsInTheEndOpenedWhole) {
  const auto learner = Open();
  SeeExcerpt(*learner, "one");
  Opening page;
  page.tenant = kTenant;
  page.original = "one";
  learner->Learn(page);
  learner->Learn(page);
  const auto pattern = [&] { return learner->List(learner->TenantId(kTenant), false, 10)[0].second; };
  EXPECT_EQ(pattern().recent_query, 1U);
  EXPECT_EQ(pattern().recent_whole, 0U);
  page.whole = true;
  learner->Learn(page);
  EXPECT_EQ(pattern().recent_query, 0U);
  EXPECT_EQ(pattern().recent_whole, 1U);
  EXPECT_EQ(pattern().whole_retrievals, 3U);
  EXPECT_EQ(pattern().strategies.at("json_excerpt").opened, 1U);
}

TEST_F(LearnerTest, WhatTheExcerptShowedAlreadyIsNoSignal) {
  const auto learner = Open();
  SeeExcerpt(*learner, "one");
  Opening opening;
  opening.tenant = kTenant;
  opening.original = "one";
  opening.by_query = true;
  opening.left_out = false;
  opening.words = {7};
  learner->Learn(opening);
  const Pattern pattern = learner->List(learner->TenantId(kTenant), false, 10)[0].second;
  EXPECT_EQ(pattern.query_retrievals, 1U);
  EXPECT_EQ(pattern.visible_retrievals, 1U);
  EXPECT_EQ(pattern.recent_query, 0U);
  EXPECT_TRUE(pattern.words.counts().empty());
}

TEST_F(LearnerTest, GapsAreRememberedForTheirTenantWithinBounds) {
  Learner learner({.path = {}, .max_remembered = 2}, clock_);
  for (const std::string original : {"a", "b"}) SeeExcerpt(learner, original);
  EXPECT_EQ(learner.Recall(kTenant, "a")->gaps[0].first, 11U);
  EXPECT_FALSE(learner.Recall(kOther, "a").has_value());
  SeeExcerpt(learner, "c");
  EXPECT_FALSE(learner.Recall(kTenant, "a").has_value());
  EXPECT_TRUE(learner.Recall(kTenant, "b").has_value());
}

TEST_F(LearnerTest, OutlivesTheProcess) {
  {
    const auto learner = Open();
    for (int i = 0; i < 10; ++i) {
      SeeExcerpt(*learner, std::to_string(i));
      SeeOpening(*learner, std::to_string(i), false);
    }
    ASSERT_TRUE(learner->Save().ok());
  }
  const auto again = Open();
  const Snapshot snapshot = again->Now();
  const Recommendation* recommendation = snapshot.Find(again->TenantId(kTenant), StructureFor(*again));
  ASSERT_NE(recommendation, nullptr);
  EXPECT_TRUE(recommendation->skip);
}

TEST_F(LearnerTest, TwoOnOneFileKeepEachOthersCounts) {
  const auto one = Open();
  const auto two = Open();
  SeeExcerpt(*one, "a");
  SeeExcerpt(*two, "b");
  ASSERT_TRUE(one->Save().ok());
  ASSERT_TRUE(two->Save().ok());
  SeeExcerpt(*one, "c");
  ASSERT_TRUE(one->Save().ok());
  EXPECT_EQ(one->totals().compressions, 3U);
  EXPECT_EQ(Open()->totals().compressions, 3U);
}

// Names of fields and tools, values, words and whole queries: nothing of them may be in the file.
TEST_F(LearnerTest, NothingThatWasSaidIsInTheFile) {
  const auto learner = Open();
  SeeExcerpt(*learner, "0123456789abcdef01234567");
  SeeOpening(*learner, "0123456789abcdef01234567", true);
  ASSERT_TRUE(learner->Save().ok());
  const Result<std::string> text = ReadWholeFile(path_);
  ASSERT_TRUE(text.ok());
  EXPECT_NE(text->find(StructureFor(*learner).id), std::string::npos);
  for (const std::string_view secret : {"owner", "alice", "list_orders", "0123456789abcdef01234567"}) {
    EXPECT_EQ(text->find(secret), std::string::npos) << secret;
  }
  // Nor the plain hashes that could be tried out.
  for (const std::string_view secret : {"owner", "alice", "owner alice", "list_orders"}) {
    EXPECT_EQ(text->find(Hex(Sha256(secret)).substr(0, 8)), std::string::npos) << secret;
  }
  const std::array<char, 16> tenant = kTenant.Bytes();
  EXPECT_EQ(text->find(Hex(std::string_view(tenant.data(), tenant.size()))), std::string::npos);
}

TEST_F(LearnerTest, WhatAllTenantsShareHasNoWordsOfQueries) {
  const auto learner = Open();
  SeeExcerpt(*learner, "a");
  SeeOpening(*learner, "a", true);
  for (const bool of_tools : {false, true}) {
    const Pattern shared = learner->List("", of_tools, 10)[0].second;
    EXPECT_TRUE(shared.words.counts().empty());
    EXPECT_TRUE(shared.queries.counts().empty());
    EXPECT_EQ(shared.fields.counts().size(), of_tools ? 0U : 1U);
    EXPECT_EQ(shared.query_retrievals, 1U);
  }
}

TEST_F(LearnerTest, SwitchedOffItLearnsAndWritesNothing) {
  Learner learner({.path = path_, .enabled = false}, clock_);
  SeeExcerpt(learner, "a");
  SeeOpening(learner, "a", false);
  EXPECT_FALSE(learner.Post(1, [] { FAIL(); }));
  EXPECT_EQ(learner.totals().compressions, 0U);
  EXPECT_TRUE(learner.Save().ok());
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

TEST_F(LearnerTest, AFileThatCannotBeReadIsBegunAnew) {
  ASSERT_TRUE(Open()->Save().ok());
  std::ofstream(path_) << "garbage";
  const auto learner = Open();
  EXPECT_EQ(learner->totals().patterns, 0U);
  SeeExcerpt(*learner, "a");
  ASSERT_TRUE(learner->Save().ok());
  EXPECT_EQ(Open()->totals().patterns, 1U);
  EXPECT_EQ(*ReadWholeFile(path_ + ".unreadable"), "garbage");
}

TEST_F(LearnerTest, WhatCouldNotBeSavedIsSavedLater) {
  const auto learner = Open();
  SeeExcerpt(*learner, "a");
  std::filesystem::rename(folder_, folder_.string() + ".away");
  EXPECT_EQ(learner->Save().code(), Code::kUnavailable);
  SeeExcerpt(*learner, "b");
  std::filesystem::rename(folder_.string() + ".away", folder_);
  ASSERT_TRUE(learner->Save().ok());
  EXPECT_EQ(learner->totals().compressions, 2U);
  EXPECT_EQ(Open()->totals().compressions, 2U);
}

TEST_F(LearnerTest, SavesEveryTenMinutesAndAsksForASnapshotADay) {
  const auto learner = Open();
  EXPECT_TRUE(learner->Tick());
  EXPECT_FALSE(learner->Tick());
  SeeExcerpt(*learner, "a");
  clock_.seconds += 599;
  EXPECT_FALSE(learner->Tick());
  EXPECT_FALSE(std::filesystem::exists(path_));
  clock_.seconds += 1;
  EXPECT_FALSE(learner->Tick());
  EXPECT_TRUE(std::filesystem::exists(path_));
  clock_.seconds += 86'400 - 600 - 1;
  EXPECT_FALSE(learner->Tick());
  clock_.seconds += 1;
  EXPECT_TRUE(learner->Tick());
}

TEST_F(LearnerTest, OnePastTheQueueIsDroppedAndCounted) {
  std::vector<std::function<void()>> later;
  Learner learner({.path = {},
                   .max_queued_bytes = 100,
                   .max_queued = 3,
                   .run =
                       [&](std::function<void()> task) {
                         later.push_back(std::move(task));
                         return true;
                       }},
                  clock_);
  int ran = 0;
  const auto count = [&] { ++ran; };
  EXPECT_TRUE(learner.Post(50, count));
  EXPECT_TRUE(learner.Post(50, count));
  EXPECT_FALSE(learner.Post(1, count));
  EXPECT_TRUE(learner.Post(0, count));
  EXPECT_FALSE(learner.Post(0, count));
  EXPECT_EQ(learner.totals().dropped, 2U);
  ASSERT_EQ(later.size(), 1U);
  later[0]();
  EXPECT_EQ(ran, 3);
  EXPECT_TRUE(learner.Post(100, count));
}

TEST_F(LearnerTest, ThreadsLearnAtTheSameTime) {
  const auto learner = Open();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 100; ++i) {
        const std::string original = std::to_string(t) + "." + std::to_string(i);
        SeeExcerpt(*learner, original);
        SeeOpening(*learner, original, i % 2 == 0);
        if (i % 25 == 0) {
          EXPECT_TRUE(learner->Save().ok());
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(learner->totals().compressions, 400U);
  EXPECT_EQ(learner->totals().retrievals, 400U);
}

TEST_F(LearnerTest, WorthIsOneHalfUntilExperienceSaysMore) {
  const auto learner = Open();
  const Structure structure = StructureFor(*learner);
  EXPECT_DOUBLE_EQ(learner->Worth(kTenant, structure.id), 0.5);
  for (int i = 0; i < 10; ++i) {
    SeeExcerpt(*learner, std::to_string(i));
    if (i < 4) SeeOpening(*learner, std::to_string(i), true);
  }
  EXPECT_DOUBLE_EQ(learner->Worth(kTenant, structure.id), 0.7);
  EXPECT_DOUBLE_EQ(learner->Worth(kTenant, "list_orders"), 0.7);
  EXPECT_DOUBLE_EQ(learner->Worth(kOther, structure.id), 0.5);
  EXPECT_DOUBLE_EQ(learner->Worth(kTenant, "another tool"), 0.5);
}

}  // namespace
}  // namespace headroom::learning
