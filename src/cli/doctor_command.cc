#include <ctime>
#include <optional>
#include <set>

#include "base/clock.h"
#include "cli/banner.h"
#include "cli/client_setup.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/running_proxy.h"
#include "cli/setting_options.h"
#include "cli/version.h"
#include "policy/model_catalog.h"
#include "store/store.h"

namespace headroom::cli {
namespace {

constexpr size_t kTextColumn = 28;
constexpr int64_t kMostClockSeconds = 60;
constexpr int64_t kStaleDays = 60;
constexpr int64_t kDaySeconds = 86'400;

enum class Grade { kGood, kNote, kBad };

// What was found, line by line.
class Findings {
 public:
  // `remedy` says what to do; "" where there is nothing to do.
  void Add(Grade grade, std::string_view subject, const std::string& text, const std::string& remedy = "") {
    static constexpr const char* kMarks[] = {"ok  ", "note", "BAD "};
    bad_ |= grade == Grade::kBad;
    std::string line = std::string(kMarks[static_cast<int>(grade)]) + "  " + std::string(subject);
    line.append(line.size() < kTextColumn ? kTextColumn - line.size() : 1, ' ').append(text);
    if (!remedy.empty()) line.append("\n      -> ").append(remedy);
    Print(line + "\n");
  }
  bool bad() const { return bad_; }

 private:
  bool bad_ = false;
};

int64_t UnixSeconds() { return Clock::System().UnixMillis() / 1000; }

// "Tue, 24 Nov 2026 09:12:01 GMT" (RFC 9110, 5.6.7); nothing for any other text.
std::optional<int64_t> ReadDate(const std::string& text) {
  std::tm time{};
  const char* const end = strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &time);
  if (end == nullptr || *end != '\0') return std::nullopt;
  return timegm(&time);
}

void CheckProxy(const Config& config, Findings& findings) {
  const std::string url = LocalUrl(config);
  const AtAddress found = LookAtAddress(config);
  switch (found.what) {
    case AtAddress::What::kNothing:
      findings.Add(Grade::kNote, "proxy", "none runs at " + url + "; the port is free", "headroom proxy starts one");
      return;
    case AtAddress::What::kSomethingElse:
      findings.Add(Grade::kBad, "proxy", "what answers at " + url + " is no headroom: " + found.detail,
                   "end that program, or give the proxy another --port");
      return;
    case AtAddress::What::kHeadroom:
      break;
  }
  const bool same = found.detail == Version();
  findings.Add(same ? Grade::kGood : Grade::kNote, "proxy", "headroom " + found.detail + " answers at " + url,
               same ? "" : "this program is " + std::string(Version()) + ": restart the proxy to have it run the same");
  const Result<HttpAnswer> ready = CallProxy(config, "/readyz");
  if (ready.ok() && ready->head.status == 200) return;
  findings.Add(Grade::kBad, "proxy", "it is not ready: " + (ready.ok() ? ready->body : ready.status().detail()),
               "its log says why");
}

void CheckStore(const Config& config, Findings& findings) {
  const Result<std::unique_ptr<store::Store>> store =
      store::Store::Open({.data_dir = config.data_dir,
                          .original_budget_bytes = config.original_budget_bytes,
                          .original_ttl = config.original_ttl},
                         Clock::System());
  const std::string remedy = "make " + config.data_dir + " writable, or give another --data-dir";
  if (!store.ok()) return findings.Add(Grade::kBad, "store", store.status().detail(), remedy);
  if (!(*store)->Writable()) return findings.Add(Grade::kBad, "store", config.data_dir + " cannot be written", remedy);
  const store::Stats stats = (*store)->stats();
  if (stats.corrupt_rows > 0) {
    return findings.Add(Grade::kNote, "store",
                        std::to_string(stats.corrupt_rows) + " damaged rows in " + config.data_dir,
                        "they count as unknown; nothing has to be done");
  }
  findings.Add(Grade::kGood, "store", config.data_dir + " can be read and written");
}

void CheckClock(const HttpAnswer& answer, std::string_view name, Findings& findings) {
  const std::optional<int64_t> theirs = ReadDate(std::string(answer.head.headers.Find("date").value_or("")));
  if (!theirs) return;
  const int64_t ahead = UnixSeconds() - *theirs;
  if (ahead >= -kMostClockSeconds && ahead <= kMostClockSeconds) return;
  findings.Add(Grade::kBad, "clock",
               "this machine's clock is " + std::to_string(ahead < 0 ? -ahead : ahead) + " s " +
                   (ahead < 0 ? "behind" : "ahead of") + " that of " + std::string(name),
               "set the clock: budgets, caches and certificates go by it");
}

// The variable of a key that costs nothing to try, by API.
struct KeyOf {
  std::string variable;
  std::string key;
};
KeyOf KeyFor(const Upstream& upstream, const Environment& environment) {
  const bool messages = !upstream.apis.empty() && upstream.apis.front() == Api::kMessages;
  std::string variable = upstream.key_env;
  if (variable.empty()) variable = messages ? "ANTHROPIC_API_KEY" : "OPENAI_API_KEY";
  return {variable, environment(variable).value_or("")};
}

void CheckKey(const Config& config, const Upstream& upstream, const Environment& environment, Findings& findings) {
  const KeyOf key = KeyFor(upstream, environment);
  const std::string subject = "key " + upstream.name;
  if (key.key.empty()) {
    return findings.Add(Grade::kNote, subject, key.variable + " is not set, so no key was tried",
                        "nothing, where clients bring a key or login of their own");
  }
  HttpCall call;
  call.url = upstream.base_url + (upstream.base_url.ends_with("/v1") ? "/models" : "/v1/models");
  call.ca_file = config.ca_file;
  const bool messages = !upstream.apis.empty() && upstream.apis.front() == Api::kMessages;
  if (messages) call.headers = {{"x-api-key", key.key}, {"anthropic-version", "2023-06-01"}};
  if (!messages) call.headers = {{"authorization", "Bearer " + key.key}};
  const Result<HttpAnswer> answer = Call(call);
  if (!answer.ok()) return;  // said where the upstream was tried
  const int status = answer->head.status;
  if (status == 200) return findings.Add(Grade::kGood, subject, "the key in " + key.variable + " is accepted");
  const bool refused = status == 401 || status == 403;
  findings.Add(refused ? Grade::kBad : Grade::kNote, subject,
               "GET /v1/models with the key in " + key.variable + " answers " + std::to_string(status),
               refused ? "put a valid key into " + key.variable : "the upstream may not have that path");
}

void CheckUpstreams(const Config& config, const Environment& environment, Findings& findings) {
  std::set<std::string> tried;
  for (const Upstream& upstream : config.upstreams) {
    if (!tried.insert(upstream.base_url).second) continue;
    HttpCall call;
    call.url = upstream.base_url;
    call.ca_file = config.ca_file;
    const Result<HttpAnswer> answer = Call(call);
    const std::string subject = "upstream " + upstream.name;
    if (!answer.ok()) {
      const std::string detail = answer.status().detail();
      const bool trust = detail.find("TLS") != std::string::npos || detail.find("certificate") != std::string::npos;
      findings.Add(Grade::kBad, subject, upstream.base_url + ": " + detail,
                   trust ? "name the authority that signed its certificate with --ca-file (or SSL_CERT_FILE)"
                         : "look at the network, the URL and HTTPS_PROXY");
      continue;
    }
    const bool tls = upstream.base_url.starts_with("https:");
    findings.Add(Grade::kGood, subject,
                 upstream.base_url + " answers" + (tls ? ", its certificate is trusted" : ", without TLS"));
    CheckClock(*answer, upstream.name, findings);
    CheckKey(config, upstream, environment, findings);
  }
}

// Which way a client of this shell, or by its own file, sends its requests.
void CheckClients(const Config& config, const Environment& environment, Findings& findings) {
  const std::string url = LocalUrl(config);
  for (const auto& [variable, wanted] :
       {std::pair("ANTHROPIC_BASE_URL", url), std::pair("OPENAI_BASE_URL", url + "/v1")}) {
    const std::string value = environment(variable).value_or("");
    if (value.empty()) continue;
    const bool here = value == wanted || value == wanted + "/";
    findings.Add(here ? Grade::kGood : Grade::kNote, variable, here ? "points here" : "points to " + value,
                 here ? "" : "unset it, or: export " + std::string(variable) + "=" + wanted);
  }
  for (const Client& client : Clients()) {
    if (client.path == nullptr) continue;
    const ClientSetup setup(client, client.path(environment), config.data_dir);
    const Result<ClientSetup::Change> change = setup.Plan(url);
    if (!change.ok()) {
      findings.Add(Grade::kNote, client.name, change.status().detail(), "its own program reads it, or not");
    } else if (change->exists) {
      findings.Add(change->none() ? Grade::kGood : Grade::kNote, client.name,
                   setup.path() + (change->none() ? " points here" : " does not point here"),
                   change->none() ? "" : "headroom setup " + std::string(client.name));
    }
  }
}

void CheckPrices(Findings& findings) {
  const std::string date(policy::ModelCatalog::DataDate());
  std::tm day{};
  const char* const end = strptime(date.c_str(), "%Y-%m-%d", &day);
  const bool old = end != nullptr && UnixSeconds() - timegm(&day) > kStaleDays * kDaySeconds;
  findings.Add(old ? Grade::kNote : Grade::kGood, "prices", policy::ModelCatalog::DataVersion() + " of " + date,
               old ? "a newer headroom brings newer prices; yours go into models.json" : "");
}

int Run(const Given& given, const Environment& environment) {
  Findings findings;
  const Result<Config> config = Load(SettingAssignments(given), environment);
  if (!config.ok()) {
    findings.Add(Grade::kBad, "configuration", config.status().detail(),
                 "correct it; headroom config check reads it again");
    return kFailed;
  }
  const std::string file = config->config_file.empty() ? "no file is given" : config->config_file;
  findings.Add(Grade::kGood, "configuration", file + ", no mistake");
  if (const std::string notice = OpenNotice(*config); !notice.empty()) {
    findings.Add(Grade::kNote, "access", notice, "openssl rand -hex 32 makes one");
  }
  CheckProxy(*config, findings);
  CheckStore(*config, findings);
  if (!given.On("--offline")) CheckUpstreams(*config, environment, findings);
  CheckClients(*config, environment, findings);
  CheckPrices(findings);
  return findings.bad() ? kFailed : 0;
}

}  // namespace

Command DoctorCommand() {
  return {.name = "doctor",
          .summary = "Look whether everything works, and say what to do where it does not",
          .usage = {"[OPTIONS]"},
          .about =
              "Looks at the configuration, the proxy and its port, the data directory, each upstream (reachable, "
              "certificate, clock), the keys in the environment (by a call that costs nothing), the clients that "
              "point here or elsewhere, and the age of the prices. Each line that is not ok says what to do. The "
              "options of headroom proxy hold here, too (--port, --config).",
          .options = {{.flag = "--offline", .help = "Ask no upstream"}},
          .exit_status = "0 nothing is bad; 1 something is; 2 an option cannot be read.",
          .hidden_options = SettingOptions(),
          .run = Run};
}

}  // namespace headroom::cli
