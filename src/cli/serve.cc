#include "cli/serve.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "base/clock.h"
#include "base/line_writer.h"
#include "base/worker_pool.h"
#include "cli/banner.h"
#include "cli/reload.h"
#include "cli/store_options.h"
#include "cli/toin_command.h"
#include "cli/version.h"
#include "learning/learner.h"
#include "net/server.h"
#include "proxy/proxy.h"
#include "store/counters.h"
#include "store/memory_response_cache.h"
#include "store/store.h"

namespace headroom::cli {
namespace {

constexpr std::chrono::seconds kDrainTime{30};
// How often it is looked whether what was learnt has to be saved, or decides anew.
constexpr std::chrono::seconds kTick{30};

int Fail(const Status& status) {
  std::fprintf(stderr, "headroom: %s\n", status.detail().c_str());
  return 1;
}

// The signals that end the program or make it read its configuration again, received by sigtimedwait instead of a
// handler. Blocked before any thread starts, so that all inherit it.
sigset_t BlockSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // a full disk is an error of write(), not the end
  return signals;
}

// Each connection takes a descriptor downstream and one upstream; the usual
// soft limit of 1,024 is far below what the server admits.
void RaiseDescriptorLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

// The signal that came; 0 or less where none did.
int SignalWithin(const sigset_t& signals, std::chrono::milliseconds time) {
  const timespec limit{.tv_sec = time.count() / 1000, .tv_nsec = time.count() % 1000 * 1'000'000};
  return sigtimedwait(&signals, nullptr, &limit);
}

// Waits for the end; SIGHUP and the ticks on the way are for the callbacks.
void WaitForEnd(const sigset_t& signals, const std::function<void()>& reload, const std::function<void()>& tick) {
  const bool on_terminal = isatty(STDOUT_FILENO) != 0;
  while (true) {
    const int signal = SignalWithin(signals, kTick);
    if (signal <= 0) {
      tick();
      continue;
    }
    const bool hung_up = signal == SIGHUP && on_terminal && isatty(STDOUT_FILENO) == 0;
    if (signal != SIGHUP || hung_up) return;
    reload();
  }
}

proxy::TenantRule RuleFrom(const TenantRule& rule) {
  switch (rule.kind) {
    case TenantRule::Kind::kHeader:
      return {proxy::TenantRule::By::kHeader, rule.header};
    case TenantRule::Kind::kSingle:
      return {proxy::TenantRule::By::kSingle, {}};
    case TenantRule::Kind::kCredential:
      break;
  }
  return {};
}

// One row per API shape. "responses" is one path of OpenAI's; "chat" is all of
// its other paths too.
Status AddRows(const Upstream& row, std::vector<proxy::Upstream>& rows) {
  Result<net::Url> url = net::ParseUrl(row.base_url);
  if (!url.ok()) return Status(Code::kInvalidArgument, row.base_url + ": " + url.status().detail());
  std::string key;
  if (!row.key_env.empty()) {
    const char* value = std::getenv(row.key_env.c_str());
    if (value == nullptr || *value == '\0') {
      return Status(Code::kInvalidArgument, fmt::format("upstream {}: {} is not set", row.name, row.key_env));
    }
    key = value;
  }
  for (const Api api : row.apis) {
    proxy::Upstream made{row.name, *url, proxy::Api::kChat, row.models, row.paths, key};
    if (api == Api::kMessages) made.api = proxy::Api::kMessages;
    if (api == Api::kResponses && row.paths.empty()) made.paths = {"/v1/responses*"};
    rows.push_back(std::move(made));
  }
  return Status();
}

// The tenant that a credential, or a header's value, stands for.
store::TenantId TenantBy(std::string_view header, std::string_view value, const proxy::TenantRule& rule) {
  net::HeaderList headers;
  headers.Add(header, value);
  return proxy::ReadCredential(headers, rule).tenant;
}

store::TenantId TenantOf(const TenantBudget& budget, const proxy::TenantRule& rule) {
  switch (budget.whose) {
    case TenantBudget::Whose::kKeyEnv: {
      const char* const key = std::getenv(budget.value.c_str());
      return TenantBy("x-api-key", key == nullptr ? "" : key, rule);
    }
    case TenantBudget::Whose::kHeader:
      return TenantBy(rule.header, budget.value, rule);
    case TenantBudget::Whose::kDigest:
      return {std::stoull(budget.value.substr(0, 16), nullptr, 16), std::stoull(budget.value.substr(16), nullptr, 16)};
    case TenantBudget::Whose::kEachOne:
      break;
  }
  return {};
}

proxy::Admission::Options AdmissionOptions(const Config& config) {
  proxy::Admission::Options options;
  if (config.rate_limit) options.rates = {config.rpm, config.tpm};
  options.over_budget_status = static_cast<int>(config.over_budget_status);
  if (config.budget_nanodollars.has_value()) {
    options.budgets.installation = policy::BudgetLimit{*config.budget_nanodollars, config.budget_period};
  }
  const proxy::TenantRule rule = RuleFrom(config.tenant);
  for (const TenantBudget& budget : config.budgets) {
    const policy::BudgetLimit limit{budget.nanodollars, budget.period};
    if (budget.whose == TenantBudget::Whose::kEachOne) {
      options.budgets.each_tenant = limit;
    } else {
      options.budgets.tenants.push_back({budget.name, TenantOf(budget, rule), limit});
    }
  }
  return options;
}

Result<proxy::Proxy::Options> ProxyOptions(const Config& config) {
  proxy::Proxy::Options options;
  options.version = Version();
  options.optimize = config.optimize;
  options.tenant = RuleFrom(config.tenant);
  options.guard = GuardRulesFrom(config);
  options.max_body_bytes = config.max_body_bytes;
  options.router.policy = PolicyFrom(config);
  options.router.offer_retrieval = config.ccr ? config.ccr_tool : proxy::Offer::kNever;
  options.context.drops = !config.no_store;
  options.router.block_deadline = config.block_deadline;
  options.router.request_deadline = config.request_deadline;
  options.router.project = config.project;
  options.context.intelligent = config.intelligent_context;
  options.context.scoring = config.intelligent_scoring;
  options.context.compress_first = config.compress_first;
  options.models = config.models;
  options.cache.sampled = config.cache_sampled;
  options.cache.ttl = config.cache_ttl;
  options.admission = AdmissionOptions(config);
  options.retries = static_cast<int>(config.retry);
  options.pool.connect_timeout = config.connect_timeout;
  options.pool.idle_read_timeout = config.idle_read_timeout;
  options.pool.ca_file = config.ca_file;
  Result<net::ProxySettings> through = net::ProxySettings::FromEnvironment();
  if (!through.ok()) return through.status();
  options.pool.proxy = *std::move(through);
  for (const Upstream& row : config.upstreams) {
    if (const Status added = AddRows(row, options.upstreams); !added.ok()) return added;
  }
  if (const Status trust = net::CheckTrust(options.pool); !trust.ok()) return trust;
  return options;
}

// Null where the listener has no TLS.
Result<std::shared_ptr<net::TlsServer>> TlsFrom(const Config& config) {
  if (config.tls_cert.empty()) return std::shared_ptr<net::TlsServer>();
  return net::TlsServer::Load(config.tls_cert, config.tls_key);
}

// Null where none is asked for.
Result<std::unique_ptr<LineWriter>> LogFileFrom(const Config& config) {
  if (config.log_file.empty()) return std::unique_ptr<LineWriter>();
  return LineWriter::Open({.path = config.log_file, .rotate_bytes = config.log_rotate_bytes});
}

// Stops accepting, lets running exchanges finish; a second signal ends at once.
void Drain(net::Server& server, const sigset_t& signals) {
  server.Drain();
  const auto until = std::chrono::steady_clock::now() + kDrainTime;
  // What was accepted just now becomes an exchange within the first wait.
  do {
    const int signal = SignalWithin(signals, std::chrono::milliseconds(20));
    if (signal > 0 && signal != SIGHUP) return;
  } while (server.exchanges() > 0 && std::chrono::steady_clock::now() < until);
}

void PrintSummary(const proxy::Metrics& metrics) {
  std::printf("headroom: %llu requests, %llu failed, %llu prompt tokens, %llu tokens saved\n",
              static_cast<unsigned long long>(metrics.requests), static_cast<unsigned long long>(metrics.failed),
              static_cast<unsigned long long>(metrics.input_tokens),
              static_cast<unsigned long long>(metrics.tokens_saved));
  std::fflush(stdout);
}

}  // namespace

int Serve(const Config& config, const std::function<Result<Config>()>& load) {
  const sigset_t signals = BlockSignals();
  RaiseDescriptorLimit();
  log::SetLevel(config.log_level);
  Result<proxy::Proxy::Options> options = ProxyOptions(config);
  if (!options.ok()) return Fail(options.status());
  Result<std::shared_ptr<net::TlsServer>> tls = TlsFrom(config);
  if (!tls.ok()) return Fail(tls.status());

  Result<std::unique_ptr<store::Store>> store = store::Store::Open(StoreOptionsFrom(config), Clock::System());
  if (!store.ok()) return Fail(store.status());

  store::MemoryResponseCache cache({.max_entries = config.cache_max_entries, .max_bytes = config.cache_max_bytes},
                                   Clock::System());
  if (config.cache) options->cache.cache = &cache;
  Result<std::unique_ptr<LineWriter>> log_file = LogFileFrom(config);
  if (!log_file.ok()) return Fail(log_file.status());
  options->log = {.file = log_file->get(), .bodies = config.log_messages};
  const std::unique_ptr<store::Counters> counters =
      store::OpenEmbeddedCounters({.data_dir = config.data_dir}, Clock::System());

  WorkerPool workers({.threads = config.workers});
  learning::Learner learner(
      {.path = ToinPath(config),
       .enabled = !config.telemetry_disabled,
       .run = [&workers](std::function<void()> task) { return workers.TryPost(std::move(task)); }},
      Clock::System());
  options->router.lessons = proxy::Lessons(&learner);
  options->context.pattern = [&learner](const store::TenantId& tenant, std::string_view tool) {
    return learner.Worth(tenant, std::string(tool));
  };
  proxy::Proxy proxy(*std::move(options), **store, *counters, workers, Clock::System());
  net::Server::Options listener;
  listener.host = config.host;
  listener.port = config.port;
  listener.threads = config.workers;
  listener.tls = *tls;
  net::Server server(listener, [&proxy](net::asio::io_context& context) { return proxy.MakeHandler(context); });
  if (learner.Tick()) proxy.Use(learner.Now());
  if (const Status started = server.Start(); !started.ok()) return Fail(started);

  Config listening = config;
  listening.port = server.port();
  if (const std::string notice = OpenNotice(config); !notice.empty()) log::Warning("open", {{"notice", notice}});
  std::fputs(Banner(listening).c_str(), stdout);
  std::fflush(stdout);

  Reloader reloader(config, load, {proxy, tls->get()});
  const auto reload = [&] {
    (void)reloader.Reload();
    if (*log_file != nullptr) (*log_file)->Reopen();
  };
  const auto learn = [&] {
    counters->Sweep();
    if (learner.Tick()) proxy.Use(learner.Now());
  };
  WaitForEnd(signals, reload, learn);
  proxy.operations().Drain();
  Drain(server, signals);
  workers.Stop();  // before the exchanges it works for are destroyed
  server.Stop();
  if (const Status saved = learner.Save(); !saved.ok()) {
    log::Warning("learnt patterns are not saved", {{"why", saved.detail()}});
  }
  (*store)->Flush();
  counters->Flush();
  PrintSummary(proxy.metrics());
  return 0;
}

}  // namespace headroom::cli
