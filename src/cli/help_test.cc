#include "cli/help.h"

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "cli/options.h"

namespace headroom::cli {
namespace {

// The text between the two marks of docs/configuration.md.
std::string ReferenceInDocs() {
  std::ifstream file(HEADROOM_SOURCE_DIR "/docs/configuration.md");
  std::stringstream buffer;
  buffer << file.rdbuf();
  const std::string text = buffer.str();
  const std::string begin = "<!-- headroom options -->\n\n";
  const size_t from = text.find(begin);
  const size_t to = text.find("\n<!-- end of headroom options -->");
  if (from == std::string::npos || to == std::string::npos) return "";
  return text.substr(from + begin.size(), to - from - begin.size());
}

TEST(HelpTest, ConfigurationPageHoldsTheCurrentReference) {
  EXPECT_EQ(ReferenceInDocs(), OptionsReference()) << "put the output of `headroom options` between the marks";
}

TEST(HelpTest, EveryOptionIsListedByItsSpecifiedSpelling) {
  const std::string help = ProxyHelpText();
  for (const char* flag : {"--host", "-p, --port", "--no-optimize", "--no-cache", "--no-rate-limit", "--log-file",
                           "--budget", "--openai-api-url", "--anthropic-api-url", "--no-intelligent-context",
                           "--no-intelligent-scoring", "--no-compress-first", "--llmlingua ", "--llmlingua-device",
                           "--llmlingua-rate", "--workers", "--data-dir", "--config", "--log-level"}) {
    EXPECT_NE(help.find(flag), std::string::npos) << flag;
  }
}

TEST(HelpTest, LinesFitTheTerminal) {
  std::istringstream lines(ProxyHelpText() + HelpText() + CompressHelpText() + RetrieveHelpText() + PricesHelpText() +
                           ToinHelpText());
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 120u) << line;
}

TEST(OptionsTest, KeysFlagsAndVariablesAreUnique) {
  std::set<std::string> names;
  for (const Option& option : Options()) {
    std::vector<std::string> own = {Flag(option), EnvironmentName(option)};
    if (option.kind == Kind::kSwitch) own.push_back(EnvironmentName(option, false));
    if (!option.other_env.empty()) own.emplace_back(option.other_env);
    if (!option.other_flag.empty()) own.emplace_back(option.other_flag);
    for (const std::string& name : own) EXPECT_TRUE(names.insert(name).second) << name;
  }
}

TEST(OptionsTest, WhatIsPrintedCanBeReadAgain) {
  for (const Option& option : Options()) {
    const std::string text = option.print(Config());
    if (text.empty() || !option.default_text.empty()) continue;
    Config config;
    EXPECT_TRUE(option.set(text, config).ok()) << option.key;
    EXPECT_EQ(option.print(config), text) << option.key;
  }
}

}  // namespace
}  // namespace headroom::cli
