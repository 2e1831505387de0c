#include "cli/compress_settings.h"

#include <gtest/gtest.h>

#include <map>

namespace headroom::cli {
namespace {

Environment Variables(const std::map<std::string, std::string>& variables) {
  return [variables](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
}

CompressSettings Read(const CompressOptions& options, std::map<std::string, std::string> variables = {}) {
  variables.emplace("HOME", "/home/ada");
  const Result<CompressSettings> settings = ReadCompressSettings(options, Variables(variables));
  EXPECT_TRUE(settings.ok()) << settings.status().detail();
  return settings.ok() ? *settings : CompressSettings();
}

std::string Complaint(const CompressOptions& options) {
  return ReadCompressSettings(options, Variables({{"HOME", "/home/ada"}})).status().detail();
}

TEST(CompressSettingsTest, ABudgetIsAShareOrANumberOfTokens) {
  EXPECT_EQ(*ParseBudget("0.3"), (Budget{0.3, {}}));
  EXPECT_EQ(*ParseBudget("1.0"), (Budget{1.0, {}}));
  EXPECT_EQ(*ParseBudget("30%"), (Budget{0.3, {}}));
  EXPECT_EQ(*ParseBudget("100%"), (Budget{1.0, {}}));
  EXPECT_EQ(*ParseBudget("1"), (Budget{{}, 1}));
  EXPECT_EQ(*ParseBudget("2000"), (Budget{{}, 2000}));
  for (const char* text : {"", "0", "0.0", "1.1", "-5", "101%", "0%", "%", "two", "1e3", "2000 tokens"}) {
    EXPECT_FALSE(ParseBudget(text).ok()) << text;
  }
}

TEST(CompressSettingsTest, EveryKindIsKnownByItsName) {
  EXPECT_EQ(*ParseKind("auto"), std::nullopt);
  EXPECT_EQ(*ParseKind("log"), text::Kind::kLog);
  EXPECT_EQ(*ParseKind("html"), text::Kind::kHtml);
  EXPECT_EQ(ParseKind("Log").status().detail(),
            "'Log' is none of auto, plain, json, search, log, diff, code, table, html");
}

TEST(CompressSettingsTest, TheCallMayComeFromTheEnvironment) {
  const std::map<std::string, std::string> variables = {
      {"CASE_QUERY", "why?"}, {"CASE_TOOL", "Bash"}, {"CASE_ARGS", "{}"}};
  const CompressSettings from_environment = Read({}, variables);
  EXPECT_EQ(from_environment.query, "why?");
  EXPECT_EQ(from_environment.tool, "Bash");
  EXPECT_EQ(from_environment.args, "{}");
  CompressOptions options;
  options.query = "";
  options.tool = "Grep";
  const CompressSettings from_options = Read(options, variables);
  EXPECT_EQ(from_options.query, "");
  EXPECT_EQ(from_options.tool, "Grep");
  EXPECT_EQ(from_options.args, "{}");
}

TEST(CompressSettingsTest, WithoutAModelTheCountIsOfOneThatCanBeCountedExactly) {
  EXPECT_EQ(Read({}).model, "gpt-5");
  CompressOptions options;
  options.model = "claude-sonnet-4-5";
  EXPECT_EQ(Read(options).model, "claude-sonnet-4-5");
}

TEST(CompressSettingsTest, PartsAreLeftOutUnlessItIsToBeLossless) {
  EXPECT_TRUE(Read({}).gaps);
  CompressOptions options;
  options.lossless = true;
  EXPECT_FALSE(Read(options).gaps);
}

TEST(CompressSettingsTest, TheSettingsOfTheProxyHold) {
  EXPECT_FALSE(Read({}).fold_reads);
  EXPECT_EQ(Read({}).config.data_dir, "/home/ada/.headroom");
  const CompressSettings settings = Read(
      {}, {{"HEADROOM_READS", "fold"}, {"HEADROOM_TOOL_PROFILES", "Bash:aggressive"}, {"HEADROOM_DATA_DIR", "/d"}});
  EXPECT_TRUE(settings.fold_reads);
  EXPECT_EQ(settings.config.data_dir, "/d");
  CompressOptions options;
  options.tool = "Bash";
  options.reads = "whole";
  options.data_dir = "/e";
  const CompressSettings stronger =
      Read(options,
           {{"HEADROOM_READS", "fold"}, {"HEADROOM_TOOL_PROFILES", "Bash:aggressive"}, {"HEADROOM_DATA_DIR", "/d"}});
  EXPECT_FALSE(stronger.fold_reads);
  EXPECT_EQ(stronger.level, text::Level::kAggressive);
  EXPECT_EQ(stronger.config.data_dir, "/e");
}

TEST(CompressSettingsTest, MistakesNameTheOption) {
  CompressOptions options;
  options.kind = "logs";
  EXPECT_TRUE(Complaint(options).starts_with("--kind: 'logs' is none of auto,")) << Complaint(options);
  options = {};
  options.budget = "much";
  EXPECT_EQ(Complaint(options), "--budget: 'much' is not a number of tokens, a share like 0.3 or a percentage");
  options = {};
  options.reads = "some";
  EXPECT_TRUE(Complaint(options).starts_with("--reads: 'some' is not")) << Complaint(options);
  options = {};
  options.config = "/nowhere/headroom.toml";
  EXPECT_EQ(Complaint(options), "cannot read the configuration file /nowhere/headroom.toml");
}

}  // namespace
}  // namespace headroom::cli
