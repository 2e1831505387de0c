#include "cli/command_line.h"

#include <gtest/gtest.h>

#include "cli/commands.h"
#include "cli/compress_command.h"
#include "cli/setting_options.h"

namespace headroom::cli {
namespace {

Result<CommandLine> Parse(const std::vector<std::string>& arguments) { return ParseCommandLine(arguments, Commands()); }

// "run proxy", "help", "help compress", "version", or the complaint.
std::string WishOf(const std::vector<std::string>& arguments) {
  const Result<CommandLine> parsed = Parse(arguments);
  if (!parsed.ok()) return parsed.status().detail();
  const std::string name = parsed->command == nullptr ? "" : " " + std::string(parsed->command->name);
  switch (parsed->wish) {
    case CommandLine::Wish::kRun:
      return "run" + name;
    case CommandLine::Wish::kHelp:
      return "help" + name;
    case CommandLine::Wish::kVersion:
      break;
  }
  return "version" + name;
}

std::string Complaint(const std::vector<std::string>& arguments) { return Parse(arguments).status().detail(); }

// "--port=80 --no-cache=false": where and text of each assignment.
std::string GivenSettings(const std::vector<std::string>& arguments) {
  const Result<CommandLine> parsed = Parse(arguments);
  if (!parsed.ok()) return parsed.status().detail();
  std::string out;
  for (const Assignment& assignment : SettingAssignments(parsed->given)) {
    out += (out.empty() ? "" : " ") + assignment.where + "=" + assignment.text;
  }
  return out;
}

std::vector<std::string> ArgumentsOf(const std::vector<std::string>& arguments, const Command& command) {
  const Result<CommandLine> parsed = ParseCommandLine(arguments, std::span(&command, 1));
  EXPECT_TRUE(parsed.ok()) << parsed.status().detail();
  return parsed.ok() ? parsed->given.arguments() : std::vector<std::string>();
}

TEST(CommandLineTest, CommandsAreTakenFromTheirPlace) {
  EXPECT_EQ(WishOf({"--version"}), "version");
  EXPECT_EQ(WishOf({"--help"}), "help");
  EXPECT_EQ(WishOf({"-h"}), "help");
  EXPECT_EQ(WishOf({"options"}), "run options");
  EXPECT_EQ(WishOf({"retrieve", "abc"}), "run retrieve");
  EXPECT_EQ(WishOf({"compress", "prices"}), "run compress") << "a file may have a command's name";
}

TEST(CommandLineTest, EveryCommandHasHelp) {
  for (const Command& command : Commands()) {
    for (const char* flag : {"-h", "--help"}) {
      EXPECT_EQ(WishOf({std::string(command.name), flag}), "help " + std::string(command.name));
    }
  }
}

TEST(CommandLineTest, CompressReadsAFileOrStandardInput) {
  EXPECT_EQ(CompressOptionsFrom(Parse({"compress"})->given).file, "-");
  EXPECT_EQ(CompressOptionsFrom(Parse({"compress", "-"})->given).file, "-");
  EXPECT_EQ(CompressOptionsFrom(Parse({"compress", "build.log", "--stats"})->given).file, "build.log");
}

TEST(CommandLineTest, CompressTakesWhatIsKnownOfTheText) {
  const CompressOptions options = CompressOptionsFrom(
      Parse({"compress",   "--query", "why did it fail", "--tool=Bash", "--args",   R"({"command":"make"})",
             "--kind",     "log",     "--budget",        "0.3",         "--model",  "gpt-5",
             "--reads",    "fold",    "--data-dir",      "/d",          "--config", "c.toml",
             "--lossless", "--stats", "--json",          "--diff"})
          ->given);
  EXPECT_EQ(options.query, "why did it fail");
  EXPECT_EQ(options.tool, "Bash");
  EXPECT_EQ(options.args, R"({"command":"make"})");
  EXPECT_EQ(options.kind, "log");
  EXPECT_EQ(options.budget, "0.3");
  EXPECT_EQ(options.model, "gpt-5");
  EXPECT_EQ(options.reads, "fold");
  EXPECT_EQ(options.data_dir, "/d");
  EXPECT_EQ(options.config, "c.toml");
  EXPECT_TRUE(options.lossless && options.stats && options.json && options.diff);
  const CompressOptions none =
      CompressOptionsFrom(Parse({"compress", "--query", "a", "--query", "", "--stats", "--stats"})->given);
  EXPECT_EQ(none.query, "");
  EXPECT_FALSE(none.tool.has_value() || none.lossless || none.json || none.diff);
}

TEST(CommandLineTest, OptionsAndArgumentsMayBeMixed) {
  const Given given = Parse({"retrieve", "--key-env", "MY_KEY", "0123", "--query", "disk", "--data-dir=/d"})->given;
  EXPECT_EQ(given.Argument(0), "0123");
  EXPECT_EQ(given.Text("--query"), "disk");
  EXPECT_EQ(given.Text("--key-env"), "MY_KEY");
  EXPECT_EQ(given.Text("--data-dir"), "/d");
  EXPECT_EQ(given.Text("--config"), std::nullopt);
}

TEST(CommandLineTest, EachSpellingOfAValueIsTaken) {
  EXPECT_EQ(GivenSettings({"proxy", "--port", "80"}), "--port=80");
  EXPECT_EQ(GivenSettings({"proxy", "--port=80"}), "--port=80");
  EXPECT_EQ(GivenSettings({"proxy", "-p", "80"}), "--port=80");
  EXPECT_EQ(GivenSettings({"proxy", "-p80"}), "--port=80");
}

TEST(CommandLineTest, SwitchesHaveAnOpposite) {
  EXPECT_EQ(GivenSettings({"proxy", "--no-optimize"}), "--no-optimize=false");
  EXPECT_EQ(GivenSettings({"proxy", "--optimize"}), "--optimize=true");
  EXPECT_EQ(GivenSettings({"proxy", "--llmlingua"}), "--llmlingua=true");
  EXPECT_EQ(GivenSettings({"proxy", "--no-llmlingua"}), "--no-llmlingua=false");
}

TEST(CommandLineTest, TheLastOfSeveralValuesCounts) {
  EXPECT_EQ(GivenSettings({"proxy", "--port", "80", "--port", "81"}), "--port=81");
  EXPECT_EQ(GivenSettings({"proxy", "--no-cache", "--cache"}), "--cache=true");
}

TEST(CommandLineTest, AListMayBeGivenItemByItem) {
  EXPECT_EQ(GivenSettings({"proxy", "--tool-profile", "Bash:off", "--tool-profile", "Grep:aggressive"}),
            "--tool-profiles=Bash:off,Grep:aggressive");
  EXPECT_EQ(GivenSettings({"proxy", "--protect-tools", "a,b", "--protect-tools", "c"}), "--protect-tools=a,b,c");
}

TEST(CommandLineTest, EveryOptionOfTheSpecificationIsKnown) {
  EXPECT_EQ(GivenSettings({"proxy",
                           "--host",
                           "0.0.0.0",
                           "--no-optimize",
                           "--no-cache",
                           "--no-rate-limit",
                           "--log-file",
                           "/tmp/l",
                           "--budget",
                           "100.0",
                           "--openai-api-url",
                           "http://o",
                           "--anthropic-api-url",
                           "http://a",
                           "--no-intelligent-context",
                           "--no-intelligent-scoring",
                           "--no-compress-first",
                           "--llmlingua",
                           "--llmlingua-device",
                           "cpu",
                           "--llmlingua-rate",
                           "0.5",
                           "--workers",
                           "2",
                           "--data-dir",
                           "/tmp/d",
                           "--config",
                           "c.toml",
                           "--log-level",
                           "debug"}),
            "--host=0.0.0.0 --workers=2 --no-optimize=false --no-intelligent-context=false "
            "--no-intelligent-scoring=false --no-compress-first=false --llmlingua=true --llmlingua-device=cpu "
            "--llmlingua-rate=0.5 --anthropic-api-url=http://a --openai-api-url=http://o --no-cache=false "
            "--no-rate-limit=false --budget=100.0 --data-dir=/tmp/d --config=c.toml --log-level=debug "
            "--log-file=/tmp/l");
}

TEST(CommandLineTest, AnArgumentMayBeOneOfSomeWords) {
  EXPECT_EQ(Parse({"toin", "import", "f.json"})->given.arguments(), (std::vector<std::string>{"import", "f.json"}));
  EXPECT_EQ(Complaint({"toin"}), "export, import or stats is missing (headroom toin --help lists the options)");
  EXPECT_EQ(Complaint({"toin", "send"}), "unknown action send (headroom toin --help lists the options)");
  EXPECT_EQ(Complaint({"toin", "export", "f", "g"}), "unexpected argument g (headroom toin --help lists the options)");
}

TEST(CommandLineTest, AfterTwoDashesEverythingIsAnArgument) {
  EXPECT_EQ(Parse({"compress", "--stats", "--", "--diff"})->given.arguments(), std::vector<std::string>{"--diff"});
  EXPECT_FALSE(Parse({"compress", "--", "--stats"})->given.On("--stats"));
}

TEST(CommandLineTest, OptionsBehindAnotherProgramsNameAreItsOwn) {
  const Command command{.name = "do",
                        .options = {{.flag = "--port", .value = "PORT", .short_flag = 'p'}},
                        .arguments = {{.name = "PROGRAM", .noun = "program", .required = true, .repeated = true}},
                        .passes_on = true};
  using List = std::vector<std::string>;
  EXPECT_EQ(ArgumentsOf({"do", "--port", "1", "claude", "-p", "hi", "--help"}, command),
            (List{"claude", "-p", "hi", "--help"}));
  EXPECT_EQ(ArgumentsOf({"do", "-p1", "--", "claude", "--", "--port", "2"}, command),
            (List{"claude", "--", "--port", "2"}));
  EXPECT_EQ(ParseCommandLine({"do", "--prot"}, std::span(&command, 1)).status().detail(),
            "unknown option --prot (headroom do --help lists the options)");
}

TEST(CommandLineTest, MistakesGetOneSentence) {
  EXPECT_EQ(Complaint({}), "a command is missing (headroom --help lists the commands)");
  EXPECT_EQ(Complaint({"prox"}), "unknown command prox (headroom --help lists the commands)");
  EXPECT_EQ(Complaint({"--port"}), "unknown option --port (headroom --help lists the commands)");
  EXPECT_EQ(Complaint({"proxy", "--prot", "80"}), "unknown option --prot (headroom proxy --help lists the options)");
  EXPECT_EQ(Complaint({"proxy", "8787"}), "unexpected argument 8787 (headroom proxy --help lists the options)");
  EXPECT_EQ(Complaint({"compress", "a", "b"}), "unexpected argument b (headroom compress --help lists the options)");
  EXPECT_EQ(Complaint({"compress", "--qery", "b"}),
            "unknown option --qery (headroom compress --help lists the options)");
  EXPECT_EQ(Complaint({"compress", "--query"}), "--query needs a value (headroom compress --help lists the options)");
  EXPECT_EQ(Complaint({"retrieve"}), "a hash is missing (headroom retrieve --help lists the options)");
  EXPECT_EQ(Complaint({"proxy", "--port"}), "--port needs a value (headroom proxy --help lists the options)");
  EXPECT_EQ(Complaint({"proxy", "--cache=1"}), "--cache takes no value (headroom proxy --help lists the options)");
}

}  // namespace
}  // namespace headroom::cli
