#include "cli/load.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>

#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/setting_options.h"

namespace headroom::cli {
namespace {

using Source = ValueOrigin::Source;
using Variables = std::map<std::string, std::string>;

Result<Config> LoadWith(Variables variables, std::vector<std::string> arguments = {}) {
  variables.emplace("HOME", "/home/ada");
  arguments.insert(arguments.begin(), "proxy");
  const Result<CommandLine> command_line = ParseCommandLine(arguments, Commands());
  if (!command_line.ok()) return command_line.status();
  return Load(SettingAssignments(command_line->given), [&](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  });
}

std::string Complaint(const Variables& variables, const std::vector<std::string>& arguments = {}) {
  return LoadWith(variables, arguments).status().detail();
}

// A file that is there for one test.
class TemporaryFile {
 public:
  explicit TemporaryFile(std::string_view text) : path_(testing::TempDir() + "load_test." + std::to_string(getpid())) {
    std::ofstream(path_) << text;
  }
  ~TemporaryFile() { std::remove(path_.c_str()); }
  const std::string& path() const { return path_; }

 private:
  const std::string path_;
};

TEST(LoadTest, DefaultsAreThoseOfTheSpecification) {
  const Result<Config> config = LoadWith({});
  ASSERT_TRUE(config.ok()) << config.status().detail();
  EXPECT_EQ(config->host, "127.0.0.1");
  EXPECT_EQ(config->port, 8787);
  EXPECT_TRUE(config->optimize);
  EXPECT_TRUE(config->cache);
  EXPECT_TRUE(config->rate_limit);
  EXPECT_FALSE(config->llmlingua);
  EXPECT_EQ(config->llmlingua_rate, 0.3);
  EXPECT_EQ(config->budget_nanodollars, std::nullopt);
  EXPECT_EQ(config->data_dir, "/home/ada/.headroom");
  EXPECT_GE(config->workers, 1u);
  EXPECT_LE(config->workers, 4u);
  EXPECT_TRUE(config->origins.empty());
  ASSERT_EQ(config->upstreams.size(), 2u);
  EXPECT_EQ(config->upstreams[0].base_url, "https://api.anthropic.com");
  EXPECT_EQ(config->upstreams[1].base_url, "https://api.openai.com");
}

TEST(LoadTest, CommandLineBeatsEnvironmentBeatsFile) {
  const TemporaryFile file("port = 1001\nhost = \"10.0.0.1\"\nproject = \"from-file\"\n");
  const Result<Config> config = LoadWith(
      {{"HEADROOM_PORT", "1002"}, {"HEADROOM_HOST", "10.0.0.2"}, {"HEADROOM_CONFIG", file.path()}}, {"--port", "1003"});
  ASSERT_TRUE(config.ok()) << config.status().detail();
  EXPECT_EQ(config->port, 1003);
  EXPECT_EQ(config->host, "10.0.0.2");
  EXPECT_EQ(config->project, "from-file");
}

TEST(LoadTest, EachValueRecordsWhereItCameFrom) {
  const TemporaryFile file("project = \"p\"\n");
  const Result<Config> config = LoadWith({{"HEADROOM_HOST", "10.0.0.2"}}, {"--no-optimize", "--config", file.path()});
  ASSERT_TRUE(config.ok()) << config.status().detail();
  ASSERT_EQ(config->origins.size(), 4u);
  EXPECT_EQ(config->origins.at("optimize").source, Source::kCommandLine);
  EXPECT_EQ(config->origins.at("optimize").where, "--no-optimize");
  EXPECT_EQ(config->origins.at("host").source, Source::kEnvironment);
  EXPECT_EQ(config->origins.at("host").where, "HEADROOM_HOST");
  EXPECT_EQ(config->origins.at("project").source, Source::kFile);
  EXPECT_EQ(config->origins.at("project").where, file.path() + ":1:1");
  EXPECT_EQ(config->origins.at("config").where, "--config");
}

TEST(LoadTest, AValueThatDoesNotParseIsAnErrorThatNamesItsOrigin) {
  EXPECT_EQ(Complaint({{"HEADROOM_PORT", "99999"}}), "HEADROOM_PORT: '99999' is not a port (1-65535)");
  EXPECT_EQ(Complaint({}, {"--port", "http"}), "--port: 'http' is not a port (1-65535)");
  EXPECT_EQ(Complaint({{"HEADROOM_CACHE", "maybe"}}),
            "HEADROOM_CACHE: 'maybe' is not true, 1, yes, on or false, 0, no, off");
  EXPECT_EQ(Complaint({{"HEADROOM_NO_CACHE", "maybe"}}),
            "HEADROOM_NO_CACHE: 'maybe' is not true, 1, yes, on or false, 0, no, off");
  EXPECT_EQ(Complaint({{"OPENAI_TARGET_API_URL", "nowhere"}}),
            "OPENAI_TARGET_API_URL: the URL must begin with http:// or https://");
  const TemporaryFile file("\nport = 99999\n");
  EXPECT_EQ(Complaint({}, {"--config", file.path()}), file.path() + ":2:1: port: '99999' is not a port (1-65535)");
}

TEST(LoadTest, AnUnreadableValueIsAnErrorEvenWhereALaterSourceWins) {
  EXPECT_EQ(Complaint({{"HEADROOM_PORT", "x"}}, {"--port", "80"}), "HEADROOM_PORT: 'x' is not a port (1-65535)");
}

TEST(LoadTest, AnEmptyVariableCountsAsNotSet) {
  const Result<Config> config = LoadWith({{"HEADROOM_PORT", ""}});
  ASSERT_TRUE(config.ok()) << config.status().detail();
  EXPECT_EQ(config->port, 8787);
  EXPECT_TRUE(config->origins.empty());
}

TEST(LoadTest, EveryOptionHasAVariable) {
  for (const Option& option : Options()) {
    if (option.key == "config" || option.key.starts_with("tls_")) continue;
    const std::string name = EnvironmentName(option);
    const std::string value = option.key == "encryption_key"  ? std::string(64, '0')
                              : option.secret                 ? "a-secret-token"
                              : option.key == "allowed_hosts" ? "a.example"
                              : option.kind == Kind::kSwitch  ? "on"
                              : option.kind == Kind::kList    ? "Bash:off"
                              : option.key == "model_limits"  ? "{}"
                                                              : option.print(Config());
    const Result<Config> config = LoadWith({{name, value.empty() || value == "0" ? "1" : value}});
    ASSERT_TRUE(config.ok()) << config.status().detail();
    EXPECT_EQ(config->origins.at(std::string(option.key)).where, name);
  }
}

TEST(LoadTest, VariablesOfTheSpecificationAreKnown) {
  const Result<Config> config = LoadWith({{"HEADROOM_HOST", "0.0.0.0"},
                                          {"HEADROOM_PORT", "9000"},
                                          {"HEADROOM_BUDGET", "100.0"},
                                          {"OPENAI_TARGET_API_URL", "https://o.example"},
                                          {"ANTHROPIC_TARGET_API_URL", "https://a.example"}});
  ASSERT_TRUE(config.ok()) << config.status().detail();
  EXPECT_EQ(config->host, "0.0.0.0");
  EXPECT_EQ(config->port, 9000);
  EXPECT_EQ(config->budget_nanodollars, 100'000'000'000);
  EXPECT_EQ(config->openai_api_url, "https://o.example");
  EXPECT_EQ(config->anthropic_api_url, "https://a.example");
}

TEST(LoadTest, ASwitchCanBeSetByEitherVariableButNotByBoth) {
  EXPECT_FALSE(LoadWith({{"HEADROOM_OPTIMIZE", "off"}})->optimize);
  EXPECT_FALSE(LoadWith({{"HEADROOM_NO_OPTIMIZE", "1"}})->optimize);
  EXPECT_TRUE(LoadWith({{"HEADROOM_NO_OPTIMIZE", "0"}})->optimize);
  EXPECT_TRUE(LoadWith({{"HEADROOM_NO_OPTIMIZE", "1"}}, {"--optimize"})->optimize);
  EXPECT_EQ(Complaint({{"HEADROOM_OPTIMIZE", "1"}, {"HEADROOM_NO_OPTIMIZE", "1"}}),
            "HEADROOM_OPTIMIZE and HEADROOM_NO_OPTIMIZE are both set; one of them has to go");
}

TEST(LoadTest, RowsOfTheFileComeBeforeTheDefaultRows) {
  const TemporaryFile file(
      "[[upstream]]\nname = \"gw\"\nbase_url = \"http://h\"\napi = \"chat\"\nmodels = [\"m\"]\nkey_env = \"GW_KEY\"\n");
  const Result<Config> config = LoadWith({{"GW_KEY", "k"}}, {"--config", file.path()});
  ASSERT_TRUE(config.ok()) << config.status().detail();
  ASSERT_EQ(config->upstreams.size(), 3u);
  EXPECT_EQ(config->upstreams[0].name, "gw");
  EXPECT_EQ(config->upstreams[0].key_env, "GW_KEY");
  EXPECT_EQ(config->upstreams[1].name, "anthropic");
  EXPECT_EQ(config->upstreams[2].name, "openai");
  EXPECT_EQ(Complaint({}, {"--config", file.path()}), "upstream gw takes its key from GW_KEY, which is not set");
}

TEST(LoadTest, APathInHomeNeedsHome) {
  EXPECT_EQ(Complaint({{"HOME", ""}}).substr(0, 27), "'~/.headroom' needs HOME, w");
  EXPECT_EQ(LoadWith({{"HOME", ""}}, {"--data-dir", "/srv/h"})->data_dir, "/srv/h");
}

TEST(LoadTest, ModelsComeFromTheSettingBeforeTheFileBeforeTheDataDirectory) {
  const std::string data_dir = testing::TempDir() + "load_test_models." + std::to_string(getpid());
  std::filesystem::create_directories(data_dir);
  std::ofstream(data_dir + "/models.json") << R"({"m": {"context_window": 1, "max_output": 11}, "kept": 4})";
  const TemporaryFile file("[models.m]\ncontext_window = 2\ninput_price = 5\n[models.filed]\ncontext_window = 3\n");
  const Result<Config> config =
      LoadWith({{"HEADROOM_DATA_DIR", data_dir}, {"HEADROOM_MODEL_LIMITS", R"({"m": 9})"}}, {"--config", file.path()});
  std::filesystem::remove_all(data_dir);
  ASSERT_TRUE(config.ok()) << config.status().detail();
  ASSERT_EQ(config->models.size(), 3u);
  EXPECT_EQ(config->models[0].model, "m");
  EXPECT_EQ(config->models[0].context_window, 9u);
  EXPECT_EQ(config->models[0].prices.input, 5'000'000'000);
  EXPECT_EQ(config->models[0].max_output, 11u);
  EXPECT_EQ(config->models[1].model, "filed");
  EXPECT_EQ(config->models[2].model, "kept");
}

TEST(LoadTest, ModelLimitsMayBeAFileAndAreRefusedWithTheirOrigin) {
  const TemporaryFile file(R"({"m": 9})");
  const Result<Config> config = LoadWith({{"HEADROOM_MODEL_LIMITS", file.path()}});
  ASSERT_TRUE(config.ok()) << config.status().detail();
  EXPECT_EQ(config->models[0].context_window, 9u);
  EXPECT_EQ(Complaint({{"HEADROOM_MODEL_LIMITS", R"({"m": "x"})"}}),
            "HEADROOM_MODEL_LIMITS: m: neither a number of tokens nor an object");
}

}  // namespace
}  // namespace headroom::cli
