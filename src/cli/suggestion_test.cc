#include "cli/suggestion.h"

#include <gtest/gtest.h>

namespace headroom::cli {
namespace {

const std::vector<std::string> kKeys = {"port", "host", "protect_tools", "proxy_token", "gaps"};

TEST(SuggestionTest, TheNearestNameIsMeant) {
  EXPECT_EQ(Nearest("prot", kKeys), "port");
  EXPECT_EQ(Nearest("ports", kKeys), "port");
  EXPECT_EQ(Nearest("protect-tools", kKeys), "protect_tools");
  EXPECT_EQ(Nearest("protected_tool", kKeys), "protect_tools");
  EXPECT_EQ(Nearest("gap", kKeys), "gaps");
}

TEST(SuggestionTest, NothingNearIsNothing) {
  EXPECT_EQ(Nearest("color", kKeys), "");
  EXPECT_EQ(Nearest("xy", kKeys), "");
  EXPECT_EQ(Nearest("", kKeys), "");
  EXPECT_EQ(Nearest("port", {}), "");
  EXPECT_EQ(Nearest(std::string(65, 'a'), {std::string(64, 'a')}), "");
  EXPECT_EQ(Nearest(std::string(64, 'a'), {std::string(63, 'a')}), std::string(63, 'a'));
}

TEST(SuggestionTest, TheSentenceAsksWhatWasMeant) {
  EXPECT_EQ(UnknownName("key", "prot", kKeys), "unknown key 'prot' (did you mean 'port'?)");
  EXPECT_EQ(UnknownName("key", "color", kKeys), "unknown key 'color'");
}

}  // namespace
}  // namespace headroom::cli
