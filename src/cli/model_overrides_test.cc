#include "cli/model_overrides.h"

#include <gtest/gtest.h>

#include "cli/config_file.h"

namespace headroom::cli {
namespace {

using policy::ModelOverride;

std::vector<ModelOverride> Parse(std::string_view json) {
  Result<std::vector<ModelOverride>> models = ParseModelOverrides(json, "X");
  EXPECT_TRUE(models.ok()) << models.status().detail();
  return models.ok() ? *std::move(models) : std::vector<ModelOverride>();
}

std::string Complaint(std::string_view json) { return ParseModelOverrides(json, "X").status().detail(); }

TEST(ModelOverridesTest, ANumberIsAContextWindow) {
  const std::vector<ModelOverride> models = Parse(R"({"my-model": 200000, "other*": 1})");
  ASSERT_EQ(models.size(), 2u);
  EXPECT_EQ(models[0].model, "my-model");
  EXPECT_EQ(models[0].context_window, 200'000u);
  EXPECT_EQ(models[1].model, "other*");
}

TEST(ModelOverridesTest, AnObjectSaysMore) {
  const std::vector<ModelOverride> models =
      Parse(R"({"m": {"context_window": 5, "max_output": 4, "input_price": 3, "output_price": 0.25,
                      "cache_read_price": 0.3, "cache_write_price": 3.75, "cache_write_1h_price": 6}})");
  ASSERT_EQ(models.size(), 1u);
  EXPECT_EQ(models[0].context_window, 5u);
  EXPECT_EQ(models[0].max_output, 4u);
  EXPECT_EQ(models[0].prices, (policy::Prices{3'000'000'000, 250'000'000, 300'000'000, 3'750'000'000, 6'000'000'000}));
}

TEST(ModelOverridesTest, ProvidersGroupLimitsAndPrices) {
  const std::vector<ModelOverride> models = Parse(
      R"({"anthropic": {"context_limits": {"claude-x": 300000}, "pricing": {"claude-x": {"input": 3, "output": 15, "cached_input": 0.3}}},
          "openai": {"pricing": {"gpt-x": [2.5, 10]}, "encodings": {"gpt-x": "o200k_base"}, "gpt-y": 7}})");
  ASSERT_EQ(models.size(), 4u);
  EXPECT_EQ(models[0].model, "claude-x");
  EXPECT_EQ(models[0].context_window, 300'000u);
  EXPECT_EQ(models[1].prices.cache_read, 300'000'000);
  EXPECT_EQ(models[2].model, "gpt-x");
  EXPECT_EQ(models[2].prices.input, 2'500'000'000);
  EXPECT_EQ(models[2].prices.output, 10'000'000'000);
  EXPECT_EQ(models[3].context_window, 7u);
}

TEST(ModelOverridesTest, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(Complaint("nonsense"), "X: not JSON");
  EXPECT_EQ(Complaint("[1]"), "X: models are a JSON object");
  EXPECT_EQ(Complaint(R"({"m": "5"})"), "X: m: neither a number of tokens nor an object");
  EXPECT_EQ(Complaint(R"({"m": {"context_window": 5, "colour": 1}})"), "X: m: colour: unknown key");
  EXPECT_EQ(Complaint(R"({"p": {"context_limits": 5}})"), "X: context_limits: is not an object");
  EXPECT_EQ(Complaint(R"({"p": {"pricing": {"m": [1]}}})"), "X: m: a pair is [input, output]");
  EXPECT_EQ(Complaint(R"({"": 5})"), "X: a model's name has 1 to 256 bytes");
  EXPECT_NE(Complaint(R"({"m": {"input_price": -1}})"), "");
  EXPECT_NE(Complaint(R"({"m": {"input_price": "3"}})"), "");
}

TEST(ModelOverridesTest, WindowsAreBetweenOneAndAHundredMillionTokens) {
  EXPECT_EQ(Parse(R"({"m": 1})")[0].context_window, 1u);
  EXPECT_EQ(Parse(R"({"m": 100000000})")[0].context_window, 100'000'000u);
  EXPECT_NE(Complaint(R"({"m": 0})"), "");
  EXPECT_NE(Complaint(R"({"m": 100000001})"), "");
  EXPECT_NE(Complaint(R"({"m": 1.5})"), "");
}

TEST(ModelOverridesTest, NamesHave256BytesAtMost) {
  const auto named = [](size_t size) { return R"({")" + std::string(size, 'm') + R"(": 5})"; };
  EXPECT_EQ(Complaint(named(256)), "");
  EXPECT_EQ(Complaint(named(257)), "X: a model's name has 1 to 256 bytes");
}

TEST(ModelOverridesTest, SoManyModelsAndNotOneMore) {
  std::string json = "{";
  for (size_t i = 0; i < kMaxModels; ++i) json.append(i == 0 ? "" : ",").append("\"m" + std::to_string(i) + "\":5");
  EXPECT_EQ(Parse(json + "}").size(), kMaxModels);
  EXPECT_EQ(Complaint(json + R"(,"n":5})"), "X: more than 4,096 models");
}

TEST(ModelOverridesTest, TextIsLimitedToOneMebibyte) {
  const std::string json = R"({"m": 5})";
  EXPECT_EQ(Complaint(json + std::string(kMaxModelsBytes - json.size(), ' ')), "");
  EXPECT_EQ(Complaint(json + std::string(kMaxModelsBytes - json.size() + 1, ' ')), "X: larger than 1 MiB");
}

TEST(ModelOverridesTest, AFileThatIsNotThereIsNamed) {
  EXPECT_EQ(ReadModelOverrides("/nowhere/models.json", "HEADROOM_MODEL_LIMITS").status().detail(),
            "HEADROOM_MODEL_LIMITS: cannot read /nowhere/models.json");
}

TEST(ModelOverridesTest, TheStrongerWinsMemberByMember) {
  std::vector<ModelOverride> models = Parse(R"({"m": 5})");
  AddWeaker(Parse(R"({"m": {"context_window": 6, "max_output": 7}, "n": 8})"), models);
  ASSERT_EQ(models.size(), 2u);
  EXPECT_EQ(models[0].context_window, 5u);
  EXPECT_EQ(models[0].max_output, 7u);
  EXPECT_EQ(models[1].context_window, 8u);
}

TEST(ModelOverridesTest, TheConfigurationFileHasTablesOfModels) {
  const Result<FileSettings> settings =
      ParseConfigText("port = 1\n[models.\"my-model\"]\ncontext_window = 200000\ninput_price = 2.5\n", "h.toml");
  ASSERT_TRUE(settings.ok()) << settings.status().detail();
  ASSERT_EQ(settings->models.size(), 1u);
  EXPECT_EQ(settings->models[0].model, "my-model");
  EXPECT_EQ(settings->models[0].context_window, 200'000u);
  EXPECT_EQ(settings->models[0].prices.input, 2'500'000'000);
  const auto complaint = [](std::string_view text) { return ParseConfigText(text, "h.toml").status().detail(); };
  EXPECT_EQ(complaint("models = 5\n"), "h.toml:1:1: models must be written as [models.\"NAME\"] tables");
  EXPECT_EQ(complaint("[models.m]\ncolour = 5\n"), "h.toml:2:1: unknown key 'colour' in a model");
  EXPECT_EQ(complaint("[models.m]\nmax_output = \"5\"\n"), "h.toml:2:1: max_output must be a number");
  EXPECT_NE(complaint("[models.m]\nmax_output = 0\n"), "");
}

}  // namespace
}  // namespace headroom::cli
