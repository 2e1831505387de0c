#include "cli/config_text.h"

#include "cli/options.h"
#include "cli/values.h"
#include "json/strings.h"

namespace headroom::cli {
namespace {

constexpr size_t kOriginColumn = 48;

// A string that JSON quotes is one of TOML, too, but for the slash that neither has to escape.
std::string Quoted(std::string_view text) { return json::Quote(text); }

std::string Array(const std::vector<std::string>& items) {
  std::string out = "[";
  for (const std::string& item : items) out.append(out.size() > 1 ? ", " : "").append(Quoted(item));
  return out + "]";
}

// `text` as Option::print gives it.
std::string Value(const Option& option, const std::string& text) {
  switch (option.kind) {
    case Kind::kNumber:
    case Kind::kSwitch:
      return text;
    case Kind::kList:
      return Array(ParseList(text));
    case Kind::kText:
      break;
  }
  return Quoted(text);
}

std::string WithOrigin(std::string line, std::string_view origin) {
  line.append(line.size() < kOriginColumn ? kOriginColumn - line.size() : 1, ' ');
  return line.append("# ").append(origin).append("\n");
}

std::string SettingLine(const Option& option, const Config& config) {
  const auto origin = config.origins.find(option.key);
  const std::string where = origin == config.origins.end() ? "default" : origin->second.where;
  const std::string text = option.print(config);
  const std::string key(option.key);
  if (text.empty()) return WithOrigin("# " + key, where == "default" ? "default, not set" : where);
  const std::string line = key + " = " + Value(option, text);
  return option.in_file ? WithOrigin(line, where) : WithOrigin("# " + line, where + "; not in a file");
}

std::string UpstreamTable(const Upstream& upstream) {
  // The last two rows follow from the base URLs above.
  if (upstream.models.empty() && upstream.paths.empty()) return "";
  std::vector<std::string> apis;
  for (const Api api : upstream.apis) apis.emplace_back(ApiName(api));
  std::string out = "\n[[upstream]]\nname = " + Quoted(upstream.name) + "\nbase_url = " + Quoted(upstream.base_url) +
                    "\napi = " + Array(apis) + "\n";
  if (!upstream.models.empty()) out += "models = " + Array(upstream.models) + "\n";
  if (!upstream.paths.empty()) out += "paths = " + Array(upstream.paths) + "\n";
  if (!upstream.key_env.empty()) out += "key_env = " + Quoted(upstream.key_env) + "\n";
  return out;
}

std::string ModelTable(const policy::ModelOverride& model) {
  std::string out = "\n[models." + Quoted(model.model) + "]\n";
  const auto tokens = [&](const char* key, const std::optional<uint64_t>& count) {
    if (count) out.append(key).append(" = ").append(std::to_string(*count)).append("\n");
  };
  const auto dollars = [&](const char* key, const std::optional<int64_t>& price) {
    if (price) out.append(key).append(" = ").append(FormatNanodollars(*price)).append("\n");
  };
  tokens("context_window", model.context_window);
  tokens("max_output", model.max_output);
  dollars("input_price", model.prices.input);
  dollars("output_price", model.prices.output);
  dollars("cache_read_price", model.prices.cache_read);
  dollars("cache_write_price", model.prices.cache_write_5m);
  dollars("cache_write_1h_price", model.prices.cache_write_1h);
  return out;
}

}  // namespace

std::string ConfigText(const Config& config) {
  std::string out;
  std::string_view group;
  for (const Option& option : Options()) {
    if (option.group != group) out.append(out.empty() ? "" : "\n").append("# ").append(option.group).append("\n");
    group = option.group;
    out += SettingLine(option, config);
  }
  for (const Upstream& upstream : config.upstreams) out += UpstreamTable(upstream);
  for (const policy::ModelOverride& model : config.models) out += ModelTable(model);
  return out;
}

}  // namespace headroom::cli
