#include "cli/toin_command.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/clock.h"
#include "cli/compress_settings.h"
#include "learning/learner.h"
#include "learning/pattern_file.h"

namespace headroom::cli {
namespace {

constexpr int kFailed = 1;
constexpr int kUsageError = 2;
constexpr int kRefused = 3;

int Fail(int exit_status, const std::string& sentence) {
  std::fprintf(stderr, "headroom: %s\n", sentence.c_str());
  return exit_status;
}

int Print(std::string_view text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  return written ? 0 : Fail(kFailed, std::string("standard output: ") + std::strerror(errno));
}

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

}  // namespace

std::string ToinPath(const Config& config) {
  return config.toin_path.empty() ? config.data_dir + "/toin.json" : config.toin_path;
}

int Toin(const ToinOptions& options, const Environment& environment) {
  const Result<Config> config = LoadLocal(options.data_dir, options.config, environment);
  if (!config.ok()) return Fail(kUsageError, config.status().detail());
  const std::string path = ToinPath(*config);
  const std::string key_path = path + ".key";
  if (access(key_path.c_str(), F_OK) != 0) return Fail(kFailed, "nothing is learnt yet: there is no " + key_path);
  const Result<std::string> key = learning::KeyedHash::LoadOrMake(key_path);
  if (!key.ok()) return Fail(kFailed, key.status().detail());
  const learning::KeyedHash hash(*key);
  if (options.action == "import") return Import(options.file, path, hash);
  const Result<learning::Patterns> patterns = learning::LoadPatterns(path, hash);
  if (!patterns.ok()) return Fail(kFailed, path + ": " + patterns.status().detail());
  return options.action == "stats" ? Stats(*patterns) : Export(options.file, *patterns, hash);
}

}  // namespace headroom::cli
