// Every setting of the program as plain values, and where each came from.
//
//   default  <  file (--config)  <  environment  <  command line
//
// The composition root turns a Config into the Options of the other rooms.
// Thread-compatible.

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "policy/budget_period.h"
#include "policy/model_catalog.h"
#include "proxy/generation.h"
#include "proxy/tool_offer.h"

namespace headroom::cli {

// The shape of an API, as the rows of the upstream table name it.
enum class Api { kMessages, kChat, kResponses };

// "messages", "chat", "responses".
std::string_view ApiName(Api api);

// One row of the upstream table. A request goes to the first row whose api is
// the request's and one of whose patterns fits; the two default rows come last
// and have no pattern: they take what is left.
struct Upstream {
  std::string name;
  std::string base_url;  // parses as net::Url
  std::vector<Api> apis;
  std::vector<std::string> models;  // "gpt-5", or a beginning: "openrouter/*"
  std::vector<std::string> paths;   // "/v1/chat/completions", or a beginning: "/azure/*"
  std::string key_env;              // variable that holds the key; "" when the client brings it
};

// What tells tenants apart.
struct TenantRule {
  enum class Kind { kCredential, kHeader, kSingle };

  Kind kind = Kind::kCredential;
  std::string header;  // for kHeader, as configured
};

// One [budgets.NAME] table: what a tenant may spend in a period.
struct TenantBudget {
  enum class Whose {
    kDigest,   // `value`: the tenant's digest, 32 hex digits
    kKeyEnv,   // `value`: variable that holds the tenant's key
    kHeader,   // `value`: of the header that tells tenants apart
    kEachOne,  // every tenant that no other table names
  };

  std::string name;
  Whose whose = Whose::kDigest;
  std::string value;
  int64_t nanodollars = 0;
  policy::BudgetPeriod period = policy::BudgetPeriod::kDaily;
};

enum class Device { kAuto, kCuda, kCpu, kMps };

// Where a value came from. `where` can stand in a sentence: "--port",
// "HEADROOM_PORT", "headroom.toml:3:1"; "" for a default.
struct ValueOrigin {
  enum class Source { kDefault, kFile, kEnvironment, kCommandLine };

  Source source = Source::kDefault;
  std::string where;
};

// What may be left out of file reads: nothing, or bodies that nothing asks for.
enum class Reads { kWhole, kFold };

struct Config {
  std::string host = "127.0.0.1";
  uint16_t port = 8787;
  size_t workers = 0;  // I/O threads; Load replaces 0 by the cores, at most 4

  std::vector<std::string> allowed_hosts;  // as proxy::GuardRules
  std::string proxy_token;                 // itself, also where a file was named; "" for none
  std::string admin_token;                 // likewise
  std::string tls_cert;                    // PEM files, both or neither
  std::string tls_key;

  bool optimize = true;
  std::vector<std::string> protect_tools;  // results of these tools are never changed
  bool group_hits = false;                 // search hits under one path per file
  proxy::Gaps gaps = proxy::Gaps::kAuto;
  bool ccr = true;  // false: as if ccr_tool were kNever
  proxy::Offer ccr_tool = proxy::Offer::kAuto;
  Reads reads = Reads::kWhole;
  proxy::Logins oauth = proxy::Logins::kFull;
  std::vector<proxy::ToolProfile> tool_profiles;  // in order of precedence
  std::chrono::milliseconds block_deadline{50};
  std::chrono::milliseconds request_deadline{150};
  bool intelligent_context = true;
  bool intelligent_scoring = true;
  bool compress_first = true;
  std::string model_limits;                   // JSON or the path of a file, see model_overrides.h
  std::vector<policy::ModelOverride> models;  // of the file; Load joins all there are, strongest first
  bool llmlingua = false;
  Device llmlingua_device = Device::kAuto;
  double llmlingua_rate = 0.3;  // share of tokens kept, (0, 1]

  std::string anthropic_api_url = "https://api.anthropic.com";
  std::string openai_api_url = "https://api.openai.com";
  std::vector<Upstream> upstreams;  // in order of precedence; Load appends the default rows
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds idle_read_timeout{600'000};
  std::string ca_file;  // PEM, in addition to the system's; "" for none

  TenantRule tenant;
  std::string project;  // label of every stored row
  size_t max_body_bytes = 100u << 20;
  bool cache = true;
  bool cache_sampled = false;
  size_t cache_max_entries = 1'000;
  size_t cache_max_bytes = 256u << 20;
  std::chrono::seconds cache_ttl{3'600};
  bool rate_limit = true;
  int64_t rpm = 600;                          // requests a minute for each client; 0: any number
  int64_t tpm = 10'000'000;                   // tokens likewise
  std::optional<int64_t> budget_nanodollars;  // of the whole installation in a budget_period
  policy::BudgetPeriod budget_period = policy::BudgetPeriod::kDaily;
  int64_t over_budget_status = 429;   // or 402
  std::vector<TenantBudget> budgets;  // [budgets] tables of the file
  int64_t retry = 0;                  // times a busy provider is asked again

  // Nothing outlives the process and nothing is left out of a request; Load sets what follows from it.
  bool no_store = false;
  std::string data_dir = "~/.headroom";  // Load expands "~/"
  size_t original_budget_bytes = size_t{2} << 30;
  std::chrono::seconds original_ttl{7 * 86'400};
  std::string encryption_key;  // itself, also where a file was named; "": nothing is encrypted
  std::string toin_path;       // "": toin.json in data_dir
  bool telemetry_disabled = false;

  log::Level log_level = log::Level::kInfo;
  std::string log_file;         // JSON lines; "" for none
  bool log_messages = false;    // with the bodies of requests
  size_t log_rotate_bytes = 0;  // a log file this large is put aside; 0: never
  std::string config_file;      // "" for none

  // By Option::key; a key that is missing has its default.
  std::map<std::string, ValueOrigin, std::less<>> origins;
};

}  // namespace headroom::cli
