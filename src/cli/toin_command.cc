#include "cli/toin_command.h"

#include <fmt/format.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "learning/learner.h"
#include "learning/pattern_file.h"

namespace headroom::cli {
namespace {

constexpr int kRefused = 3;

int64_t Now() { return Clock::System().UnixMillis() / 1000; }

Result<std::string> ReadInput(const std::string& file) {
  return learning::ReadWholeFile(file == "-" ? "/dev/stdin" : file);
}

int Export(const std::string& file, const learning::Patterns& patterns, const learning::KeyedHash& hash) {
  const std::string text = learning::WritePatterns(patterns, hash, Now());
  if (file == "-") return Print(text);
  const Status written = learning::ReplaceFile(file, text);
  return written.ok() ? 0 : Fail(kFailed, written.detail());
}

int Import(const std::string& file, const std::string& path, const learning::KeyedHash& hash) {
  const Result<std::string> text = ReadInput(file);
  if (!text.ok()) return Fail(kFailed, text.status().detail());
  const Result<learning::Patterns> given = learning::ReadPatterns(*text, hash);
  if (!given.ok()) return Fail(kRefused, (file == "-" ? "standard input" : file) + ": " + given.status().detail());
  const Result<learning::Patterns> changed =
      learning::ChangePatterns(path, hash, Now(), [&](learning::Patterns& patterns) { patterns.TakeLarger(*given); });
  if (!changed.ok()) return Fail(kFailed, changed.status().detail());
  return Print(fmt::format("{} patterns read, {} kept now\n", given->size(), changed->size()));
}

int Stats(const learning::Patterns& patterns) {
  size_t structures = 0;
  size_t tools = 0;
  uint64_t compressions = 0;
  uint64_t excerpts = 0;
  uint64_t retrievals = 0;
  size_t recommending = 0;
  patterns.ForEach([&](const learning::PatternKey& key, const learning::Pattern& pattern) {
    if (key.tenant.empty()) {
      ++(pattern.of_tool ? tools : structures);
      if (pattern.of_tool) return;
      compressions += pattern.compressions();
      excerpts += pattern.excerpts;
      retrievals += pattern.retrievals();
    } else if (learning::HasEnough(pattern) && learning::Recommend(pattern).has_effect()) {
      ++recommending;
    }
  });
  return Print(
      fmt::format("{} structures, {} tools\n{} results, {} of them excerpts\n{} retrievals\n{} patterns of tenants "
                  "recommend something\n",
                  structures, tools, compressions, excerpts, retrievals, recommending));
}

int Run(const Given& given, const Environment& environment) {
  const std::string action = given.Argument(0);
  if (action == "stats" && given.arguments().size() > 1) {
    return FailUsage("unexpected argument " + given.Argument(1), "toin");
  }
  const Result<Config> config = LoadLocal(given, environment);
  if (!config.ok()) return Fail(kUsageError, config.status().detail());
  const std::string path = ToinPath(*config);
  const std::string key_path = path + ".key";
  if (access(key_path.c_str(), F_OK) != 0) return Fail(kFailed, "nothing is learnt yet: there is no " + key_path);
  const Result<std::string> key = learning::KeyedHash::LoadOrMake(key_path);
  if (!key.ok()) return Fail(kFailed, key.status().detail());
  const learning::KeyedHash hash(*key);
  const std::string file = given.Argument(1, "-");
  if (action == "import") return Import(file, path, hash);
  const Result<learning::Patterns> patterns = learning::LoadPatterns(path, hash);
  if (!patterns.ok()) return Fail(kFailed, path + ": " + patterns.status().detail());
  return action == "stats" ? Stats(*patterns) : Export(file, *patterns, hash);
}

}  // namespace

std::string ToinPath(const Config& config) {
  return config.toin_path.empty() ? config.data_dir + "/toin.json" : config.toin_path;
}

Command ToinCommand() {
  return {
      .name = "toin",
      .summary = "Export, import or sum up what the proxy learnt of retrievals",
      .usage = {"export [FILE]", "import [FILE]", "stats"},
      .about =
          "What the proxy learnt of which results are asked for again, as counts and hashes under this "
          "installation's key, to FILE or from it (standard output or input without one, or with -), or in figures. "
          "An import takes over each pattern that has seen more than the one that is there, so that importing twice "
          "changes nothing; a file of another installation is refused: copy toin.json.key there first, while it has "
          "none of its own.",
      .options = LocalOptions("Where toin.json is"),
      .arguments = {{.name = "ACTION", .noun = "action", .required = true, .words = {"export", "import", "stats"}},
                    {.name = "FILE", .noun = "file", .completion = Completion::kFile}},
      .exit_status = "0 done; 1 a file cannot be read or written; 2 a setting cannot be read; 3 FILE is refused.",
      .run = Run};
}

}  // namespace headroom::cli
