#include "cli/banner.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "cli/options.h"
#include "cli/values.h"
#include "cli/version.h"
#include "proxy/host_names.h"

namespace headroom::cli {
namespace {

std::string Url(std::string_view host, const Config& config) {
  const bool ipv6 = host.find(':') != std::string_view::npos;
  const std::string authority = ipv6 ? "[" + std::string(host) + "]" : std::string(host);
  return (config.tls_cert.empty() ? "http://" : "https://") + authority + ":" + std::to_string(config.port);
}

// A line of the banner: a label, then a text in one column with the others.
std::string Line(std::string_view label, std::string_view text) {
  constexpr size_t kColumn = 18;
  std::string line = "  " + std::string(label);
  line.append(line.size() < kColumn ? kColumn - line.size() : 1, ' ');
  return line.append(text).append("\n");
}

std::string Join(const std::vector<std::string>& items) {
  std::string out;
  for (const std::string& item : items) out.append(out.empty() ? "" : ", ").append(item);
  return out;
}

std::string UpstreamText(const Upstream& upstream, size_t name_width) {
  std::string text = upstream.name;
  text.append(name_width - text.size() + 2, ' ').append(upstream.base_url).append(" (");
  std::vector<std::string> words;
  for (const Api api : upstream.apis) words.emplace_back(ApiName(api));
  words.insert(words.end(), upstream.models.begin(), upstream.models.end());
  words.insert(words.end(), upstream.paths.begin(), upstream.paths.end());
  return text + Join(words) + ")";
}

std::string UpstreamLines(const Config& config) {
  size_t width = 0;
  for (const Upstream& upstream : config.upstreams) width = std::max(width, upstream.name.size());
  std::string out;
  for (const Upstream& upstream : config.upstreams) {
    out += Line(out.empty() ? "Upstreams" : "", UpstreamText(upstream, width));
  }
  return out;
}

// "600 requests and 10000000 tokens a minute"; "" where neither is limited.
std::string RateText(const Config& config) {
  if (!config.rate_limit) return "";
  std::string text;
  if (config.rpm > 0) text = std::to_string(config.rpm) + " requests";
  if (config.tpm > 0) text.append(text.empty() ? "" : " and ").append(std::to_string(config.tpm) + " tokens");
  return text.empty() ? text : text + " a minute";
}

// "daily budget $5, 2 budgets of tenants"; "" where there is none.
std::string BudgetText(const Config& config) {
  std::string text;
  if (config.budget_nanodollars.has_value()) {
    text = std::string(policy::BudgetPeriodName(config.budget_period)) + " budget $" +
           FormatNanodollars(*config.budget_nanodollars);
  }
  if (config.budgets.empty()) return text;
  return text.append(text.empty() ? "" : ", ").append(std::to_string(config.budgets.size()) + " budgets of tenants");
}

// Features that have an effect, by their state, and those that never run yet.
std::string FeatureLines(const Config& config) {
  std::vector<std::string> on;
  std::vector<std::string> off;
  (config.optimize ? on : off).emplace_back("optimization");
  if (!config.no_store) on.push_back("originals and decisions in " + config.data_dir);
  if (config.no_store) off.emplace_back("keeping anything");
  (config.cache ? on : off).emplace_back("response cache");
  const std::string rates = RateText(config);
  rates.empty() ? off.emplace_back("rate limit") : on.emplace_back(rates);
  const std::string budget = BudgetText(config);
  budget.empty() ? off.emplace_back("budget") : on.emplace_back(budget);
  off.emplace_back("LLMLingua");
  return Line("On", Join(on)) + Line("Off", Join(off));
}

std::string OriginText(const std::string& key, const ValueOrigin& origin) {
  return origin.source == ValueOrigin::Source::kFile ? key + " (" + origin.where + ")" : origin.where;
}

}  // namespace

std::string LocalUrl(const Config& config) {
  if (config.host == "0.0.0.0") return Url("127.0.0.1", config);
  if (config.host == "::") return Url("::1", config);
  return Url(config.host, config);
}

std::string NoEffectNotice(const Config& config) {
  std::vector<std::string> given;
  for (const Option& option : Options()) {
    const auto origin = config.origins.find(option.key);
    if (!option.has_effect && origin != config.origins.end()) {
      given.push_back(OriginText(origin->first, origin->second));
    }
  }
  if (given.empty()) return "";
  return Join(given) + (given.size() == 1 ? " has no effect yet" : " have no effect yet");
}

std::string OpenNotice(const Config& config) {
  if (config.host == "localhost" || proxy::IsLoopbackAddress(config.host) || !config.proxy_token.empty()) return "";
  return "whoever reaches " + Url(config.host, config) +
         " can use this proxy: proxy_token (--proxy-token) asks for a token";
}

std::string Banner(const Config& config) {
  const std::string local = LocalUrl(config);
  std::string out = "headroom " + std::string(Version()) + "\n\n";
  out += Line("URL", Url(config.host, config));
  out += UpstreamLines(config);
  out += FeatureLines(config);
  if (const std::string notice = OpenNotice(config); !notice.empty()) out += Line("Warning", notice);
  if (const std::string notice = NoEffectNotice(config); !notice.empty()) out += Line("Note", notice);
  out += "\n";
  out += Line("Claude Code", "ANTHROPIC_BASE_URL=" + local + " claude");
  out += Line("OpenAI clients", "OPENAI_BASE_URL=" + local + "/v1");
  return out + "\nPress Ctrl+C to stop.\n";
}

}  // namespace headroom::cli
