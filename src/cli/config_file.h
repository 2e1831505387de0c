// The configuration file: TOML, one key per option, [[upstream]] tables and [models] tables.
//
//   port = 8080
//   protect_tools = ["Bash"]
//
//   [[upstream]]
//   name = "openrouter"
//   base_url = "https://openrouter.ai/api"
//   api = "chat"
//   models = ["openrouter/*"]
//   key_env = "OPENROUTER_API_KEY"
//
//   [models."my-model"]             tokens, and dollars per million tokens
//   context_window = 200000
//   max_output = 64000
//   input_price = 3.0               also output_price, cache_read_price,
//                                   cache_write_price, cache_write_1h_price
//
//   [budgets.alice]                 what a tenant may spend
//   usd = 20
//   period = "monthly"              default: daily
//   key_env = "ALICE_API_KEY"       or tenant = "32 hex digits", or header = "VALUE",
//                                   or tenant = "*" for each tenant without a table
//
// Limits: 1 MiB, 256 upstream tables, kMaxModels models, 4,096 budgets. Thread-safe.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "cli/config.h"
#include "cli/options.h"
#include "policy/model_catalog.h"

namespace headroom::cli {

struct FileSettings {
  std::vector<Assignment> assignments;
  std::vector<Upstream> upstreams;  // in the order of the file
  std::vector<policy::ModelOverride> models;
  std::vector<TenantBudget> budgets;
};

// Reads `path`. Errors as ParseConfigText, and kNotFound when it cannot be read.
Result<FileSettings> ReadConfigFile(const std::string& path);

// Reads `text`, a file that messages call `name`. Values of options are taken
// as text, for Option::set to judge; upstream tables are complete.
// Errors: kInvalidArgument  "NAME:LINE:COLUMN: ..." for text that is not TOML,
//         an unknown key, a value of the wrong type, a table that lacks a key
Result<FileSettings> ParseConfigText(std::string_view text, const std::string& name);

}  // namespace headroom::cli
