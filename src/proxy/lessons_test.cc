// What the proxy tells the learner, and what a recommendation does to a result.

#include "proxy/lessons.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "base/clock.h"
#include "json/strings.h"
#include "proxy/optimizer.h"
#include "proxy/snapshots.h"

namespace headroom::proxy {
namespace {

constexpr store::TenantId kTenant{1, 2};

// 200 events of 25 owners, of whom one is "quetzal" with eight of them.
std::string Rows(int seed) {
  std::string out = "[";
  for (int i = 0; i < 200; ++i) {
    const std::string owner = i % 25 == 7 ? "quetzal" : "owner" + std::to_string(i % 25);
    const std::string number = std::to_string(100'000 + seed * 1000 + i);
    out += std::string(i == 0 ? "" : ",") + R"({"ts":"2026-01-01T00:)" + std::to_string(10 + i / 60 % 50) + ":" +
           std::to_string(10 + i % 50) + R"(Z","message":"parcel )" + number + R"( scanned at gate )" +
           std::to_string(1 + i % 9) + R"(","owner":")" + owner + R"(","trace":")" + ContentId(number).substr(0, 12) +
           R"("})";
  }
  return out + "]";
}

learning::Excerpt ExcerptOf(const Lessons& lessons, const std::string& text, std::vector<learning::Range> gaps) {
  learning::Excerpt excerpt;
  excerpt.tenant = kTenant;
  excerpt.original = ContentId(text);
  excerpt.structure = lessons.StructureOf(text, "scans");
  excerpt.rule = "json_excerpt";
  excerpt.leaves_out = true;
  excerpt.gaps = std::move(gaps);
  return excerpt;
}

store::Original OriginalOf(const std::string& text) {
  store::Original original;
  original.id = ContentId(text);
  original.tenant = kTenant;
  original.text = text;
  original.tool_name = "scans";
  return original;
}

class LessonsTest : public testing::Test {
 protected:
  learning::Pattern Learnt() const {
    const auto list = learner_.List(learner_.TenantId(kTenant), false, 10);
    return list.empty() ? learning::Pattern() : list[0].second;
  }
  uint64_t Word(std::string_view word) const { return learning::WordId(word, learner_.hash()); }

  learning::Learner learner_{{}, Clock::System()};
  Lessons lessons_{&learner_};
};

TEST_F(LessonsTest, FieldsAndWordsOfAQueryAreLearntWhereTheyWereLeftOut) {
  const std::string text = Rows(1);
  lessons_.Compressed({ExcerptOf(lessons_, text, {{3, 200}})});
  lessons_.Retrieved(kTenant, OriginalOf(text), {.query = "the Owner quetzal, please"});
  EXPECT_EQ(Learnt().recent_query, 1U);
  EXPECT_EQ(Learnt().fields.counts(), (std::map<uint64_t, uint32_t>{{Word("owner"), 1}}));
  EXPECT_EQ(Learnt().words.counts(), (std::map<uint64_t, uint32_t>{{Word("quetzal"), 1}}));
}

TEST_F(LessonsTest, WhatTheExcerptShowsIsNoLesson) {
  const std::string text = Rows(1);
  lessons_.Compressed({ExcerptOf(lessons_, text, {{1, 2}})});  // neither is quetzal's
  lessons_.Retrieved(kTenant, OriginalOf(text), {.query = "quetzal"});
  EXPECT_EQ(Learnt().query_retrievals, 1U);
  EXPECT_EQ(Learnt().visible_retrievals, 1U);
  EXPECT_EQ(Learnt().recent_query, 0U);
  EXPECT_TRUE(Learnt().words.counts().empty());
}

TEST_F(LessonsTest, AQueryThatNothingFitsIsNoLesson) {
  const std::string text = Rows(1);
  lessons_.Compressed({ExcerptOf(lessons_, text, {{3, 200}})});
  lessons_.Retrieved(kTenant, OriginalOf(text), {.query = "zyzzyva"});
  EXPECT_EQ(Learnt().visible_retrievals, 1U);
  EXPECT_EQ(Learnt().recent_query, 0U);
}

TEST_F(LessonsTest, AnExcerptThatIsNoLongerRememberedIsKnownByItsText) {
  const std::string text = Rows(1);
  lessons_.Retrieved(kTenant, OriginalOf(text), {.whole = true});
  EXPECT_EQ(Learnt().recent_whole, 1U);
  EXPECT_EQ(learner_.List(learner_.TenantId(kTenant), false, 10)[0].first.signature,
            lessons_.StructureOf(text, "scans").id);
}

TEST_F(LessonsTest, RangesAreThoseOfRowsAndLinesAlone) {
  const std::vector<learning::Range> ranges = RangesLeftOut(
      "a\n... rows 3-9 omitted ...\nb ... bytes 10-900 omitted ...\n... members 1-3 omitted ...\n... line 12 omitted "
      "...");
  ASSERT_EQ(ranges.size(), 2U);
  EXPECT_EQ(ranges[0].first, 3U);
  EXPECT_EQ(ranges[0].last, 9U);
  EXPECT_EQ(ranges[1].first, 12U);
}

TEST_F(LessonsTest, OffTheyDoNothing) {
  const Lessons off;
  EXPECT_FALSE(off.on());
  off.Compressed({learning::Excerpt()});
  off.Retrieved(kTenant, OriginalOf("x"), {.query = "y"});
  learning::Learner disabled({.path = {}, .enabled = false}, Clock::System());
  EXPECT_FALSE(Lessons(&disabled).on());
}

TEST(SnapshotsTest, AreKeptInTheStoreUnderTheirDigest) {
  auto store = *store::Store::Open({}, Clock::System());
  learning::Patterns patterns;
  patterns.Update({"t", "s"}, [](learning::Pattern& pattern) { pattern.recent_excerpts = pattern.recent_whole = 10; });
  const learning::Snapshot snapshot(patterns);
  Snapshots(*store).Keep(snapshot);
  Snapshots later(*store);
  EXPECT_EQ(later.Find(snapshot.digest())->digest(), snapshot.digest());
  EXPECT_TRUE(later.Find("0123456789abcdef0123456789abcdef")->empty());
  EXPECT_TRUE(later.Find("")->empty());
}

// The whole way: conversations whose results are opened, a snapshot, and who is decided by it.
class LearntPolicyTest : public testing::Test {
 protected:
  LearntPolicyTest() : store_(*store::Store::Open({}, Clock::System())) { Restart(); }

  void Restart() {
    ContentRouter::Options options;
    options.policy.gaps = Gaps::kOn;
    options.lessons = lessons_;
    optimizer_ = std::make_unique<Optimizer>(std::move(options), *store_, Clock::System());
  }

  // A conversation of `results` calls of the same tool, each with rows of its own.
  static std::string Body(int conversation, int results) {
    std::string body = R"({"model":"claude-sonnet-4-5","messages":[{"role":"user","content":"Go, )" +
                       std::to_string(conversation) + R"("})";
    for (int i = 0; i < results; ++i) {
      const std::string id = "c" + std::to_string(conversation) + "." + std::to_string(i);
      body += R"(,{"role":"assistant","content":[{"type":"tool_use","id":")" + id +
              R"(","name":"scans","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":")" + id +
              R"(","content":)" + json::Quote(Rows(conversation * 10 + i)) + "}]}";
    }
    return body + "]}";
  }

  std::string Forward(const std::string& body) {
    net::HeaderList headers;
    headers.Add("x-api-key", "k");
    credential_ = ReadCredential(headers, {});
    return optimizer_->Run({.credential = credential_, .upstream = {}}, PaddedBytes(body)).body.value_or(body);
  }

  void Teach(std::string_view query) {
    for (int i = 1; i <= 12; ++i) {
      Forward(Body(i, 1));
      store::Original original = OriginalOf(Rows(i * 10));
      original.tenant = credential_.tenant;
      lessons_.Retrieved(credential_.tenant, original, {.query = query, .whole = query.empty()});
    }
  }

  static size_t CountOf(std::string_view text, std::string_view what) {
    size_t count = 0;
    for (size_t at = text.find(what); at != std::string_view::npos; at = text.find(what, at + 1)) ++count;
    return count;
  }

  learning::Learner learner_{{}, Clock::System()};
  Lessons lessons_{&learner_};
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<Optimizer> optimizer_;
  Credential credential_;
};

TEST_F(LearntPolicyTest, NewConversationsKeepWhatWasAskedForOldOnesGoOnAsTheyBegan) {
  const std::string before = Forward(Body(100, 1));
  EXPECT_LT(CountOf(before, "quetzal"), 8U);
  Teach("owner quetzal");
  optimizer_->Use(learner_.Now());
  EXPECT_NE(optimizer_->snapshot(), "");

  EXPECT_EQ(CountOf(Forward(Body(200, 1)), "quetzal"), 8U);
  const std::string grown = Forward(Body(100, 2));
  EXPECT_TRUE(grown.starts_with(before.substr(0, before.size() - 2)));
  EXPECT_LT(CountOf(grown, "quetzal"), 16U);
  EXPECT_LT(CountOf(grown.substr(before.size()), "quetzal"), 8U);
}

TEST_F(LearntPolicyTest, AConversationKeepsItsSnapshotAcrossRestartsAndNewerOnes) {
  Teach("owner quetzal");
  optimizer_->Use(learner_.Now());
  const std::string before = Forward(Body(200, 1));
  Restart();  // new conversations are decided by no snapshot
  EXPECT_EQ(optimizer_->snapshot(), "");
  const std::string grown = Forward(Body(200, 2));
  EXPECT_TRUE(grown.starts_with(before.substr(0, before.size() - 2)));
  EXPECT_EQ(CountOf(grown, "quetzal"), 16U);
  EXPECT_LT(CountOf(Forward(Body(300, 1)), "quetzal"), 8U);
}

TEST_F(LearntPolicyTest, WhatIsAlwaysOpenedWholeIsLeftWholeButForSamples) {
  Teach("");
  optimizer_->Use(learner_.Now());
  int whole = 0;
  for (int i = 200; i < 260; ++i) whole += CountOf(Forward(Body(i, 1)), "Retrieve more") == 0 ? 1 : 0;
  EXPECT_GT(whole, 45);
  EXPECT_LT(whole, 60);
}

TEST_F(LearntPolicyTest, AnotherTenantIsDecidedByItsOwnExperience) {
  Teach("owner quetzal");
  optimizer_->Use(learner_.Now());
  net::HeaderList headers;
  headers.Add("x-api-key", "another");
  const std::string body = Body(200, 1);
  const Optimized out = optimizer_->Run({.credential = ReadCredential(headers, {}), .upstream = {}}, PaddedBytes(body));
  EXPECT_LT(CountOf(out.body.value_or(body), "quetzal"), 8U);
}

TEST_F(LearntPolicyTest, ADryRunAndARawRequestTeachNothing) {
  net::HeaderList headers;
  headers.Add("x-api-key", "k");
  for (const auto mode : {ContentRouter::Mode::kDryRun, ContentRouter::Mode::kRaw}) {
    const std::string body = Body(mode == ContentRouter::Mode::kRaw ? 1 : 2, 1);
    optimizer_->Run({.credential = ReadCredential(headers, {}), .upstream = {}, .mode = mode}, PaddedBytes(body));
  }
  EXPECT_EQ(learner_.totals().compressions, 0U);
}

}  // namespace
}  // namespace headroom::proxy
