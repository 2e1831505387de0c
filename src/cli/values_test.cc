#include "cli/values.h"

#include <gtest/gtest.h>

namespace headroom::cli {
namespace {

TEST(ValuesTest, BooleansHaveFourSpellingsEach) {
  for (const char* text : {"true", "1", "yes", "on", "TRUE", "Yes"}) EXPECT_TRUE(*ParseBool(text)) << text;
  for (const char* text : {"false", "0", "no", "off", "OFF"}) EXPECT_FALSE(*ParseBool(text)) << text;
  for (const char* text : {"", "2", "y", "enabled", " true"}) EXPECT_FALSE(ParseBool(text).ok()) << text;
}

TEST(ValuesTest, IntegersEndAtTheirLimits) {
  EXPECT_EQ(*ParseInteger("1", 1, 65'535, "a port"), 1);
  EXPECT_EQ(*ParseInteger("65535", 1, 65'535, "a port"), 65'535);
  EXPECT_EQ(ParseInteger("65536", 1, 65'535, "a port").status().detail(), "'65536' is not a port (1-65535)");
  EXPECT_EQ(ParseInteger("0", 1, 65'535, "a port").status().detail(), "'0' is not a port (1-65535)");
  for (const char* text : {"", "-1", "+1", "1.0", "0x10", " 1", "1 ", "99999999999999999999"}) {
    EXPECT_FALSE(ParseInteger(text, 1, 65'535, "a port").ok()) << text;
  }
}

TEST(ValuesTest, MoneyIsExactToTheNanodollar) {
  EXPECT_EQ(*ParseNanodollars("100"), 100'000'000'000);
  EXPECT_EQ(*ParseNanodollars("100.0"), 100'000'000'000);
  EXPECT_EQ(*ParseNanodollars("0.1"), 100'000'000);
  EXPECT_EQ(*ParseNanodollars("0.000000001"), 1);
  EXPECT_EQ(*ParseNanodollars("9223372035"), 9'223'372'035'000'000'000);
  for (const char* text : {"", "-1", "1e3", ".5", "5.", "0.0000000001", "9223372036", "one"}) {
    EXPECT_FALSE(ParseNanodollars(text).ok()) << text;
  }
}

TEST(ValuesTest, MoneyIsPrintedAsTheShortestDecimal) {
  EXPECT_EQ(FormatNanodollars(100'000'000'000), "100");
  EXPECT_EQ(FormatNanodollars(250'000'000), "0.25");
  EXPECT_EQ(FormatNanodollars(1), "0.000000001");
}

TEST(ValuesTest, RatesLieAboveZeroUpToOne) {
  EXPECT_EQ(*ParseRate("0.3"), 0.3);
  EXPECT_EQ(*ParseRate("1"), 1.0);
  for (const char* text : {"", "0", "1.0001", "-0.5", "nan", "inf", "0.3x"}) EXPECT_FALSE(ParseRate(text).ok()) << text;
}

TEST(ValuesTest, TenantRulesAreCredentialSingleOrAHeader) {
  EXPECT_EQ(ParseTenant("credential")->kind, TenantRule::Kind::kCredential);
  EXPECT_EQ(ParseTenant("single")->kind, TenantRule::Kind::kSingle);
  const Result<TenantRule> rule = ParseTenant("header:X-Team");
  EXPECT_EQ(rule->kind, TenantRule::Kind::kHeader);
  EXPECT_EQ(rule->header, "X-Team");
  EXPECT_EQ(FormatTenant(*rule), "header:X-Team");
  for (const char* text : {"", "header:", "header:X Team", "header:a:b", "Credential"}) {
    EXPECT_FALSE(ParseTenant(text).ok()) << text;
  }
}

TEST(ValuesTest, ListsAreSplitAtCommasAndTrimmed) {
  EXPECT_EQ(ParseList("Bash, Read ,,Grep"), (std::vector<std::string>{"Bash", "Read", "Grep"}));
  EXPECT_TRUE(ParseList("").empty());
}

TEST(ValuesTest, ToolProfilesAreNamesWithALevel) {
  EXPECT_EQ(FormatToolProfiles(*ParseToolProfiles(" Bash:off , mcp__*:aggressive")), "Bash:off,mcp__*:aggressive");
  EXPECT_EQ(FormatToolProfiles(*ParseToolProfiles("a:b:moderate")), "a:b:moderate");
  EXPECT_TRUE(ParseToolProfiles("")->empty());
  for (const char* text : {"Bash", ":off", "Bash:", "Bash:Off", "Bash:on"}) EXPECT_FALSE(ParseToolProfiles(text).ok());
}

TEST(ValuesTest, GapsAndReadsHaveTheirWords) {
  for (const char* text : {"auto", "on", "off"}) EXPECT_EQ(proxy::GapsName(*ParseGaps(text)), text);
  for (const char* text : {"whole", "fold"}) EXPECT_EQ(ReadsName(*ParseReads(text)), text);
  EXPECT_FALSE(ParseGaps("true").ok());
  EXPECT_FALSE(ParseReads("").ok());
}

TEST(ValuesTest, LabelsHaveAtMostSixtyFourPlainCharacters) {
  EXPECT_EQ(*ParseLabel(""), "");
  EXPECT_TRUE(ParseLabel(std::string(64, 'a')).ok());
  EXPECT_FALSE(ParseLabel(std::string(65, 'a')).ok());
  EXPECT_FALSE(ParseLabel("a b").ok());
}

TEST(ValuesTest, HostsAreNamesOrAddressesWithoutAPort) {
  for (const char* text : {"127.0.0.1", "::1", "localhost", "0.0.0.0", "fe80::1%eth0"}) {
    EXPECT_TRUE(ParseHost(text).ok()) << text;
  }
  for (const char* text : {"", "localhost:80", "http://localhost", "a b"}) EXPECT_FALSE(ParseHost(text).ok()) << text;
}

TEST(ValuesTest, HostPatternsAreNamesWithAStarAtTheirFrontAtMost) {
  using List = std::vector<std::string>;
  EXPECT_EQ(*ParseHostPatterns("proxy.lan, *.example"), (List{"proxy.lan", "*.example"}));
  EXPECT_EQ(*ParseHostPatterns("*"), List{"*"});
  EXPECT_EQ(*ParseHostPatterns(""), List());
  for (const char* text : {"a:80", "http://a", "a/b", "*a", "a.*", "*.", "a b", "::1"}) {
    EXPECT_FALSE(ParseHostPatterns(text).ok()) << text;
  }
}

TEST(ValuesTest, TokensHaveEightToAThousandVisibleCharacters) {
  EXPECT_EQ(*ParseToken("12345678"), "12345678");
  EXPECT_EQ(ParseToken(std::string(1024, '~'))->size(), 1024u);
  for (const std::string& text : {std::string("1234567"), std::string(1025, 'a'), std::string("1234 5678"),
                                  std::string("1234567\n"), std::string("1234567\xff")}) {
    EXPECT_EQ(ParseToken(text).status().detail(), "a token has 8 to 1,024 visible characters");
  }
}

TEST(ValuesTest, BaseUrlsLoseTheirTrailingSlash) {
  EXPECT_EQ(*ParseBaseUrl("https://gateway.example/llm/"), "https://gateway.example/llm");
  EXPECT_FALSE(ParseBaseUrl("gateway.example").ok());
  EXPECT_FALSE(ParseBaseUrl("ftp://gateway.example").ok());
}

TEST(ValuesTest, AUrlWithAPasswordIsRefusedWithoutRepeatingIt) {
  const Result<std::string> url = ParseBaseUrl("https://user:s3cret@gateway.example");
  ASSERT_FALSE(url.ok());
  EXPECT_EQ(url.status().detail().find("s3cret"), std::string::npos);
}

TEST(ValuesTest, OnlyALeadingTildeStandsForHome) {
  EXPECT_EQ(ExpandHome("~/.headroom", "/home/ada"), "/home/ada/.headroom");
  EXPECT_EQ(ExpandHome("~", "/home/ada"), "/home/ada");
  EXPECT_EQ(ExpandHome("~ada/x", "/home/ada"), "~ada/x");
  EXPECT_EQ(ExpandHome("/a/~/b", "/home/ada"), "/a/~/b");
}

}  // namespace
}  // namespace headroom::cli
