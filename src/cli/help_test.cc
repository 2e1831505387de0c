#include "cli/help.h"

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "cli/commands.h"
#include "cli/options.h"
#include "cli/options_command.h"

namespace headroom::cli {
namespace {

std::string Page(const std::string& name) {
  std::ifstream file(HEADROOM_SOURCE_DIR "/docs/" + name);
  std::stringstream buffer;
  buffer << file.rdbuf();
  return buffer.str();
}

// The text between the two marks of docs/configuration.md.
std::string ReferenceInDocs() {
  const std::string text = Page("configuration.md");
  const std::string begin = "<!-- headroom options -->\n\n";
  const size_t from = text.find(begin);
  const size_t to = text.find("\n<!-- end of headroom options -->");
  if (from == std::string::npos || to == std::string::npos) return "";
  return text.substr(from + begin.size(), to - from - begin.size());
}

TEST(HelpTest, ConfigurationPageHoldsTheCurrentReference) {
  EXPECT_EQ(ReferenceInDocs(), OptionsReference()) << "put the output of `headroom options` between the marks";
}

// The settings of `headroom proxy` are on the page of the configuration.
TEST(HelpTest, CommandsPageHoldsTheCurrentHelp) {
  const std::string page = Page("commands.md");
  for (const Command& command : Commands()) {
    if (command.name == "proxy") continue;
    EXPECT_NE(page.find("```\n" + CommandHelpText(command) + "```\n"), std::string::npos)
        << "put the output of `headroom " << command.name << " --help` into docs/commands.md";
  }
}

TEST(HelpTest, ConfigurationPageNamesWhatIsReadAgain) {
  const std::string page = Page("configuration.md");
  const size_t begin = page.find("<!-- reloaded -->");
  std::istringstream list(page.substr(begin, page.find("<!-- end of reloaded -->") - begin));
  std::vector<std::string> named;
  for (std::string word; list >> word;) {
    if (word.starts_with('`')) named.push_back(word.substr(1, word.find('`', 1) - 1));
  }
  std::vector<std::string> reloaded;
  for (const Option& option : Options()) {
    if (option.reloads) reloaded.emplace_back(option.key);
  }
  EXPECT_EQ(named, reloaded);
}

TEST(HelpTest, EveryOptionIsListedByItsSpecifiedSpelling) {
  const std::string help = CommandHelpText(*FindCommand("proxy"));
  for (const char* flag : {"--host", "-p, --port", "--no-optimize", "--no-cache", "--no-rate-limit", "--log-file",
                           "--budget", "--openai-api-url", "--anthropic-api-url", "--no-intelligent-context",
                           "--no-intelligent-scoring", "--no-compress-first", "--llmlingua ", "--llmlingua-device",
                           "--llmlingua-rate", "--workers", "--data-dir", "--config", "--log-level"}) {
    EXPECT_NE(help.find(flag), std::string::npos) << flag;
  }
}

TEST(HelpTest, LinesFitTheTerminal) {
  std::string text = HelpText(Commands());
  for (const Command& command : Commands()) text += CommandHelpText(command);
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 120u) << line;
}

TEST(HelpTest, TheProgramsHelpListsEveryCommand) {
  const std::string help = HelpText(Commands());
  for (const Command& command : Commands()) {
    EXPECT_NE(help.find("\n  " + std::string(command.name) + " "), std::string::npos) << command.name;
  }
}

TEST(HelpTest, ACommandsHelpHasUsageOptionsByGroupAndExitStatus) {
  const Command command{
      .name = "weigh",
      .summary = "Weigh a thing",
      .usage = {"[OPTIONS] THING", "--list"},
      .about = "Weighs THING.\n\nTwice.",
      .options = {{.flag = "--in", .value = "UNIT", .help = "Unit", .group = "Scale", .short_flag = 'i'},
                  {.flag = "--net", .help = "Without the box", .group = "Scale", .no_flag = "--no-net"},
                  {.flag = "--list", .help = "List what can be weighed", .group = "Things"}},
      .exit_status = "0 done."};
  EXPECT_EQ(CommandHelpText(command),
            "Usage: headroom weigh [OPTIONS] THING\n"
            "       headroom weigh --list\n"
            "\n"
            "Weighs THING.\n"
            "\n"
            "Twice.\n"
            "\n"
            "Scale:\n"
            "  -i, --in UNIT                   Unit\n"
            "      --net                       Without the box\n"
            "\n"
            "Things:\n"
            "      --list                      List what can be weighed\n"
            "\n"
            "  -h, --help                      Print this help\n"
            "\n"
            "Exit status: 0 done.\n");
}

TEST(HelpTest, LongHelpIsBrokenBetweenWords) {
  std::string words;
  for (int i = 0; i < 60; ++i) words += (i == 0 ? "" : " ") + std::string("word");
  const std::string help = CommandHelpText({.name = "x", .usage = {""}, .options = {{.flag = "--y", .help = words}}});
  EXPECT_NE(help.find("\n" + std::string(34, ' ') + "word"), std::string::npos);
  std::string joined;
  std::istringstream in(help.substr(help.find("word")));
  for (std::string word; in >> word && word == "word";) joined += (joined.empty() ? "" : " ") + word;
  EXPECT_EQ(joined, words);
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

TEST(OptionsTest, ASecretIsNeverPrinted) {
  size_t secrets = 0;
  for (const Option& option : Options()) {
    if (!option.secret) continue;
    ++secrets;
    Config config;
    ASSERT_TRUE(option.set(option.key == "encryption_key" ? std::string(64, '0') : "the-secret-itself", config).ok())
        << option.key;
    EXPECT_EQ(option.print(config), "********") << option.key;
  }
  EXPECT_GE(secrets, 2u);
}

}  // namespace
}  // namespace headroom::cli
