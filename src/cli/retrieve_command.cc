#include <unistd.h>

#include <algorithm>
#include <cctype>

#include "cli/commands.h"
#include "cli/local_store.h"
#include "cli/output.h"
#include "text/lookup.h"

namespace headroom::cli {
namespace {

constexpr int kNotFound = 3;
constexpr size_t kHashDigits = 24;
constexpr size_t kMaxTokens = 4'000;  // of what answers a query

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

int Run(const Given& given, const Environment& environment) {
  const std::string hash = HashIn(given.Argument(0));
  if (hash.empty()) return Fail(kUsageError, "'" + given.Argument(0) + "' is not a hash of 24 hexadecimal digits");
  const Result<Config> config = LoadLocal(given, environment);
  if (!config.ok()) return Fail(kUsageError, config.status().detail());
  const std::string missing = "nothing is kept under " + hash + " in " + config->data_dir;
  if (access(config->data_dir.c_str(), F_OK) != 0) return Fail(kNotFound, missing);
  Result<LocalStore> store = LocalStore::Open(*config);
  if (!store.ok()) return Fail(kFailed, store.status().detail());
  const Result<std::string> original = store->Fetch(hash, environment, given.Text("--key-env").value_or(""));
  if (original.status().code() == Code::kNotFound) return Fail(kNotFound, missing);
  if (!original.ok()) return Fail(kFailed, original.status().detail());
  return Print(Answer(*original, given.Text("--query")));
}

}  // namespace

Command RetrieveCommand() {
  return {.name = "retrieve",
          .summary = "Print the original behind a marker of headroom's",
          .usage = {"[OPTIONS] HASH"},
          .about =
              "Prints the original behind [... Retrieve more: hash=HASH], byte for byte: of headroom compress, of a "
              "proxy with tenant = single, and of any proxy for the API keys in ANTHROPIC_API_KEY and "
              "OPENAI_API_KEY. The proxy may be running.",
          .options = WithLocalOptions(
              {{.flag = "--query",
                .value = "TEXT",
                .help = "Only the lines or elements that have to do with TEXT, with marks for what lies between; all "
                        "of it where nothing has"},
               {.flag = "--key-env", .value = "NAME", .help = "Another variable that holds an API key"}},
              "Where originals are kept"),
          .arguments = {{.name = "HASH", .noun = "hash", .required = true}},
          .exit_status =
              "0 done; 1 the data directory or the output failed; 2 the hash or an option cannot be read; "
              "3 nothing is kept under HASH, or not any more.",
          .run = Run};
}

}  // namespace headroom::cli
