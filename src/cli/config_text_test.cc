#include "cli/config_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/config_file.h"
#include "cli/load.h"

namespace headroom::cli {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

Config Loaded(const std::map<std::string, std::string>& variables) {
  const Result<Config> config = Load({}, [&](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return name == "HOME" ? std::optional<std::string>("/home/ada") : std::nullopt;
    return found->second;
  });
  EXPECT_TRUE(config.ok()) << config.status().detail();
  return *config;
}

TEST(ConfigTextTest, EachValueHasItsOrigin) {
  const std::string text = ConfigText(Loaded({{"HEADROOM_PORT", "9000"}, {"HEADROOM_PROTECT_TOOLS", "Bash, Read"}}));
  EXPECT_THAT(text, ContainsRegex("\nport = 9000 +# HEADROOM_PORT\n"));
  EXPECT_THAT(text, ContainsRegex("\nprotect_tools = \\[\"Bash\", \"Read\"\\] +# HEADROOM_PROTECT_TOOLS\n"));
  EXPECT_THAT(text, ContainsRegex("\nhost = \"127.0.0.1\" +# default\n"));
  EXPECT_THAT(text, ContainsRegex("\n# ca_file +# default, not set\n"));
  EXPECT_THAT(text, ContainsRegex("\noptimize = true +# default\n"));
}

TEST(ConfigTextTest, SecretsAreMasked) {
  const std::string text = ConfigText(Loaded({{"HEADROOM_PROXY_TOKEN", "the-token-of-clients"}}));
  EXPECT_THAT(text, ContainsRegex("\nproxy_token = \"[*]{8}\" +# HEADROOM_PROXY_TOKEN\n"));
  EXPECT_THAT(text, Not(HasSubstr("the-token")));
}

TEST(ConfigTextTest, TheTextIsAFileThatGivesTheSame) {
  Config config = Loaded({{"HEADROOM_BUDGET", "12.5"}, {"HEADROOM_GAPS", "on"}, {"HEADROOM_NO_CACHE", "1"}});
  config.upstreams.insert(config.upstreams.begin(),
                          {"mine", "https://a.example/\"x\"", {Api::kChat}, {"a/*"}, {"/v1/x"}, "MY_KEY"});
  policy::ModelOverride model;
  model.model = "m";
  model.context_window = 5000;
  model.prices.input = 3'250'000'000;
  config.models = {model};
  const Result<FileSettings> read = ParseConfigText(ConfigText(config), "shown");
  ASSERT_TRUE(read.ok()) << read.status().detail();
  Config again;
  for (const Assignment& assignment : read->assignments) {
    const Status set = assignment.option->set(assignment.text, again);
    EXPECT_TRUE(set.ok()) << assignment.option->key << ": " << set.detail();
  }
  again.upstreams = read->upstreams;
  again.models = read->models;
  ASSERT_EQ(again.upstreams.size(), 1u);
  EXPECT_EQ(again.upstreams[0].base_url, "https://a.example/\"x\"");
  ASSERT_EQ(again.models.size(), 1u);
  EXPECT_EQ(again.models[0].prices.input, 3'250'000'000);
  EXPECT_EQ(again.budget_nanodollars, config.budget_nanodollars);
  for (const Option& option : Options()) EXPECT_EQ(option.print(again), option.in_file ? option.print(config) : "");
}

}  // namespace
}  // namespace headroom::cli
