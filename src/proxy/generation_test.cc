#include "proxy/generation.h"

#include <gtest/gtest.h>

namespace headroom::proxy {
namespace {

TEST(PolicyTest, ItsTextGivesItBack) {
  Policy policy;
  policy.gaps = Gaps::kAuto;
  policy.fold_reads = true;
  policy.group_hits = true;
  policy.protect_tools = {"Deploy", "mcp__*"};
  policy.tool_profiles = {{"Bash", text::Level::kAggressive}, {"my tool*", text::Level::kOff}};
  policy.learned = "0123456789abcdef0123456789abcdef";
  EXPECT_EQ(Policy::FromText(policy.ToText()), policy);
  EXPECT_EQ(Policy::FromText(Policy().ToText()), Policy());
}

TEST(PolicyTest, ATextWithoutASettingMeansThatItDidNotExist) {
  const Policy policy = Policy::FromText("group_hits=1\nsomething=new\n");
  EXPECT_TRUE(policy.group_hits);
  EXPECT_EQ(policy.gaps, Gaps::kOff);
  EXPECT_EQ(policy.compressors, 1u);
}

// A state of policy that nothing was learnt for has the number that it always had.
TEST(PolicyTest, NothingLearntIsNotInTheText) { EXPECT_EQ(Policy().ToText().find("learned"), std::string::npos); }

TEST(PolicyTest, TheFirstProfileThatFitsDecides) {
  Policy policy;
  policy.tool_profiles = {{"bash", text::Level::kOff}, {"B*", text::Level::kAggressive}};
  EXPECT_EQ(policy.LevelOf("Bash"), text::Level::kOff);
  EXPECT_EQ(policy.LevelOf("BashOutput"), text::Level::kAggressive);
  EXPECT_EQ(policy.LevelOf("Grep"), text::Level::kConservative);
}

TEST(PolicyTest, ToolsOfKnownAgentsHaveADefault) {
  EXPECT_EQ(DefaultLevel("Grep"), text::Level::kConservative);
  EXPECT_EQ(DefaultLevel("mcp__fs__search_files"), text::Level::kConservative);
  EXPECT_EQ(DefaultLevel("WebFetch"), text::Level::kAggressive);
  EXPECT_EQ(DefaultLevel("exec_command"), text::Level::kModerate);
  EXPECT_EQ(DefaultLevel(""), text::Level::kModerate);
}

TEST(PolicyTest, LevelsHaveNames) {
  for (const char* name : {"off", "conservative", "moderate", "aggressive"})
    EXPECT_EQ(LevelName(*ParseLevel(name)), name);
  EXPECT_FALSE(ParseLevel("Moderate").has_value());
}

}  // namespace
}  // namespace headroom::proxy
