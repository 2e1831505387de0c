#include "proxy/plan.h"

#include <gtest/gtest.h>

namespace headroom::proxy {
namespace {

TEST(ReplacementsTest, SurviveTheirStoredForm) {
  const std::vector<Replacement> replacements = {{0, "\"a\""}, {7, std::string("\"\0x\"", 4)}};
  const auto decoded = DecodeReplacements(EncodeReplacements(replacements));
  ASSERT_TRUE(decoded.ok());
  ASSERT_EQ(decoded->size(), 2u);
  EXPECT_EQ((*decoded)[1].piece, 7u);
  EXPECT_EQ((*decoded)[1].literal, replacements[1].literal);
}

TEST(ReplacementsTest, TruncationAtEveryByteIsDataLoss) {
  const std::string payload = EncodeReplacements({{1, "\"abc\""}});
  for (size_t size = 1; size < payload.size(); ++size) {
    EXPECT_EQ(DecodeReplacements(payload.substr(0, size)).status().code(), Code::kDataLoss) << size;
  }
}

TEST(PlanTest, RefusesAPieceThatTheBlockDoesNotHave) {
  RequestView view;
  view.blocks.emplace_back().pieces.push_back({json::Type::kString, {1, 3}, 0});
  Plan plan(1);
  plan[0].replacements = {{1, "\"x\""}};
  EXPECT_EQ(plan.ToEdits(view, 10).status().code(), Code::kOutOfRange);
  plan[0].replacements = {{0, "\"x\""}};
  const auto edits = plan.ToEdits(view, 4);
  ASSERT_TRUE(edits.ok());
  EXPECT_EQ(edits->Splice("[\"\"]"), "[\"x\"]");
}

}  // namespace
}  // namespace headroom::proxy
