#include "proxy/epoch.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/bytes.h"
#include "proxy/context_units.h"
#include "proxy/lineage.h"

namespace headroom::proxy {
namespace {

Epoch Sample() {
  Epoch epoch;
  epoch.number = 3;
  epoch.last_lineage = HashOf("last");
  epoch.made_after = HashOf("answer");
  epoch.head = 1;
  epoch.turns = {{9, HashOf("before")}, {12, HashOf("later")}};
  epoch.asks_drop = true;
  epoch.dropped = {{1, 3}, {5, 7}};
  epoch.deepened = {{4, {{0, "\"short\""}}, 100, 10, std::string(24, 'a')}};
  epoch.units = 2;
  epoch.messages = 4;
  epoch.tokens = (uint64_t{5} << 32) + 7;
  epoch.marker = R"({"role":"user","content":"m"})";
  epoch.original_id = std::string(24, 'b');
  return epoch;
}

TEST(EpochTest, ComesBackFromTheLedgerAsItWas) {
  const Epoch epoch = Sample();
  const Result<Epoch> read = Epoch::Decode(epoch.Encode());
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->Encode(), epoch.Encode());
  EXPECT_EQ(read->number, 3u);
  EXPECT_EQ(read->made_after, HashOf("answer"));
  EXPECT_EQ(read->tokens, epoch.tokens);
  EXPECT_EQ(read->dropped, epoch.dropped);
  EXPECT_EQ(read->deepened[0].replacements[0].literal, "\"short\"");
  EXPECT_TRUE(read->asks_drop);
  EXPECT_EQ(read->first(), 1u);
  EXPECT_EQ(read->last(), 6u);
}

TEST(EpochTest, AnOlderRecordBelongsToAllThatHasWhatItChanges) {
  std::string payload = Sample().Encode();
  payload.erase(8 * 4 + 16, 16);  // made_after, behind eight numbers and last_lineage
  const Result<Epoch> newest = Epoch::Decode(payload);
  EXPECT_FALSE(newest.ok());
  payload[0] = 2;
  const Result<Epoch> read = Epoch::Decode(payload);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->made_after, read->last_lineage);
}

TEST(EpochTest, ARecordCutAnywhereOrWithMoreBehindItIsRefused) {
  const std::string payload = Sample().Encode();
  for (size_t size = 0; size < payload.size(); ++size) EXPECT_FALSE(Epoch::Decode(payload.substr(0, size)).ok());
  EXPECT_FALSE(Epoch::Decode(payload + "x").ok());
}

TEST(EpochTest, RangesThatOverlapRunBackwardsOrStandTogetherAreRefused) {
  for (const std::vector<Epoch::Range>& ranges :
       std::vector<std::vector<Epoch::Range>>{{{1, 3}, {2, 4}}, {{3, 3}}, {{4, 2}}, {{1, 3}, {3, 4}}, {}}) {
    Epoch epoch = Sample();
    epoch.dropped = ranges;
    if (ranges.empty()) epoch.deepened.clear();
    EXPECT_FALSE(Epoch::Decode(epoch.Encode()).ok());
  }
}

// A conversation of four messages after the head: 1 assistant, 2 user, 3 assistant, 4 user.
class LeaveOutTest : public testing::Test {
 protected:
  void Read(const std::string& messages) {
    body_ = PaddedBytes("{\"messages\":[" + messages + "],\"model\":\"m\"}");
    ASSERT_TRUE(document_.Parse(body_).ok());
    view_ = *ReadRequest(Api::kMessages, document_);
    lineage_ = LineageOf(view_, store::TenantId());
    tokens_ = MessagesOf(document_, Api::kMessages);
  }

  std::optional<EpochPlaces> Places(const Epoch& epoch) { return PlacesOf(epoch, view_, lineage_, tokens_.size()); }

  Epoch Dropping(std::vector<Epoch::Range> ranges) {
    Epoch epoch;
    epoch.head = 1;
    epoch.dropped = std::move(ranges);
    epoch.marker = "{}";
    epoch.last_lineage = lineage_[LinksOf(view_)[epoch.last()]];
    return epoch;
  }

  // The messages of what goes.
  std::string Left(const Epoch& epoch) {
    const json::EditList none(static_cast<uint32_t>(body_.size()));
    const std::optional<EpochPlaces> places = Places(epoch);
    if (!places.has_value()) return "no part of it";
    const Result<std::string> out = LeaveOut(epoch, *places, Api::kMessages, tokens_, none, std::string(body_.view()));
    if (!out.ok()) return out.status().ToString();
    return out->substr(13, out->size() - 13 - std::string_view("],\"model\":\"m\"}").size());
  }

  static std::string Say(std::string_view role, std::string_view text) {
    return R"({"role":")" + std::string(role) + R"(","content":")" + std::string(text) + R"("})";
  }

  const std::string u0_ = Say("user", "zero");
  const std::string a1_ = Say("assistant", "one");
  const std::string u2_ = Say("user", "two");
  const std::string a3_ = Say("assistant", "three");
  const std::string u4_ = Say("user", "four");
  PaddedBytes body_;
  json::Document document_;
  RequestView view_;
  std::vector<Hash128> lineage_;
  std::vector<json::Token> tokens_;
};

TEST_F(LeaveOutTest, TheMarkerStandsBehindTheHeadWhateverIsDropped) {
  Read(u0_ + "," + a1_ + "," + u2_ + "," + a3_ + "," + u4_);
  EXPECT_EQ(Left(Dropping({{1, 3}})), u0_ + ",{}," + a3_ + "," + u4_);
  EXPECT_EQ(Left(Dropping({{2, 4}})), u0_ + ",{}," + a1_ + "," + u4_);
  EXPECT_EQ(Left(Dropping({{1, 2}, {3, 4}})), u0_ + ",{}," + u2_ + "," + u4_);
}

TEST_F(LeaveOutTest, BlanksBetweenKeptMessagesStay) {
  Read(u0_ + " ,\n" + a1_ + " , " + u2_ + ",  " + a3_ + "," + u4_);
  EXPECT_EQ(Left(Dropping({{1, 3}})), u0_ + " ,\n{}," + a3_ + "," + u4_);
}

TEST_F(LeaveOutTest, AnEditBeforeItsLastBlockLeavesTheEpochAndOneBehindDoesNot) {
  Read(u0_ + "," + a1_ + "," + u2_ + "," + a3_ + "," + u4_);
  const Epoch epoch = Dropping({{1, 3}});
  Read(u0_ + "," + a1_ + "," + u2_ + "," + Say("assistant", "other") + "," + u4_);
  EXPECT_EQ(Left(epoch), u0_ + ",{}," + Say("assistant", "other") + "," + u4_);
  Read(Say("user", "other") + "," + a1_ + "," + u2_ + "," + a3_ + "," + u4_);
  EXPECT_EQ(Left(epoch), "no part of it");
  Read(u0_ + "," + a1_ + "," + u2_);  // nothing stays behind what is dropped
  EXPECT_EQ(Left(epoch), "no part of it");
}

TEST_F(LeaveOutTest, MessagesThatTheClientNowJoinsLeaveTheEpoch) {
  Read(u0_ + "," + a1_ + "," + u2_ + "," + Say("user", "three") + "," + u4_);
  const Epoch epoch = Dropping({{1, 3}});
  Read(u0_ + "," + a1_ +
       R"(,{"role":"user","content":[{"type":"text","text":"two"},{"type":"text","text":"three"}]},)" + u4_);
  EXPECT_EQ(Left(epoch), "no part of it");
}

TEST_F(LeaveOutTest, ThinkingThatSawAnotherPrefixIsLeftOutOfClosedTurnsAlone) {
  const auto thinks = [](std::string_view text) {
    return R"({"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"s"},{"type":"text","text":")" +
           std::string(text) + R"("}]})";
  };
  const auto without = [](std::string_view text) {
    return R"({"role":"assistant","content":[{"type":"text","text":")" + std::string(text) + R"("}]})";
  };
  Read(u0_ + "," + thinks("one") + "," + u2_ + "," + thinks("three") + "," + u4_ + "," + thinks("five"));
  Epoch epoch = Dropping({{1, 3}});
  epoch.turns = {{4, lineage_[LinksOf(view_)[3]]}};  // from the user's "four" on nothing is closed
  EXPECT_EQ(Left(epoch), u0_ + ",{}," + without("three") + "," + u4_ + "," + thinks("five"));
  // A client that leaves thinking out has the same conversation.
  Read(u0_ + "," + without("one") + "," + u2_ + "," + without("three") + "," + u4_ + "," + thinks("five"));
  EXPECT_EQ(Left(epoch), u0_ + ",{}," + without("three") + "," + u4_ + "," + thinks("five"));
}

TEST_F(LeaveOutTest, ATurnOfABranchThatIsNotDoneKeepsItsThinking) {
  const auto thinks = [](std::string_view text) {
    return R"({"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"s"},{"type":"text","text":")" +
           std::string(text) + R"("}]})";
  };
  const auto without = [](std::string_view text) {
    return R"({"role":"assistant","content":[{"type":"text","text":")" + std::string(text) + R"("}]})";
  };
  const std::string head = u0_ + "," + thinks("one") + "," + u2_ + ",";
  Read(head + thinks("three") + "," + u4_ + "," + thinks("five") + "," + Say("user", "six"));
  const std::vector<size_t> links = LinksOf(view_);
  Epoch epoch = Dropping({{1, 3}});
  epoch.turns = {{4, lineage_[links[3]]}, {6, lineage_[links[5]]}};
  EXPECT_EQ(Left(epoch),
            u0_ + ",{}," + without("three") + "," + u4_ + "," + without("five") + "," + Say("user", "six"));
  // The user goes back and asks otherwise; the model calls a tool.
  const std::string branch = head + thinks("three") + "," + Say("user", "otherwise") + "," + thinks("call");
  const std::string result = Say("user", "result");
  const std::string left = u0_ + ",{}," + without("three") + "," + Say("user", "otherwise") + "," + thinks("call");
  Read(branch + "," + result);
  EXPECT_EQ(Left(epoch), left + "," + result);
  // What goes stays as it was when the branch grows past the place.
  Read(branch + "," + result + "," + thinks("more") + "," + Say("user", "end"));
  EXPECT_EQ(Left(epoch), left + "," + result + "," + thinks("more") + "," + Say("user", "end"));
}

}  // namespace
}  // namespace headroom::proxy
