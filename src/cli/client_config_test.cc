#include "cli/client_config.h"

#include <gtest/gtest.h>

namespace headroom::cli {
namespace {

std::string InJson(const std::string& json, const std::vector<std::string>& path = {"env", "URL"}) {
  const Result<std::string> edited = SetInJson(json, path, "v");
  return edited.ok() ? *edited : "error: " + edited.status().detail();
}

TEST(ClientConfigTest, AJsonMemberIsReplacedInItsPlace) {
  EXPECT_EQ(InJson(R"({"env":{"URL":"old","B":1e400},  "x":[1 , 2]})"),
            R"({"env":{"URL":"v","B":1e400},  "x":[1 , 2]})");
  EXPECT_EQ(InJson(R"({"env":{"URL":"v"}})"), R"({"env":{"URL":"v"}})");
  EXPECT_EQ(InJson(R"({"env":{"URL":{"a":1}}})"), R"({"env":{"URL":"v"}})");
}

TEST(ClientConfigTest, AJsonMemberThatIsNotThereComesLast) {
  EXPECT_EQ(InJson("{\n  \"env\": {\n    \"A\": \"1\"\n  }\n}\n"),
            "{\n  \"env\": {\n    \"A\": \"1\",\n    \"URL\": \"v\"\n  }\n}\n");
  EXPECT_EQ(InJson(R"({"a":1})"), R"({"a":1, "env": {"URL": "v"}})");
  EXPECT_EQ(InJson("{}"), "{\n  \"env\": {\"URL\": \"v\"}\n}");
  EXPECT_EQ(InJson(""), "{\n  \"env\": {\"URL\": \"v\"}\n}\n");
  EXPECT_EQ(InJson("{}", {"a", "b", "c"}), "{\n  \"a\": {\"b\": {\"c\": \"v\"}}\n}");
}

TEST(ClientConfigTest, WhatIsNoJsonObjectIsAnError) {
  for (const char* json : {"[]", "{", "// c\n{}", "{\"a\":1,}", "null"}) {
    EXPECT_EQ(InJson(json), "error: is no JSON object (comments cannot be read)") << json;
  }
  EXPECT_EQ(InJson(R"({"env":[]})"), "error: has a env that is no object");
}

std::string Codex(const std::string& toml) {
  const Result<std::string> edited = SetCodexProvider(toml, "http://p/v1");
  return edited.ok() ? *edited : "error: " + edited.status().detail();
}

TEST(ClientConfigTest, CodexGetsAProviderAndItsTable) {
  const std::string table =
      "[model_providers.headroom]\nname = \"OpenAI through headroom\"\nbase_url = \"http://p/v1\"\n"
      "wire_api = \"responses\"\nrequires_openai_auth = true\n";
  EXPECT_EQ(Codex(""), "model_provider = \"headroom\"\n" + table);
  EXPECT_EQ(Codex("model = \"m\"\nmodel_provider = \"o\" # mine\n[a]\nmodel_provider = \"x\""),
            "model = \"m\"\nmodel_provider = \"headroom\"\n[a]\nmodel_provider = \"x\"\n\n" + table);
}

TEST(ClientConfigTest, CodexKeepsATableThatIsThere) {
  const std::string before =
      "[model_providers.headroom]\nname = \"mine\"\nbase_url = \"http://old\"\nenv_key = \"K\"\n";
  const std::string after =
      "model_provider = \"headroom\"\n[model_providers.headroom]\nname = \"mine\"\nbase_url = \"http://p/v1\"\n"
      "env_key = \"K\"\n";
  EXPECT_EQ(Codex(before), after);
  EXPECT_EQ(Codex(after), after);
}

TEST(ClientConfigTest, TomlOfAnotherFormIsNotChanged) {
  EXPECT_EQ(Codex("model_providers = { headroom = { base_url = \"x\" } }\n").rfind("error: ", 0), 0u);
  EXPECT_EQ(Codex("a = = 1\n").rfind("error: is no TOML: line ", 0), 0u);
  EXPECT_EQ(Codex("s = \"\"\"\nmodel_provider = \"x\"\n\"\"\"\n").rfind("error: ", 0), 0u)
      << "not a setting but a text";
}

TEST(ClientConfigTest, AVariableIsSetOnce) {
  EXPECT_EQ(SetVariable("", "URL", "v"), "URL=v\n");
  EXPECT_EQ(SetVariable("A=1", "URL", "v"), "A=1\nURL=v\n");
  EXPECT_EQ(SetVariable("export URL=x\nA=1\n", "URL", "v"), "URL=v\nA=1\n");
  EXPECT_EQ(SetVariable("URL=v\r\nURLS=2\n", "URL", "v"), "URL=v\r\nURLS=2\n");
}

TEST(ClientConfigTest, FilesAreBelowTheHomeOrWhereTheClientSays) {
  std::map<std::string, std::string> variables = {{"HOME", "/home/ada"}};
  const Environment environment = [&](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
  EXPECT_EQ(FindClient("claude")->path(environment), "/home/ada/.claude/settings.json");
  EXPECT_EQ(FindClient("codex")->path(environment), "/home/ada/.codex/config.toml");
  EXPECT_EQ(FindClient("opencode")->path(environment), "/home/ada/.config/opencode/opencode.json");
  variables["CODEX_HOME"] = "/c";
  EXPECT_EQ(FindClient("codex")->path(environment), "/c/config.toml");
  variables.clear();
  EXPECT_EQ(FindClient("qwen")->path(environment), "");
  EXPECT_EQ(FindClient("vim"), nullptr);
}

}  // namespace
}  // namespace headroom::cli
