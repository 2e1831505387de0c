#include "proxy/dashboard_changes.h"

#include <gtest/gtest.h>

#include <memory>

#include "base/clock.h"
#include "json/document.h"
#include "proxy/plan.h"

namespace headroom::proxy {
namespace {

constexpr store::TenantId kTenant{1, 2};
constexpr std::string_view kText = "one\ntwo\nthree\n";

class DashboardChangesTest : public testing::Test {
 protected:
  DashboardChangesTest() : store_(*store::Store::Open({}, Clock::System())) {}

  std::string Keep(const std::string& text, store::TenantId tenant = kTenant) {
    store::Original original;
    original.id = ContentId(text);
    original.tenant = tenant;
    original.text = text;
    original.tool_name = "Bash";
    store_->PutOriginal(original);
    return original.id;
  }

  BlockChange Decide(const std::string& ids, const std::vector<Replacement>& replacements) {
    store::Node node;
    node.key = {++keys_, 9};
    node.tenant = kTenant;
    node.decision = store::Node::Decision::kReplace;
    node.rule = "log_excerpt";
    node.original_ids = ids;
    node.payload = EncodeReplacements(replacements);
    store_->Insert(node);
    return {.node = node.key, .tokens_before = 9, .tokens_after = 4, .fresh = true, .original_ids = ""};
  }

  static bool IsJson(const Reply& reply) {
    const PaddedBytes bytes(reply.body);
    json::Document document;
    return document.Parse(bytes).ok();
  }

  std::unique_ptr<store::Store> store_;
  uint64_t keys_ = 0;
};

TEST_F(DashboardChangesTest, ABlockIsShownBeforeAndAfterWithItsGaps) {
  const std::string id = Keep(std::string(kText));
  const BlockChange change = Decide(id, {{0, R"("one\n... lines 2-3 omitted ...\n")"}});
  EXPECT_EQ(ShowChange(change, kTenant, *store_).body,
            R"({"rule":"log_excerpt","pieces":[{"hash":")" + id +
                R"(","tool":"Bash","original":"one\ntwo\nthree\n","original_bytes":14,)"
                R"("rendition":"one\n... lines 2-3 omitted ...\n","rendition_bytes":30,)"
                R"("gaps":[{"unit":"lines","first":2,"last":3}]}]})");
}

TEST_F(DashboardChangesTest, EachTextOfABlockStandsBesideItsOwnRendition) {
  const std::string ids = Keep("first") + Keep("second");
  const std::string body = ShowChange(Decide(ids, {{0, "\"1\""}, {2, "\"2\""}}), kTenant, *store_).body;
  EXPECT_LT(body.find(R"("original":"first")"), body.find(R"("rendition":"1")"));
  EXPECT_LT(body.find(R"("rendition":"1")"), body.find(R"("original":"second")"));
  EXPECT_LT(body.find(R"("original":"second")"), body.find(R"("rendition":"2")"));
}

TEST_F(DashboardChangesTest, AnOriginalThatIsGoneOrAnotherTenantsIsNull) {
  const std::string gone = ContentId("never kept");
  EXPECT_NE(ShowChange(Decide(gone, {{0, "\"x\""}}), kTenant, *store_).body.find(R"("original":null)"),
            std::string::npos);
  const std::string others = Keep("theirs", {3, 4});
  EXPECT_NE(ShowChange(Decide(others, {{0, "\"x\""}}), kTenant, *store_).body.find(R"("original":null)"),
            std::string::npos);
}

TEST_F(DashboardChangesTest, ADecisionOfAnotherTenantOrNoneIsNotFound) {
  const BlockChange change = Decide(Keep("text"), {{0, "\"x\""}});
  EXPECT_EQ(ShowChange(change, {3, 4}, *store_).head.status, 404);
  EXPECT_EQ(ShowChange({.node = {77, 77}, .original_ids = ""}, kTenant, *store_).head.status, 404);
}

TEST_F(DashboardChangesTest, WhatAnEpochMadeHasItsOriginalAlone) {
  const std::string id = Keep("text");
  const Reply reply = ShowChange({.node = {}, .original_ids = id}, kTenant, *store_);
  EXPECT_NE(reply.body.find(R"("rule":"epoch")"), std::string::npos);
  EXPECT_NE(reply.body.find(R"("original":"text","original_bytes":4,"rendition":null)"), std::string::npos);
}

TEST_F(DashboardChangesTest, ALongTextIsCutAtTheLimitBetweenCharacters) {
  const std::string fits(kShownBytes, 'a');
  std::string body = ShowChange(Decide(Keep(fits), {{0, "\"x\""}}), kTenant, *store_).body;
  EXPECT_NE(body.find('"' + fits + '"'), std::string::npos);
  const std::string longer = fits.substr(1) + "\xc3\xa9";  // its last character straddles the limit
  const Reply cut = ShowChange(Decide(Keep(longer), {{0, "\"x\""}}), kTenant, *store_);
  EXPECT_NE(cut.body.find('"' + fits.substr(1) + '"'), std::string::npos);
  EXPECT_NE(cut.body.find(R"("original_bytes":1048577)"), std::string::npos);
  EXPECT_TRUE(IsJson(cut));
}

TEST_F(DashboardChangesTest, TheListHasTheRulesOfTheLedger) {
  BlockChanges changes;
  changes.count = 5;
  changes.kept = {Decide(Keep("text"), {{0, "\"x\""}}),
                  {.node = {77, 77}, .tokens_before = 3, .tokens_after = 2, .fresh = false, .original_ids = ""}};
  EXPECT_EQ(ListChanges(changes, *store_).body,
            R"({"changed":5,"blocks":[{"rule":"log_excerpt","tokens_before":9,"tokens_after":4,"fresh":true},)"
            R"({"rule":"","tokens_before":3,"tokens_after":2,"fresh":false}]})");
}

}  // namespace
}  // namespace headroom::proxy
