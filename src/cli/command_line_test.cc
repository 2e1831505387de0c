#include "cli/command_line.h"

#include <gtest/gtest.h>

namespace headroom::cli {
namespace {

using Command = CommandLine::Command;

Command CommandOf(const std::vector<std::string>& arguments) {
  const Result<CommandLine> parsed = ParseCommandLine(arguments);
  EXPECT_TRUE(parsed.ok()) << parsed.status().detail();
  return parsed.ok() ? parsed->command : Command::kHelp;
}

std::string Complaint(const std::vector<std::string>& arguments) {
  return ParseCommandLine(arguments).status().detail();
}

// "--port=80 --no-cache=false": where and text of each assignment.
std::string Given(const std::vector<std::string>& arguments) {
  const Result<CommandLine> parsed = ParseCommandLine(arguments);
  if (!parsed.ok()) return parsed.status().detail();
  std::string out;
  for (const Assignment& assignment : parsed->assignments) {
    out += (out.empty() ? "" : " ") + assignment.where + "=" + assignment.text;
  }
  return out;
}

TEST(CommandLineTest, CommandsAreTakenFromTheirPlace) {
  EXPECT_EQ(CommandOf({"--version"}), Command::kVersion);
  EXPECT_EQ(CommandOf({"--help"}), Command::kHelp);
  EXPECT_EQ(CommandOf({"-h"}), Command::kHelp);
  EXPECT_EQ(CommandOf({"proxy", "--help"}), Command::kProxyHelp);
  EXPECT_EQ(CommandOf({"options"}), Command::kOptions);
  EXPECT_EQ(CommandOf({"proxy"}), Command::kProxy);
  EXPECT_EQ(CommandOf({"compress"}), Command::kCompress);
  EXPECT_EQ(CommandOf({"compress", "--help"}), Command::kCompressHelp);
  EXPECT_EQ(CommandOf({"retrieve", "abc"}), Command::kRetrieve);
  EXPECT_EQ(CommandOf({"retrieve", "-h"}), Command::kRetrieveHelp);
}

TEST(CommandLineTest, CompressReadsAFileOrStandardInput) {
  EXPECT_EQ(ParseCommandLine({"compress"})->compress.file, "-");
  EXPECT_EQ(ParseCommandLine({"compress", "-"})->compress.file, "-");
  EXPECT_EQ(ParseCommandLine({"compress", "build.log", "--stats"})->compress.file, "build.log");
}

TEST(CommandLineTest, CompressTakesWhatIsKnownOfTheText) {
  const CompressOptions options =
      ParseCommandLine({"compress",   "--query", "why did it fail", "--tool=Bash", "--args",   R"({"command":"make"})",
                        "--kind",     "log",     "--budget",        "0.3",         "--model",  "gpt-5",
                        "--reads",    "fold",    "--data-dir",      "/d",          "--config", "c.toml",
                        "--lossless", "--stats", "--json",          "--diff"})
          ->compress;
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
      ParseCommandLine({"compress", "--query", "a", "--query", "", "--stats", "--stats"})->compress;
  EXPECT_EQ(none.query, "");
  EXPECT_FALSE(none.tool.has_value() || none.lossless || none.json || none.diff);
}

TEST(CommandLineTest, RetrieveTakesAHashAndAQuestion) {
  const RetrieveOptions options =
      ParseCommandLine({"retrieve", "0123", "--query", "disk", "--key-env", "MY_KEY", "--data-dir", "/d"})->retrieve;
  EXPECT_EQ(options.hash, "0123");
  EXPECT_EQ(options.query, "disk");
  EXPECT_EQ(options.key_env, "MY_KEY");
  EXPECT_EQ(options.data_dir, "/d");
}

TEST(CommandLineTest, EachSpellingOfAValueIsTaken) {
  EXPECT_EQ(Given({"proxy", "--port", "80"}), "--port=80");
  EXPECT_EQ(Given({"proxy", "--port=80"}), "--port=80");
  EXPECT_EQ(Given({"proxy", "-p", "80"}), "--port=80");
  EXPECT_EQ(Given({"proxy", "-p80"}), "--port=80");
}

TEST(CommandLineTest, SwitchesHaveAnOpposite) {
  EXPECT_EQ(Given({"proxy", "--no-optimize"}), "--no-optimize=false");
  EXPECT_EQ(Given({"proxy", "--optimize"}), "--optimize=true");
  EXPECT_EQ(Given({"proxy", "--llmlingua"}), "--llmlingua=true");
  EXPECT_EQ(Given({"proxy", "--no-llmlingua"}), "--no-llmlingua=false");
}

TEST(CommandLineTest, TheLastOfSeveralValuesCounts) {
  EXPECT_EQ(Given({"proxy", "--port", "80", "--port", "81"}), "--port=81");
  EXPECT_EQ(Given({"proxy", "--no-cache", "--cache"}), "--cache=true");
}

TEST(CommandLineTest, AListMayBeGivenItemByItem) {
  EXPECT_EQ(Given({"proxy", "--tool-profile", "Bash:off", "--tool-profile", "Grep:aggressive"}),
            "--tool-profiles=Bash:off,Grep:aggressive");
  EXPECT_EQ(Given({"proxy", "--protect-tools", "a,b", "--protect-tools", "c"}), "--protect-tools=a,b,c");
}

TEST(CommandLineTest, EveryOptionOfTheSpecificationIsKnown) {
  EXPECT_EQ(Given({"proxy",
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

TEST(CommandLineTest, ToinTakesAnActionAndAFile) {
  const Result<CommandLine> parsed = ParseCommandLine({"toin", "import", "f.json", "--data-dir", "/d"});
  EXPECT_EQ(parsed->command, Command::kToin);
  EXPECT_EQ(parsed->toin.action, "import");
  EXPECT_EQ(parsed->toin.file, "f.json");
  EXPECT_EQ(parsed->toin.data_dir, "/d");
  EXPECT_EQ(ParseCommandLine({"toin", "export"})->toin.file, "-");
  EXPECT_EQ(CommandOf({"toin", "-h"}), Command::kToinHelp);
  EXPECT_EQ(Complaint({"toin"}), "export, import or stats is missing (headroom toin --help lists the options)");
  EXPECT_EQ(Complaint({"toin", "send"}), "unknown action send (headroom toin --help lists the options)");
  EXPECT_EQ(Complaint({"toin", "stats", "f"}), "unexpected argument f (headroom toin --help lists the options)");
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
