// What the user says of models, besides the price list of the program.
//
//   model_limits, HEADROOM_MODEL_LIMITS        JSON, or the path of a file of it
//   [models."NAME"] in the configuration file  TOML, see config_file.h
//   models.json in the data directory          JSON
//
// The first of these that says something of a model wins, member by member. The
// JSON forms; a NAME may be a beginning followed by '*':
//
//   {"NAME": 200000}
//   {"NAME": {"context_window": 200000, "max_output": 64000, "input_price": 3, "output_price": 15,
//             "cache_read_price": 0.3, "cache_write_price": 3.75, "cache_write_1h_price": 6}}
//   {"anthropic": {...}}     either of these, or
//       "context_limits": {"NAME": 200000}
//       "pricing": {"NAME": {"input": 3, "output": 15, "cached_input": 0.3}}, or {"NAME": [3, 15]}
//
// Prices are dollars per million tokens. Limits: 1 MiB, kMaxModels names. Thread-safe.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "policy/model_catalog.h"

namespace headroom::cli {

inline constexpr size_t kMaxModels = 4'096;
inline constexpr size_t kMaxModelsBytes = 1 << 20;
inline constexpr int64_t kMaxModelTokens = 100'000'000;

// Sets the member that `key` names ("context_window", "input_price") from a
// number's text. Errors: kInvalidArgument; kNotFound for a key there is not.
Status SetModelFact(std::string_view key, std::string_view number, policy::ModelOverride& model);

// Errors: kInvalidArgument, "WHERE: ..." in one sentence.
Result<std::vector<policy::ModelOverride>> ParseModelOverrides(std::string_view json, const std::string& where);

// JSON where `text` begins with '{', else the path of a file that holds it.
// Errors: as ParseModelOverrides; kNotFound for a file that cannot be read.
Result<std::vector<policy::ModelOverride>> ReadModelOverrides(const std::string& text, const std::string& where);

// Joins `more`, which is weaker, to `overrides`: of a model that is there only
// what is not set yet.
void AddWeaker(const std::vector<policy::ModelOverride>& more, std::vector<policy::ModelOverride>& overrides);

}  // namespace headroom::cli
