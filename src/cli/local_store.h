// The originals of this machine's user: what `headroom compress` keeps and
// `headroom retrieve` gives back. They lie in the data directory that a proxy may be
// using at the same time. Thread-compatible.

#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "cli/config.h"
#include "cli/load.h"
#include "store/store.h"

namespace headroom::cli {

class LocalStore {
 public:
  // Errors: kInvalidArgument with one sentence: the data directory cannot be written.
  static Result<LocalStore> Open(const Config& config);

  // Under the tenant of `tenant = single`, where no key is asked for.
  // Errors: kUnavailable: it is not on disk.
  Status Keep(std::string_view text, std::string_view tool, size_t tokens, size_t tokens_after);

  // Also what a proxy keeps for the API keys in `environment` (ANTHROPIC_API_KEY, OPENAI_API_KEY, and the
  // variable `key_variable` unless that is ""). Nobody else's.
  // Errors: kNotFound, kDataLoss, kUnavailable.
  Result<std::string> Fetch(const std::string& id, const Environment& environment, const std::string& key_variable);

 private:
  LocalStore(std::unique_ptr<store::Store> store, std::string project)
      : store_(std::move(store)), project_(std::move(project)) {}

  std::unique_ptr<store::Store> store_;
  std::string project_;
};

}  // namespace headroom::cli
