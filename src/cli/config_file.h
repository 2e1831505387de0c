// The configuration file: TOML, one key per option and [[upstream]] tables.
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
// Limits: 1 MiB, 256 upstream tables. Thread-safe.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "cli/config.h"
#include "cli/options.h"

namespace headroom::cli {

struct FileSettings {
  std::vector<Assignment> assignments;
  std::vector<Upstream> upstreams;  // in the order of the file
};

// Reads `path`. Errors as ParseConfigText, and kNotFound when it cannot be read.
Result<FileSettings> ReadConfigFile(const std::string& path);

// Reads `text`, a file that messages call `name`. Values of options are taken
// as text, for Option::set to judge; upstream tables are complete.
// Errors: kInvalidArgument  "NAME:LINE:COLUMN: ..." for text that is not TOML,
//         an unknown key, a value of the wrong type, a table that lacks a key
Result<FileSettings> ParseConfigText(std::string_view text, const std::string& name);

}  // namespace headroom::cli
