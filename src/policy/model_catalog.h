// What is known of a model: how much it takes and what it costs.
//
// A name is looked up, in this order, in
//
//   1. the overrides, in their order of precedence: exact names before
//      beginnings ("my-model-*"), longer beginnings before shorter ones
//   2. the price list, by its own match clauses: the provider that claims the
//      name ("claude-..."), the provider that a prefix names ("bedrock/..."),
//      whoever lists it as it stands; first for the name as it came, then
//      without what gateways and clouds put around it:
//      "anthropic/claude-opus-5-5", "us.anthropic.claude-opus-5-v1:0",
//      "claude-opus-5@20260801", "gpt-5.5-2026-04-23", "...-latest"
//   3. its family: the models of the provider that claims the name which share
//      the longest beginning with it. The largest window of them, because too
//      large a window is corrected by a refusal and one more try, while too
//      small a one drops messages for nothing; the highest prices, because
//      spending must not be counted too low.
//
// What is in none of them has no facts, and no limit is assumed for it.
//
// Money is in nano-dollars per million tokens: 3 dollars are 3'000'000'000.
// Thread-safe.

#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace headroom::policy {

// In nano-dollars per million tokens; nothing where it is not known.
struct Prices {
  std::optional<int64_t> input = {};
  std::optional<int64_t> output = {};
  std::optional<int64_t> cache_read = {};
  std::optional<int64_t> cache_write_5m = {};
  std::optional<int64_t> cache_write_1h = {};

  bool operator==(const Prices&) const = default;
};

// The dearer prices of a long prompt, paid for the whole request.
struct LongPrompt {
  uint64_t above = 0;  // tokens of prompt, cached ones included
  Prices prices;

  bool operator==(const LongPrompt&) const = default;
};

struct ModelFacts {
  enum class Source {
    kOverride,  // the user's; what the override leaves out comes from the list
    kListed,
    kFamily,
  };

  Source source = Source::kListed;
  std::string id;                          // of the entry in the price list; of an override, its name
  std::string provider;                    // as the price list calls it; "" for an override of an unlisted model
  std::optional<uint64_t> context_window;  // tokens, prompt and output together
  std::optional<uint64_t> max_output;      // tokens; only from overrides, the price list has none
  Prices prices;                           // today's
  std::optional<LongPrompt> long_prompt;
  bool window_overridden = false;
};

// What the user says of a model; members that are not set stay as listed.
struct ModelOverride {
  std::string model;  // a name, or a beginning followed by '*'; letter case does not matter
  std::optional<uint64_t> context_window = {};
  std::optional<uint64_t> max_output = {};
  Prices prices = {};
};

class ModelCatalog {
 public:
  // Later names of more than this many bytes are unknown.
  static constexpr size_t kMaxNameBytes = 256;
  // Names remembered; when there are more, all are forgotten.
  static constexpr size_t kMaxRemembered = 1024;

  // `overrides`: an earlier one wins over a later one for the same name.
  explicit ModelCatalog(std::vector<ModelOverride> overrides = {}, const Clock& clock = Clock::System());
  ~ModelCatalog();

  // Nothing for a model that is not known. Cost: a look-up in a map for a name
  // asked for before on this day, else about a millisecond.
  std::optional<ModelFacts> Find(std::string_view model) const;

  // Every listed model of the providers, in the list's order; for `headroom prices`.
  std::vector<ModelFacts> All() const;

  // "2026-09-23": when the price list was published.
  static std::string_view DataDate();
  // "@pydantic/genai-prices 0.1.8"
  static std::string DataVersion();

 private:
  class List;

  std::optional<ModelFacts> Resolve(std::string_view name, int32_t today) const;

  const std::vector<ModelOverride> overrides_;
  const Clock& clock_;
  const std::unique_ptr<const List> list_;
  mutable std::mutex mutex_;
  mutable int32_t remembered_day_ = 0;                                                // guarded by mutex_
  mutable std::map<std::string, std::optional<ModelFacts>, std::less<>> remembered_;  // guarded by mutex_
};

}  // namespace headroom::policy
