#include "cli/banner.h"

#include <gtest/gtest.h>

#include "cli/load.h"

namespace headroom::cli {
namespace {

Config Loaded() {
  const Environment environment = [](const std::string& name) -> std::optional<std::string> {
    if (name == "HOME") return "/home/ada";
    return std::nullopt;
  };
  return *Load({}, environment);
}

bool Contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

TEST(BannerTest, SaysAllThatANewUserNeeds) {
  const std::string banner = Banner(Loaded());
  for (const std::string_view line : {
           "  URL             http://127.0.0.1:8787\n",
           "  Upstreams       anthropic  https://api.anthropic.com (messages)\n",
           "                  openai     https://api.openai.com (chat, responses)\n",
           "  On              optimization, originals and decisions in /home/ada/.headroom, response cache, "
           "600 requests and 10000000 tokens a minute\n",
           "  Off             budget, LLMLingua\n",
           "  Claude Code     ANTHROPIC_BASE_URL=http://127.0.0.1:8787 claude\n",
           "  OpenAI clients  OPENAI_BASE_URL=http://127.0.0.1:8787/v1\n",
       }) {
    EXPECT_TRUE(Contains(banner, line)) << line << banner;
  }
  EXPECT_TRUE(banner.starts_with("headroom "));
  EXPECT_TRUE(banner.ends_with("\nPress Ctrl+C to stop.\n"));
}

TEST(BannerTest, OptimizationMovesToTheOffLine) {
  Config config = Loaded();
  config.optimize = false;
  EXPECT_TRUE(Contains(Banner(config), "  Off             optimization, "));
}

TEST(BannerTest, LimitsAndBudgetsAreSaid) {
  Config config = Loaded();
  config.tpm = 0;
  config.budget_nanodollars = 2'500'000'000;
  config.budget_period = policy::BudgetPeriod::kMonthly;
  config.budgets.resize(2);
  EXPECT_TRUE(Contains(Banner(config), ", 600 requests a minute, monthly budget $2.5, 2 budgets of tenants\n"));
  config.rate_limit = false;
  EXPECT_TRUE(Contains(Banner(config), "  Off             rate limit, "));
}

TEST(BannerTest, ClientsAreSentToLoopbackWhenTheProxyListensEverywhere) {
  Config config = Loaded();
  config.host = "0.0.0.0";
  EXPECT_EQ(LocalUrl(config), "http://127.0.0.1:8787");
  EXPECT_TRUE(Contains(Banner(config), "  URL             http://0.0.0.0:8787\n"));
  config.host = "::";
  EXPECT_EQ(LocalUrl(config), "http://[::1]:8787");
}

TEST(BannerTest, OptionsWithoutEffectAreNamedAsTheyWereGiven) {
  Config config = Loaded();
  EXPECT_EQ(NoEffectNotice(config), "");
  config.origins["llmlingua"] = {ValueOrigin::Source::kCommandLine, "--llmlingua"};
  EXPECT_EQ(NoEffectNotice(config), "--llmlingua has no effect yet");
  config.origins["llmlingua_rate"] = {ValueOrigin::Source::kFile, "h.toml:3:1"};
  config.origins["port"] = {ValueOrigin::Source::kCommandLine, "--port"};
  EXPECT_EQ(NoEffectNotice(config), "--llmlingua, llmlingua_rate (h.toml:3:1) have no effect yet");
  EXPECT_TRUE(Contains(Banner(config), "llmlingua_rate (h.toml:3:1) have no effect yet"));
}

TEST(BannerTest, UpstreamsShowWhatTheyServe) {
  Config config = Loaded();
  config.upstreams.insert(config.upstreams.begin(), {"gw", "http://h", {Api::kChat}, {"qwen/*"}, {}, ""});
  EXPECT_TRUE(Contains(Banner(config), "  Upstreams       gw         http://h (chat, qwen/*)\n"));
}

TEST(BannerTest, WarnsOfAProxyThatOthersReachWithoutAToken) {
  Config config = Loaded();
  for (const char* host : {"127.0.0.1", "127.0.0.2", "::1", "localhost"}) {
    config.host = host;
    EXPECT_EQ(OpenNotice(config), "") << host;
  }
  for (const char* host : {"0.0.0.0", "::", "192.168.1.5"}) {
    config.host = host;
    EXPECT_TRUE(Contains(Banner(config), "  Warning         whoever reaches http://")) << host;
  }
  config.proxy_token = "the-token-of-clients";
  EXPECT_EQ(OpenNotice(config), "");
}

TEST(BannerTest, HoldsNoSecret) {
  Config config = Loaded();
  config.host = "0.0.0.0";
  config.proxy_token = "the-token-of-clients";
  config.admin_token = "the-token-of-admins";
  EXPECT_FALSE(Contains(Banner(config), "the-token-of"));
}

}  // namespace
}  // namespace headroom::cli
