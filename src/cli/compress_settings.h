// What `headroom compress` was asked for. Thread-safe.

#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "base/status.h"
#include "cli/config.h"
#include "cli/load.h"
#include "text/compressor.h"

namespace headroom::cli {

// As written on the command line; nothing where an option was not given.
struct CompressOptions {
  std::string file = "-";  // "-" is standard input
  std::optional<std::string> query;
  std::optional<std::string> tool;
  std::optional<std::string> args;
  std::optional<std::string> kind;
  std::optional<std::string> budget;
  std::optional<std::string> model;
  std::optional<std::string> reads;
  std::optional<std::string> data_dir;
  std::optional<std::string> config;
  bool lossless = false;
  bool stats = false;
  bool json = false;
  bool diff = false;
};

// How much an excerpt aims at: a share of the tokens, or a number of them.
struct Budget {
  std::optional<double> share;
  std::optional<size_t> tokens;

  bool operator==(const Budget&) const = default;
};

struct CompressSettings {
  std::string query;
  std::string tool;
  std::string args;
  std::optional<text::Kind> kind;  // nothing: what the content says
  Budget budget;
  std::string model;
  bool gaps = true;
  bool fold_reads = false;
  text::Level level = text::Level::kModerate;
  bool group_hits = false;
  Config config;  // as Load gives it: data directory, limits, project
};

// "0.3" and "30%" are shares, "2000" is a number of tokens; above 0, a share at most 1.
// Errors: kInvalidArgument.
Result<Budget> ParseBudget(std::string_view text);

// "auto" gives nothing. Errors: kInvalidArgument.
Result<std::optional<text::Kind>> ParseKind(std::string_view text);

// CASE_QUERY, CASE_TOOL and CASE_ARGS stand in for --query, --tool and --args; the settings
// of the proxy (HEADROOM_READS, HEADROOM_TOOL_PROFILES, the configuration file) hold here, too.
// Errors: kInvalidArgument, kNotFound with one sentence that names the option.
Result<CompressSettings> ReadCompressSettings(const CompressOptions& options, const Environment& environment);

}  // namespace headroom::cli
