#include "cli/compress_settings.h"

#include <array>
#include <utility>
#include <vector>

#include "cli/options.h"
#include "cli/values.h"

namespace headroom::cli {
namespace {

constexpr std::array kKinds = {text::Kind::kPlain, text::Kind::kJson, text::Kind::kSearch, text::Kind::kLog,
                               text::Kind::kDiff,  text::Kind::kCode, text::Kind::kTable,  text::Kind::kHtml};
// Its vocabulary is public: its counts are exact.
constexpr std::string_view kDefaultModel = "gpt-5";
constexpr int64_t kMostTokens = 1'000'000'000;

std::string Given(const std::optional<std::string>& option, const char* variable, const Environment& environment) {
  return option.has_value() ? *option : environment(variable).value_or("");
}

Status At(std::string_view option, const Status& status) {
  return {status.code(), std::string(option) + ": " + status.detail()};
}

}  // namespace

Result<Budget> ParseBudget(std::string_view text) {
  const Status wrong(Code::kInvalidArgument,
                     "'" + std::string(text) + "' is not a number of tokens, a share like 0.3 or a percentage");
  if (text.ends_with('%')) {
    const Result<int64_t> percent = ParseInteger(text.substr(0, text.size() - 1), 1, 100, "a percentage");
    if (!percent.ok()) return wrong;
    return Budget{static_cast<double>(*percent) / 100, {}};
  }
  if (text.find('.') != std::string_view::npos) {
    const Result<double> share = ParseRate(text);
    if (!share.ok()) return wrong;
    return Budget{*share, {}};
  }
  const Result<int64_t> tokens = ParseInteger(text, 1, kMostTokens, "a number of tokens");
  if (!tokens.ok()) return wrong;
  return Budget{{}, static_cast<size_t>(*tokens)};
}

Result<std::optional<text::Kind>> ParseKind(std::string_view text) {
  if (text == "auto") return std::optional<text::Kind>();
  std::string known = "auto";
  for (const text::Kind kind : kKinds) {
    if (text::KindName(kind) == text) return std::optional(kind);
    known.append(", ").append(text::KindName(kind));
  }
  return Status(Code::kInvalidArgument, "'" + std::string(text) + "' is none of " + known);
}

Result<CompressSettings> ReadCompressSettings(const CompressOptions& options, const Environment& environment) {
  CompressSettings settings;
  settings.query = Given(options.query, "CASE_QUERY", environment);
  settings.tool = Given(options.tool, "CASE_TOOL", environment);
  settings.args = Given(options.args, "CASE_ARGS", environment);
  settings.model = options.model.value_or(std::string(kDefaultModel));
  settings.gaps = !options.lossless;
  if (options.kind.has_value()) {
    const Result<std::optional<text::Kind>> kind = ParseKind(*options.kind);
    if (!kind.ok()) return At("--kind", kind.status());
    settings.kind = *kind;
  }
  if (options.budget.has_value()) {
    const Result<Budget> budget = ParseBudget(*options.budget);
    if (!budget.ok()) return At("--budget", budget.status());
    settings.budget = *budget;
  }
  Result<Config> config = LoadLocal(options.data_dir, options.config, environment);
  if (!config.ok()) return config.status();
  if (options.reads.has_value()) {
    const Result<Reads> reads = ParseReads(*options.reads);
    if (!reads.ok()) return At("--reads", reads.status());
    config->reads = *reads;
  }
  settings.fold_reads = config->reads == Reads::kFold;
  settings.group_hits = config->group_hits;
  proxy::Policy policy;
  policy.tool_profiles = config->tool_profiles;
  settings.level = policy.LevelOf(settings.tool);
  settings.config = *std::move(config);
  return settings;
}

}  // namespace headroom::cli
