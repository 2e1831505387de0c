#include "cli/config_file.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace headroom::cli {
namespace {

std::string Complaint(std::string_view text) {
  const Result<FileSettings> settings = ParseConfigText(text, "h.toml");
  return settings.ok() ? "" : settings.status().detail();
}

TEST(ConfigFileTest, ValuesBecomeTextWithTheirPosition) {
  const Result<FileSettings> settings = ParseConfigText(
      "port = 8080\n"
      "optimize = false\n"
      "budget = 12.5\n"
      "  protect_tools = [\"Bash\", \"Read\"]\n",
      "h.toml");
  ASSERT_TRUE(settings.ok()) << settings.status().detail();
  std::vector<std::string> seen;
  for (const Assignment& assignment : settings->assignments) {
    seen.push_back(assignment.where + " " + std::string(assignment.option->key) + "=" + assignment.text);
  }
  std::sort(seen.begin(), seen.end());
  EXPECT_EQ(seen, (std::vector<std::string>{"h.toml:1:1 port=8080", "h.toml:2:1 optimize=false",
                                            "h.toml:3:1 budget=12.5", "h.toml:4:3 protect_tools=Bash,Read"}));
}

TEST(ConfigFileTest, UnknownKeyIsRefusedWithLineAndColumn) {
  EXPECT_EQ(Complaint("port = 1\n prot = 2\n"), "h.toml:2:2: unknown key 'prot' (did you mean 'port'?)");
}

TEST(ConfigFileTest, TheFileCannotNameAnotherFile) {
  EXPECT_EQ(Complaint("config = \"x.toml\"\n"), "h.toml:1:1: unknown key 'config'");
}

TEST(ConfigFileTest, TextThatIsNotTomlIsRefusedWithLineAndColumn) {
  EXPECT_EQ(Complaint("port = 1\nhost = \n").substr(0, 9), "h.toml:2:");
}

TEST(ConfigFileTest, ValueOfTheWrongTypeIsRefused) {
  EXPECT_EQ(Complaint("port = \"8080\"\n"), "h.toml:1:1: port must be a number");
  EXPECT_EQ(Complaint("optimize = 1\n"), "h.toml:1:1: optimize must be true or false");
  EXPECT_EQ(Complaint("host = 5\n"), "h.toml:1:1: host must be a string");
  EXPECT_EQ(Complaint("protect_tools = [1]\n"), "h.toml:1:1: protect_tools must be an array of strings");
}

TEST(ConfigFileTest, FileIsLimitedToOneMebibyte) {
  std::string text(1 << 20, '#');
  EXPECT_EQ(Complaint(text), "");
  text.push_back('#');
  EXPECT_EQ(Complaint(text), "h.toml: larger than 1 MiB");
}

TEST(ConfigFileTest, UpstreamTablesAreReadInOrder) {
  const Result<FileSettings> settings = ParseConfigText(R"(
[[upstream]]
name = "openrouter"
base_url = "https://openrouter.ai/api/"
api = "chat"
models = ["openrouter/*", "qwen-3"]
key_env = "OPENROUTER_API_KEY"

[[upstream]]
name = "gateway"
base_url = "http://10.0.0.1:4000"
api = ["messages", "responses"]
paths = "/v1/messages"
)",
                                                        "h.toml");
  ASSERT_TRUE(settings.ok()) << settings.status().detail();
  ASSERT_EQ(settings->upstreams.size(), 2u);
  const Upstream& first = settings->upstreams[0];
  EXPECT_EQ(first.name, "openrouter");
  EXPECT_EQ(first.base_url, "https://openrouter.ai/api");
  EXPECT_EQ(first.apis, std::vector<Api>{Api::kChat});
  EXPECT_EQ(first.models, (std::vector<std::string>{"openrouter/*", "qwen-3"}));
  EXPECT_EQ(first.key_env, "OPENROUTER_API_KEY");
  const Upstream& second = settings->upstreams[1];
  EXPECT_EQ(second.apis, (std::vector<Api>{Api::kMessages, Api::kResponses}));
  EXPECT_EQ(second.paths, std::vector<std::string>{"/v1/messages"});
  EXPECT_EQ(second.key_env, "");
}

TEST(ConfigFileTest, IncompleteUpstreamIsRefused) {
  EXPECT_EQ(Complaint("[[upstream]]\nbase_url = \"http://h\"\n"), "h.toml:1:1: an upstream needs a name");
  EXPECT_EQ(Complaint("[[upstream]]\nname = \"a\"\n"), "h.toml:1:1: upstream a needs a base_url");
  EXPECT_EQ(Complaint("[[upstream]]\nname = \"a\"\nbase_url = \"http://h\"\n"),
            "h.toml:1:1: upstream a needs an api: messages, chat or responses");
  EXPECT_EQ(Complaint("[[upstream]]\nname = \"a\"\nbase_url = \"http://h\"\napi = \"chat\"\n"),
            "h.toml:1:1: upstream a needs models or paths that it serves");
}

TEST(ConfigFileTest, UnusableUpstreamValueIsRefusedWhereItStands) {
  const std::string head = "[[upstream]]\nname = \"a\"\n";
  EXPECT_EQ(Complaint(head + "api = \"completion\"\n"),
            "h.toml:3:1: api: 'completion' is not messages, chat or responses");
  EXPECT_EQ(Complaint(head + "base_url = \"h\"\n").substr(0, 12), "h.toml:3:1: ");
  EXPECT_EQ(Complaint(head + "models = [\"a*b\"]\n"), "h.toml:3:1: 'a*b' may hold one *, at its end");
  EXPECT_EQ(Complaint(head + "paths = [\"v1/x\"]\n"), "h.toml:3:1: path 'v1/x' must begin with /");
  EXPECT_EQ(Complaint(head + "colour = \"red\"\n"), "h.toml:3:1: unknown key 'colour' in an upstream");
  EXPECT_EQ(Complaint("upstream = 1\n"), "h.toml:1:1: upstream must be written as [[upstream]] tables");
}

TEST(ConfigFileTest, UpstreamNamesAreUniqueAndNotThoseOfTheDefaultRows) {
  const std::string row = "[[upstream]]\nname = \"a\"\nbase_url = \"http://h\"\napi = \"chat\"\nmodels = [\"m\"]\n";
  EXPECT_EQ(Complaint(row), "");
  EXPECT_EQ(Complaint(row + row), "h.toml:6:1: a second upstream is named 'a'");
  EXPECT_EQ(Complaint("[[upstream]]\nname = \"openai\"\n"),
            "h.toml:2:1: the upstream 'openai' exists already; openai_api_url sets its URL");
}

TEST(ConfigFileTest, TheTableIsLimitedTo256Rows) {
  std::string text;
  for (int i = 0; i < 256; ++i) {
    text += "[[upstream]]\nname = \"a" + std::to_string(i) +
            "\"\nbase_url = \"http://h\"\napi = \"chat\"\nmodels = [\"m\"]\n";
  }
  EXPECT_EQ(Complaint(text), "");
  EXPECT_NE(Complaint(text + "[[upstream]]\nname = \"one-more\"\n").find("more than 256"), std::string::npos);
}

TEST(ConfigFileTest, AFileThatIsNotThereIsNamed) {
  const Result<FileSettings> settings = ReadConfigFile("/nonexistent/h.toml");
  EXPECT_EQ(settings.status().code(), Code::kNotFound);
  EXPECT_EQ(settings.status().detail(), "cannot read the configuration file /nonexistent/h.toml");
}

}  // namespace
}  // namespace headroom::cli
