#include "proxy/exchange_log.h"

#include <fmt/format.h>

#include <ctime>

#include "json/strings.h"
#include "proxy/redaction.h"

namespace headroom::proxy {
namespace {

// "2026-11-24T09:12:01.123Z"
std::string Timestamp(int64_t unix_millis) {
  const std::time_t seconds = unix_millis / 1000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", parts.tm_year + 1900, parts.tm_mon + 1,
                     parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, unix_millis % 1000);
}

std::string Usd(const std::optional<policy::NanoDollars>& nano) {
  return nano.has_value() ? fmt::format("{:.9f}", static_cast<double>(*nano) / 1e9) : "null";
}

// The digest that /stats and metrics use.
std::string UsageJson(const Usage& usage) {
  return fmt::format(
      R"({{"input":{},"cache_read":{},"cache_write_5m":{},"cache_write_1h":{},"output":{},"reasoning":{},)"
      R"("audio_input":{},"audio_output":{},"tier":"{}","estimated":{}}})",
      usage.input, usage.cache_read, usage.cache_write, usage.cache_write_1h, usage.output, usage.reasoning,
      usage.audio_input, usage.audio_output, ServiceTierName(usage.tier), usage.estimated);
}

template <typename Map, typename Value>
std::string ObjectJson(const Map& map, const Value& value) {
  std::string out = "{";
  for (const auto& [name, member] : map) {
    if (out.size() > 1) out.push_back(',');
    out.append(json::Quote(name)).append(":").append(value(member));
  }
  return out.append("}");
}

std::string Transforms(const std::map<std::string, uint32_t>& decided) {
  std::string out = "[";
  for (const auto& [rule, count] : decided) {
    out.append(out.size() > 1 ? "," : "").append(json::Quote(rule));
  }
  return out.append("]");
}

// A body between lines: line ends stand between its values only, where a blank does as well.
std::string OnOneLine(std::string body) {
  for (char& c : body) {
    if (c == '\n' || c == '\r') c = ' ';
  }
  return body;
}

}  // namespace

std::string JsonOf(const ExchangeRecord& record) {
  const std::optional<Usage> usage = record.usage();
  const uint64_t after = record.replies.empty() ? 0 : record.replies.front().prompt();
  const uint64_t before = record.original.has_value() ? record.original->prompt() : after;
  const int64_t saved = static_cast<int64_t>(before) - static_cast<int64_t>(after);
  const double percent = before == 0 ? 0 : 100 * static_cast<double>(saved) / static_cast<double>(before);
  std::string out = fmt::format(
      R"({{"request_id":{},"timestamp":"{}","provider":"{}","upstream":{},"api":"{}","route":{},"model":{},)"
      R"("tenant":"{}","project":{},"status":{},"stream":{},)",
      json::Quote(record.id), Timestamp(record.unix_millis), ProviderName(record.route.api),
      json::Quote(record.upstream), ApiName(record.route.api), json::Quote(record.route.path),
      json::Quote(record.model), TenantDigest(record.tenant), json::Quote(record.project), record.status,
      record.stream);
  out += fmt::format(R"("input_tokens_original":{},"input_tokens_optimized":{},"output_tokens":{},"tokens_saved":{},)"
                     R"("savings_percent":{:.2f},"estimated_cost_usd":{},"estimated_savings_usd":{},"usage":{},)",
                     before, after, usage.has_value() ? std::to_string(usage->output) : "null", saved, percent,
                     Usd(record.cost), Usd(record.net_savings), usage.has_value() ? UsageJson(*usage) : "null");
  out += fmt::format(
      R"("optimization_latency_ms":{:.3f},"first_byte_ms":{:.3f},"total_latency_ms":{:.3f},"cache_hit":{},)"
      R"("transforms_applied":{},"decisions":{},"replayed":{},)",
      record.overhead_ms, record.first_byte_ms, record.total_ms, record.cache_hit, Transforms(record.decided),
      ObjectJson(record.decided, [](uint32_t count) { return std::to_string(count); }), record.replayed);
  out += fmt::format(R"("provider_cache_miss":{},"retrieval_rounds":{},"retries":{},"tags":{},"error":{}}})",
                     record.miss.cause.empty()
                         ? std::string("null")
                         : fmt::format(R"({{"cause":"{}","tokens":{}}})", record.miss.cause, record.miss.tokens),
                     record.retrieval_rounds, record.retries,
                     ObjectJson(record.tags, [](const std::string& value) { return json::Quote(value); }),
                     record.outcome.ok() ? "null" : json::Quote(record.outcome.ToString()));
  return out;
}

void ExchangeLog::Add(const ExchangeRecord& record, std::string_view body) {
  if (options_.file == nullptr) return;
  std::string line = JsonOf(record);
  const bool with_body = options_.bodies && record.optimized() && !body.empty();
  const size_t bytes = line.size() + (with_body ? body.size() : 0);
  if (!with_body) return options_.file->Write(bytes, [line = std::move(line)] { return line; });
  options_.file->Write(bytes, [line = std::move(line), text = std::string(body)] {
    return line.substr(0, line.size() - 1) + ",\"request\":" + OnOneLine(Redacted(text)) + "}";
  });
}

}  // namespace headroom::proxy
