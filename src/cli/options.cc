#include "cli/options.h"

#include <cctype>
#include <utility>

#include "cli/values.h"
#include "policy/rate_limits.h"
#include "proxy/retries.h"

namespace headroom::cli {
namespace {

constexpr int64_t kMaxMillis = 86'400'000;

// Each reader below names a member of Config; one table row is one
// instantiation, so that a row states type, limits and noun in one place.

template <auto Parse, auto Member>
Status Read(std::string_view text, Config& config) {
  auto value = Parse(text);
  if (!value.ok()) return value.status();
  config.*Member = *std::move(value);
  return {};
}

template <auto Member>
Status ReadText(std::string_view text, Config& config) {
  config.*Member = std::string(text);
  return {};
}

template <auto Member>
Status ReadList(std::string_view text, Config& config) {
  config.*Member = ParseList(text);
  return {};
}

Status ReadPort(std::string_view text, Config& config) {
  const Result<int64_t> port = ParseInteger(text, 1, 65'535, "a port");
  if (port.ok()) config.port = static_cast<uint16_t>(*port);
  return port.status();
}

template <auto Member, int64_t kMin, int64_t kMax>
Status ReadCount(std::string_view text, Config& config) {
  const Result<int64_t> count = ParseInteger(text, kMin, kMax, "a whole number in range");
  if (count.ok()) config.*Member = static_cast<size_t>(*count);
  return count.status();
}

template <auto Member, int64_t kMax = kMaxMillis>
Status ReadMillis(std::string_view text, Config& config) {
  const Result<int64_t> millis = ParseInteger(text, 1, kMax, "a number of milliseconds");
  if (millis.ok()) config.*Member = std::chrono::milliseconds(*millis);
  return millis.status();
}

template <auto Member, int64_t kMin, int64_t kMax>
Status ReadInteger(std::string_view text, Config& config) {
  const Result<int64_t> number = ParseInteger(text, kMin, kMax, "a whole number in range");
  if (number.ok()) config.*Member = *number;
  return number.status();
}

Status ReadBudget(std::string_view text, Config& config) {
  const Result<int64_t> nanodollars = ParseSpendingLimit(text);
  if (nanodollars.ok()) config.budget_nanodollars = *nanodollars;
  return nanodollars.status();
}

Status ReadOverBudgetStatus(std::string_view text, Config& config) {
  if (text != "429" && text != "402") return {Code::kInvalidArgument, "'" + std::string(text) + "' is not 429 or 402"};
  config.over_budget_status = text == "402" ? 402 : 429;
  return {};
}

template <auto Member>
Status ReadSeconds(std::string_view text, Config& config) {
  const Result<int64_t> seconds = ParseInteger(text, 1, 10LL * 366 * 86'400, "a number of seconds");
  if (seconds.ok()) config.*Member = std::chrono::seconds(*seconds);
  return seconds.status();
}

Status ReadLevel(std::string_view text, Config& config) {
  const Result<log::Level> level = log::ParseLevel(text);
  if (!level.ok())
    return {Code::kInvalidArgument, "'" + std::string(text) + "' is not debug, info, warning, error or off"};
  config.log_level = *level;
  return {};
}

template <auto Member>
std::string PrintText(const Config& config) {
  return config.*Member;
}

template <auto Member>
std::string PrintNumber(const Config& config) {
  return std::to_string(config.*Member);
}

template <auto Member>
std::string PrintDuration(const Config& config) {
  return std::to_string((config.*Member).count());
}

template <auto Member>
std::string PrintSwitch(const Config& config) {
  return config.*Member ? "true" : "false";
}

template <auto Member>
std::string PrintList(const Config& config) {
  std::string out;
  for (const std::string& item : config.*Member) out.append(out.empty() ? "" : ",").append(item);
  return out;
}

std::string PrintRate(const Config& config) {
  std::string out = std::to_string(config.llmlingua_rate);
  out.erase(out.find_last_not_of('0') + 1);
  if (out.ends_with('.')) out.pop_back();
  return out;
}

std::string PrintBudget(const Config& config) {
  return config.budget_nanodollars ? FormatNanodollars(*config.budget_nanodollars) : "";
}

// What a secret is shown as; never itself.
template <auto Member>
std::string PrintSecret(const Config& config) {
  return (config.*Member).empty() ? "" : "********";
}

template <auto Member>
Option Token(std::string_view key, std::string_view group, std::string_view help) {
  return {.key = key,
          .group = group,
          .value = "TOKEN",
          .help = help,
          .set = Read<ParseToken, Member>,
          .print = PrintSecret<Member>,
          .secret = true,
          .reveal = PrintText<Member>,
          .reloads = true};
}

template <auto Member>
Option Switch(std::string_view key, std::string_view group, std::string_view help, bool has_effect) {
  return {.key = key,
          .kind = Kind::kSwitch,
          .group = group,
          .help = help,
          .set = Read<ParseBool, Member>,
          .print = PrintSwitch<Member>,
          .has_effect = has_effect};
}

Option Reloading(Option option) {
  option.reloads = true;
  return option;
}

constexpr std::string_view kListening = "Listening";
constexpr std::string_view kAccess = "Access";
constexpr std::string_view kShortening = "Shortening";
constexpr std::string_view kUpstream = "Upstream";
constexpr std::string_view kAdmission = "Tenants and limits";
constexpr std::string_view kStorage = "Storage";
constexpr std::string_view kProgram = "Program";

std::vector<Option> ListeningOptions() {
  return {
      {.key = "host",
       .group = kListening,
       .value = "ADDRESS",
       .help = "Address to listen on",
       .set = Read<ParseHost, &Config::host>,
       .print = PrintText<&Config::host>},
      {.key = "port",
       .kind = Kind::kNumber,
       .group = kListening,
       .value = "PORT",
       .help = "Port to listen on",
       .set = ReadPort,
       .print = PrintNumber<&Config::port>,
       .short_flag = 'p'},
      {.key = "workers",
       .kind = Kind::kNumber,
       .group = kListening,
       .value = "N",
       .help = "I/O threads, 1 to 256",
       .set = ReadCount<&Config::workers, 1, 256>,
       .print = PrintNumber<&Config::workers>,
       .default_text = "cores, at most 4"},
  };
}

std::vector<Option> AccessOptions() {
  return {
      {.key = "allowed_hosts",
       .kind = Kind::kList,
       .group = kAccess,
       .value = "NAME,...",
       .help = "Names besides localhost and addresses under which the proxy may be asked; *.NAME, * for any",
       .set = Read<ParseHostPatterns, &Config::allowed_hosts>,
       .print = PrintList<&Config::allowed_hosts>,
       .reloads = true},
      Token<&Config::proxy_token>("proxy_token", kAccess,
                                  "What clients have to send as x-headroom-token; @FILE: the first line of a file"),
      {.key = "tls_cert",
       .group = kAccess,
       .value = "FILE",
       .help = "PEM certificate, its chain behind it: the proxy speaks TLS",
       .set = ReadText<&Config::tls_cert>,
       .print = PrintText<&Config::tls_cert>,
       .reloads = true},
      {.key = "tls_key",
       .group = kAccess,
       .value = "FILE",
       .help = "PEM key of that certificate, without a pass phrase",
       .set = ReadText<&Config::tls_key>,
       .print = PrintText<&Config::tls_key>,
       .reloads = true},
      Token<&Config::admin_token>(
          "admin_token", kAccess,
          "What /stats, /metrics and the like ask for, or @FILE; without it they are for this machine"),
  };
}

std::vector<Option> ShorteningOptions() {
  return {
      Switch<&Config::optimize>("optimize", kShortening, "Forward every body untouched", true),
      {.key = "protect_tools",
       .kind = Kind::kList,
       .group = kShortening,
       .value = "NAME,...",
       .help = "Tools whose results are never changed; * stands for any text",
       .set = ReadList<&Config::protect_tools>,
       .print = PrintList<&Config::protect_tools>,
       .reloads = true},
      Reloading(Switch<&Config::group_hits>(
          "group_hits", kShortening, "Write a path once over the search hits of its file, not on every hit", true)),
      {.key = "gaps",
       .group = kShortening,
       .value = "WHEN",
       .help = "Leave out what nobody needs, marked and kept for fetching: auto, on or off",
       .set = Read<ParseGaps, &Config::gaps>,
       .print = [](const Config& config) { return std::string(proxy::GapsName(config.gaps)); }},
      Switch<&Config::ccr>("ccr", kShortening, "Never offer models the tool that opens gaps; shorten without loss only",
                           true),
      {.key = "ccr_tool",
       .group = kShortening,
       .value = "WHEN",
       .help = "Conversations that get that tool: auto (seen from the start), always, never",
       .set = Read<ParseOffer, &Config::ccr_tool>,
       .print = [](const Config& config) { return std::string(OfferName(config.ccr_tool)); }},
      {.key = "reads",
       .group = kShortening,
       .value = "HOW",
       .help = "What of a file read is kept, where gaps are: whole, or fold for folded bodies",
       .set = Read<ParseReads, &Config::reads>,
       .print = [](const Config& config) { return std::string(ReadsName(config.reads)); },
       .reloads = true},
      {.key = "oauth",
       .group = kShortening,
       .value = "RULE",
       .help = "What is done for subscription logins: full, lossless or off (docs/data.md)",
       .set =
           [](std::string_view text, Config& config) {
             const std::optional<proxy::Logins> logins = proxy::ParseLogins(text);
             if (logins.has_value()) config.oauth = *logins;
             return logins.has_value()
                        ? Status()
                        : Status(Code::kInvalidArgument, "'" + std::string(text) + "' is not full, lossless or off");
           },
       .print = [](const Config& config) { return std::string(proxy::LoginsName(config.oauth)); }},
      {.key = "tool_profiles",
       .kind = Kind::kList,
       .group = kShortening,
       .value = "NAME:LEVEL,...",
       .help = "How far a tool's results are cut: off, conservative, moderate, aggressive",
       .set = Read<ParseToolProfiles, &Config::tool_profiles>,
       .print = [](const Config& config) { return FormatToolProfiles(config.tool_profiles); },
       .other_flag = "--tool-profile",
       .reloads = true},
      {.key = "block_deadline_ms",
       .kind = Kind::kNumber,
       .group = kShortening,
       .value = "N",
       .help = "Milliseconds to shorten one block; past them the block goes as it came",
       .set = ReadMillis<&Config::block_deadline>,
       .print = PrintDuration<&Config::block_deadline>},
      {.key = "request_deadline_ms",
       .kind = Kind::kNumber,
       .group = kShortening,
       .value = "N",
       .help = "Milliseconds to shorten one request; past them the rest goes as it came",
       .set = ReadMillis<&Config::request_deadline>,
       .print = PrintDuration<&Config::request_deadline>},
      Switch<&Config::intelligent_context>("intelligent_context", kShortening,
                                           "Drop the oldest messages first when a request would not fit", true),
      Switch<&Config::intelligent_scoring>("intelligent_scoring", kShortening, "Score messages by their position only",
                                           true),
      Switch<&Config::compress_first>("compress_first", kShortening,
                                      "Drop messages without trying deeper shortening first", true),
      {.key = "model_limits",
       .group = kShortening,
       .value = "JSON",
       .help = "Context windows of models, or the path of a file: {\"my-model\": 200000}",
       .set = ReadText<&Config::model_limits>,
       .print = PrintText<&Config::model_limits>},
      Switch<&Config::llmlingua>("llmlingua", kShortening, "Shorten prose with the LLMLingua-2 model", false),
      {.key = "llmlingua_device",
       .group = kShortening,
       .value = "DEVICE",
       .help = "Where the model runs: auto, cuda, cpu or mps",
       .set = Read<ParseDevice, &Config::llmlingua_device>,
       .print = [](const Config& config) { return std::string(DeviceName(config.llmlingua_device)); },
       .has_effect = false},
      {.key = "llmlingua_rate",
       .kind = Kind::kNumber,
       .group = kShortening,
       .value = "RATE",
       .help = "Share of the tokens the model keeps, above 0 and at most 1",
       .set = Read<ParseRate, &Config::llmlingua_rate>,
       .print = PrintRate,
       .has_effect = false},
  };
}

std::vector<Option> UpstreamOptions() {
  return {
      {.key = "anthropic_api_url",
       .group = kUpstream,
       .value = "URL",
       .help = "Base URL of the Anthropic API",
       .set = Read<ParseBaseUrl, &Config::anthropic_api_url>,
       .print = PrintText<&Config::anthropic_api_url>,
       .other_env = "ANTHROPIC_TARGET_API_URL"},
      {.key = "openai_api_url",
       .group = kUpstream,
       .value = "URL",
       .help = "Base URL of the OpenAI API",
       .set = Read<ParseBaseUrl, &Config::openai_api_url>,
       .print = PrintText<&Config::openai_api_url>,
       .other_env = "OPENAI_TARGET_API_URL"},
      {.key = "connect_timeout_ms",
       .kind = Kind::kNumber,
       .group = kUpstream,
       .value = "N",
       .help = "Milliseconds to reach an upstream",
       .set = ReadMillis<&Config::connect_timeout>,
       .print = PrintDuration<&Config::connect_timeout>},
      {.key = "idle_read_timeout_ms",
       .kind = Kind::kNumber,
       .group = kUpstream,
       .value = "N",
       .help = "Milliseconds an upstream may be silent before it is given up",
       .set = ReadMillis<&Config::idle_read_timeout>,
       .print = PrintDuration<&Config::idle_read_timeout>},
      {.key = "retry",
       .kind = Kind::kNumber,
       .group = kUpstream,
       .value = "N",
       .help = "Times to ask again when a provider answers 429, 503 or 529; 0 leaves it to clients",
       .set = ReadInteger<&Config::retry, 0, proxy::Retries::kMost>,
       .print = PrintNumber<&Config::retry>},
      {.key = "ca_file",
       .group = kUpstream,
       .value = "FILE",
       .help = "PEM certificates to trust besides the system's",
       .set = ReadText<&Config::ca_file>,
       .print = PrintText<&Config::ca_file>},
  };
}

std::vector<Option> AdmissionOptions() {
  return {
      {.key = "tenant",
       .group = kAdmission,
       .value = "RULE",
       .help = "What tells tenants apart: credential, header:NAME or single",
       .set = Read<ParseTenant, &Config::tenant>,
       .print = [](const Config& config) { return FormatTenant(config.tenant); }},
      {.key = "project",
       .group = kAdmission,
       .value = "LABEL",
       .help = "Label of everything this instance stores",
       .set = Read<ParseLabel, &Config::project>,
       .print = PrintText<&Config::project>},
      {.key = "max_body_bytes",
       .kind = Kind::kNumber,
       .group = kAdmission,
       .value = "N",
       .help = "Bytes of the largest request body; 413 beyond",
       .set = ReadCount<&Config::max_body_bytes, 1024, int64_t{1} << 30>,
       .print = PrintNumber<&Config::max_body_bytes>},
      Switch<&Config::cache>("cache", kAdmission, "Do not answer repeated requests from a cache", true),
      Switch<&Config::cache_sampled>("cache_sampled", kAdmission,
                                     "Also answer requests of a temperature other than 0 from the cache", true),
      {.key = "cache_max_entries",
       .kind = Kind::kNumber,
       .group = kAdmission,
       .value = "N",
       .help = "Replies the cache keeps; the least recently used go first",
       .set = ReadCount<&Config::cache_max_entries, 1, 10'000'000>,
       .print = PrintNumber<&Config::cache_max_entries>},
      {.key = "cache_max_bytes",
       .kind = Kind::kNumber,
       .group = kAdmission,
       .value = "N",
       .help = "Bytes of memory the cache takes",
       .set = ReadCount<&Config::cache_max_bytes, 1024, int64_t{1} << 40>,
       .print = PrintNumber<&Config::cache_max_bytes>},
      {.key = "cache_ttl_seconds",
       .kind = Kind::kNumber,
       .group = kAdmission,
       .value = "N",
       .help = "Seconds a reply may be given again",
       .set = ReadSeconds<&Config::cache_ttl>,
       .print = PrintDuration<&Config::cache_ttl>,
       .other_env = "HEADROOM_CACHE_TTL",
       .other_flag = "--cache-ttl"},
      Switch<&Config::rate_limit>("rate_limit", kAdmission, "Do not limit requests and tokens per minute", true),
      {.key = "rpm",
       .kind = Kind::kNumber,
       .group = kAdmission,
       .value = "N",
       .help = "Requests a minute for each credential, or address without one; 0 for any number",
       .set = ReadInteger<&Config::rpm, 0, policy::RateLimits::kMaxPerMinute>,
       .print = PrintNumber<&Config::rpm>},
      {.key = "tpm",
       .kind = Kind::kNumber,
       .group = kAdmission,
       .value = "N",
       .help = "Tokens a minute likewise, as they go upstream; 0 for any number",
       .set = ReadInteger<&Config::tpm, 0, policy::RateLimits::kMaxPerMinute>,
       .print = PrintNumber<&Config::tpm>},
      {.key = "budget",
       .kind = Kind::kNumber,
       .group = kAdmission,
       .value = "DOLLARS",
       .help = "Most to spend in a day, or in another budget period",
       .set = ReadBudget,
       .print = PrintBudget},
      {.key = "budget_period",
       .group = kAdmission,
       .value = "PERIOD",
       .help = "What the budget is for: hourly, daily (from local midnight) or monthly",
       .set = Read<policy::ParseBudgetPeriod, &Config::budget_period>,
       .print = [](const Config& config) { return std::string(policy::BudgetPeriodName(config.budget_period)); }},
      {.key = "over_budget_status",
       .kind = Kind::kNumber,
       .group = kAdmission,
       .value = "STATUS",
       .help = "HTTP status of what a spent budget refuses: 429 or 402",
       .set = ReadOverBudgetStatus,
       .print = PrintNumber<&Config::over_budget_status>},
  };
}

std::vector<Option> StorageOptions() {
  return {
      Switch<&Config::no_store>("no_store", kStorage, "Keep nothing: no data directory, no originals, only lossless",
                                true),
      {.key = "data_dir",
       .group = kStorage,
       .value = "DIR",
       .help = "Where decisions and originals are kept",
       .set = ReadText<&Config::data_dir>,
       .print = PrintText<&Config::data_dir>},
      {.key = "original_budget_bytes",
       .kind = Kind::kNumber,
       .group = kStorage,
       .value = "N",
       .help = "Bytes of disk for originals; the least recently used go first",
       .set = ReadCount<&Config::original_budget_bytes, 1 << 20, int64_t{1} << 50>,
       .print = PrintNumber<&Config::original_budget_bytes>},
      {.key = "original_ttl_seconds",
       .kind = Kind::kNumber,
       .group = kStorage,
       .value = "N",
       .help = "Seconds an original is kept after its last use",
       .set = ReadSeconds<&Config::original_ttl>,
       .print = PrintDuration<&Config::original_ttl>},
      {.key = "encryption_key",
       .group = kStorage,
       .value = "KEY",
       .help = "Encrypts what is kept: 64 hexadecimal digits or 32 bytes in base64; @FILE: a file's first line",
       .set = Read<ParseEncryptionKey, &Config::encryption_key>,
       .print = PrintSecret<&Config::encryption_key>,
       .secret = true,
       .reveal = PrintText<&Config::encryption_key>},
      {.key = "toin_path",
       .group = kStorage,
       .value = "FILE",
       .help = "Where what is learnt is kept, its key beside it",
       .set = ReadText<&Config::toin_path>,
       .print = PrintText<&Config::toin_path>,
       .default_text = "toin.json in the data directory"},
      Switch<&Config::telemetry_disabled>("telemetry_disabled", kStorage,
                                          "Learn nothing (nothing is ever sent in either case)", true),
  };
}

std::vector<Option> ProgramOptions() {
  return {
      {.key = "config",
       .group = kProgram,
       .value = "FILE",
       .help = "Settings in TOML",
       .set = ReadText<&Config::config_file>,
       .print = PrintText<&Config::config_file>,
       .in_file = false},
      {.key = "log_level",
       .group = kProgram,
       .value = "LEVEL",
       .help = "debug, info, warning, error or off",
       .set = ReadLevel,
       .print = [](const Config& config) { return std::string(LevelName(config.log_level)); },
       .reloads = true},
      {.key = "log_file",
       .group = kProgram,
       .value = "FILE",
       .help = "One JSON line per request",
       .set = ReadText<&Config::log_file>,
       .print = PrintText<&Config::log_file>},
      Switch<&Config::log_messages>("log_messages", kProgram,
                                    "Requests are written to it with their bodies, secrets taken out", true),
      {.key = "log_rotate_bytes",
       .kind = Kind::kNumber,
       .group = kProgram,
       .value = "N",
       .help = "A log file of so many bytes is put aside, five are kept; 0: never",
       .set = ReadCount<&Config::log_rotate_bytes, 0, int64_t{1} << 50>,
       .print = PrintNumber<&Config::log_rotate_bytes>},
  };
}

std::vector<Option> MakeOptions() {
  std::vector<Option> options;
  for (const std::vector<Option>& group : {ListeningOptions(), AccessOptions(), ShorteningOptions(), UpstreamOptions(),
                                           AdmissionOptions(), StorageOptions(), ProgramOptions()}) {
    options.insert(options.end(), group.begin(), group.end());
  }
  return options;
}

}  // namespace

std::span<const Option> Options() {
  static const std::vector<Option> options = MakeOptions();
  return options;
}

const Option* FindOption(std::string_view key) {
  for (const Option& option : Options()) {
    if (option.key == key) return &option;
  }
  return nullptr;
}

std::string Flag(const Option& option, bool on) {
  std::string flag = (on ? "--" : "--no-") + std::string(option.key);
  for (char& c : flag) {
    if (c == '_') c = '-';
  }
  return flag;
}

std::string EnvironmentName(const Option& option, bool on) {
  std::string name = (on ? "HEADROOM_" : "HEADROOM_NO_") + std::string(option.key);
  for (char& c : name) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return name;
}

bool OnByDefault(const Option& option) { return option.kind == Kind::kSwitch && option.print(Config()) == "true"; }

std::string DefaultText(const Option& option) {
  if (!option.default_text.empty()) return std::string(option.default_text);
  const std::string text = option.print(Config());
  return text.empty() ? "none" : text;
}

}  // namespace headroom::cli
