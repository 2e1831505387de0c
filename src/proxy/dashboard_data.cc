#include "proxy/dashboard_data.h"

#include <fmt/format.h>

#include <string_view>

#include "json/strings.h"

namespace headroom::proxy {
namespace {

constexpr double kNanoDollars = 1e9;

// What comes from clients may be no UTF-8; a document that does not parse would show nothing at all.
std::string Text(std::string_view text) {
  std::string plain;
  for (const char c : text) plain.push_back(static_cast<unsigned char>(c) < 0x80 ? c : '?');
  return json::Quote(plain);
}

std::string AmountsJson(const Amounts& amounts) {
  return fmt::format(
      R"({{"requests":{},"failed":{},"prompt":{},"input":{},"cache_read":{},"cache_write":{},"output":{},"saved":{},)"
      R"("rounds":{},"priced":{},"cost_usd":{:.6f},"netted":{},"net_usd":{:.6f},"overhead_ms":{:.3f},"total_ms":{:.3f}}})",
      amounts.requests, amounts.failed, amounts.prompt(), amounts.input, amounts.cache_read, amounts.cache_write,
      amounts.output, amounts.tokens_saved, amounts.retrieval_rounds, amounts.priced,
      static_cast<double>(amounts.cost) / kNanoDollars, amounts.netted,
      static_cast<double>(amounts.net_saved) / kNanoDollars, amounts.overhead_ms, amounts.total_ms);
}

// A row of numbers for each bucket: the charts' columns.
std::string SeriesJson(const std::vector<SavingsSeries::Bucket>& buckets) {
  std::string out;
  for (const SavingsSeries::Bucket& bucket : buckets) {
    const Amounts& of = bucket.amounts;
    out += fmt::format("{}[{},{},{},{},{},{},{},{:.6f},{:.6f}]", out.empty() ? "" : ",", bucket.start, of.requests,
                       of.prompt(), of.cache_read, of.output, of.tokens_saved, of.failed,
                       static_cast<double>(of.cost) / kNanoDollars, static_cast<double>(of.net_saved) / kNanoDollars);
  }
  return "[" + out + "]";
}

std::string NamedJson(const std::map<std::string, Amounts>& named) {
  std::string out;
  for (const auto& [name, amounts] : named) {
    out += fmt::format(R"({}{{"name":{},"amounts":{}}})", out.empty() ? "" : ",", Text(name), AmountsJson(amounts));
  }
  return "[" + out + "]";
}

std::string CountsJson(const std::map<std::string, uint64_t>& counts) {
  std::string out;
  for (const auto& [name, count] : counts) {
    out += fmt::format("{}{}:{}", out.empty() ? "" : ",", Text(name), count);
  }
  return "{" + out + "}";
}

std::string ExchangesJson(const std::vector<RecentExchange>& exchanges) {
  std::string out;
  for (const RecentExchange& exchange : exchanges) {
    const ExchangeRecord& record = exchange.record;
    out += fmt::format(
        R"({}{{"id":{},"unix_millis":{},"path":{},"model":{},"client":{},"status":{},"outcome":{},"stream":{},)"
        R"("changed":{},"cached":{},"first_byte_ms":{:.2f},"amounts":{}}})",
        out.empty() ? "" : ",", Text(record.id), record.unix_millis, Text(record.route.path.substr(0, 200)),
        Text(std::string_view(record.model).substr(0, 128)), Text(record.client), record.status,
        record.outcome.ok() ? "\"\"" : Text(std::string_view(record.outcome.ToString()).substr(0, 300)), record.stream,
        exchange.changes.count, record.cache_hit, record.first_byte_ms, AmountsJson(exchange.amounts));
  }
  return "[" + out + "]";
}

std::string LatencyJson(const Activity::View& view) {
  const auto one = [](const Activity::Percentiles& times) {
    return fmt::format(R"({{"p50":{:.3f},"p95":{:.3f}}})", times.half, times.most);
  };
  return fmt::format(R"({{"overhead":{},"first_byte":{},"total":{}}})", one(view.overhead), one(view.first_byte),
                     one(view.total));
}

std::string BudgetsJson(const std::vector<policy::Budgets::Standing>& budgets) {
  std::string out;
  for (const policy::Budgets::Standing& budget : budgets) {
    out += fmt::format(
        R"({}{{"name":{},"period":"{}","limit_usd":{:.6f},"spent_usd":{:.6f},"held_usd":{:.6f},"ends_at":{}}})",
        out.empty() ? "" : ",", budget.name.empty() ? R"("All requests")" : Text(budget.name),
        policy::BudgetPeriodName(budget.limit.period), static_cast<double>(budget.limit.nanodollars) / kNanoDollars,
        static_cast<double>(budget.spent) / kNanoDollars, static_cast<double>(budget.held) / kNanoDollars,
        budget.span.end);
  }
  return "[" + out + "]";
}

// What made the provider's cache miss.
std::string CausesJson(const Metrics& metrics) {
  const std::map<std::string, uint64_t> tokens = metrics.cache_miss_tokens.snapshot();
  std::string out;
  for (const auto& [cause, requests] : metrics.cache_misses.snapshot()) {
    const auto lost = tokens.find(cause);
    out += fmt::format(R"({}{}:{{"requests":{},"tokens":{}}})", out.empty() ? "" : ",", Text(cause), requests,
                       lost == tokens.end() ? 0 : lost->second);
  }
  return "{" + out + "}";
}

}  // namespace

std::string DashboardJson(const DashboardFacts& facts) {
  const Activity::View view = facts.activity.Look();
  const store::Stats stored = facts.store.stats();
  const RetrievalLog::Totals retrievals = facts.retrievals.totals();
  std::string out = fmt::format(
      R"({{"version":{},"sequence":{},"now":{},"started":{},"optimize":{},"draining":{},"store_failing":{},)",
      json::Quote(facts.version), view.version, view.unix_seconds, facts.started, facts.optimize, facts.draining,
      !stored.disk_ok && stored.write_failures > 0);
  out += fmt::format(R"("totals":{{"today":{},"week":{},"all":{}}},)", AmountsJson(view.today), AmountsJson(view.week),
                     AmountsJson(view.all));
  out += fmt::format(R"("series":{{"minute":{},"quarter":{},"hour":{},"day":{}}},)", SeriesJson(view.series[0]),
                     SeriesJson(view.series[1]), SeriesJson(view.series[2]), SeriesJson(view.series[3]));
  out += fmt::format(R"("models":{},"clients":{},"decided":{},"statuses":{},"failures":{},)", NamedJson(view.models),
                     NamedJson(view.clients), CountsJson(view.decided), CountsJson(view.statuses),
                     CountsJson(facts.metrics.failures.snapshot()));
  out += fmt::format(R"("latency":{},"causes":{},)", LatencyJson(view), CausesJson(facts.metrics));
  out += fmt::format(R"("retrievals":{{"full":{},"search":{},"missed":{},"rounds":{}}},)", retrievals.whole,
                     retrievals.by_query, retrievals.missed, view.all.retrieval_rounds);
  out += fmt::format(R"("originals":{{"count":{},"bytes":{},"stored_bytes":{},"budget_bytes":{}}},"budgets":{},)",
                     stored.originals, stored.original_bytes, stored.stored_bytes, stored.original_budget_bytes,
                     BudgetsJson(facts.budgets));
  out += fmt::format(R"("recent":{},"errors":{}}})", ExchangesJson(view.recent), ExchangesJson(view.errors));
  return out;
}

}  // namespace headroom::proxy
