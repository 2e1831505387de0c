#include "cli/retrieve_command.h"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "cli/compress_settings.h"
#include "cli/local_store.h"
#include "text/lookup.h"

namespace headroom::cli {
namespace {

constexpr int kFailed = 1;
constexpr int kUsageError = 2;
constexpr int kNotFound = 3;
constexpr size_t kHashDigits = 24;
constexpr size_t kMaxTokens = 4'000;  // of what answers a query

int Fail(int exit_status, const std::string& sentence) {
  std::fprintf(stderr, "headroom: %s\n", sentence.c_str());
  return exit_status;
}

// "hash=0123..." as it stands in a marker is taken, too.
std::string HashIn(std::string_view text) {
  if (text.starts_with("hash=")) text.remove_prefix(5);
  if (text.ends_with(']')) text.remove_suffix(1);
  std::string hash(text);
  for (char& c : hash) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  const bool is_hash = hash.size() == kHashDigits && hash.find_first_not_of("0123456789abcdef") == std::string::npos;
  return is_hash ? hash : "";
}

// The whole text where nothing of the query stands in it.
std::string Answer(const std::string& original, const std::optional<std::string>& query) {
  if (!query.has_value() || query->empty()) return original;
  const text::Lookup lookup = text::LookUp(original, *query, kMaxTokens);
  return lookup.matched ? lookup.Text() : original;
}

}  // namespace

int RetrieveOriginal(const RetrieveOptions& options, const Environment& environment) {
  const std::string hash = HashIn(options.hash);
  if (hash.empty()) return Fail(kUsageError, "'" + options.hash + "' is not a hash of 24 hexadecimal digits");
  const Result<Config> config = LoadLocal(options.data_dir, options.config, environment);
  if (!config.ok()) return Fail(kUsageError, config.status().detail());
  const std::string missing = "nothing is kept under " + hash + " in " + config->data_dir;
  if (access(config->data_dir.c_str(), F_OK) != 0) return Fail(kNotFound, missing);
  Result<LocalStore> store = LocalStore::Open(*config);
  if (!store.ok()) return Fail(kFailed, store.status().detail());
  const Result<std::string> original = store->Fetch(hash, environment, options.key_env.value_or(""));
  if (original.status().code() == Code::kNotFound) return Fail(kNotFound, missing);
  if (!original.ok()) return Fail(kFailed, original.status().detail());
  const std::string out = Answer(*original, options.query);
  const bool written = std::fwrite(out.data(), 1, out.size(), stdout) == out.size() && std::fflush(stdout) == 0;
  return written ? 0 : Fail(kFailed, std::string("standard output: ") + std::strerror(errno));
}

}  // namespace headroom::cli
