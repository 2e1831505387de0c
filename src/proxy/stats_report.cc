#include "proxy/stats_report.h"

#include <fmt/format.h>

#include "json/strings.h"
#include "proxy/admission_report.h"
#include "proxy/exposition.h"

namespace headroom::proxy {
namespace {

constexpr size_t kRecentRequests = 10;

std::string CountsJson(const std::map<std::string, uint64_t>& counts) {
  std::string out = "{";
  for (const auto& [name, count] : counts) {
    if (out.size() > 1) out.push_back(',');
    json::AppendQuoted(name, out);
    out.append(":").append(std::to_string(count));
  }
  return out.append("}");
}

// Billed over counted tokens of each model that was seen.
std::string RatiosJson(const std::map<std::string, uint64_t>& models, const Calibrator& calibrator) {
  std::string out = "{";
  for (const auto& [model, count] : models) {
    if (out.size() > 1) out.push_back(',');
    json::AppendQuoted(model, out);
    out.append(fmt::format(":{:.3f}", calibrator.Ratio(model)));
  }
  return out.append("}");
}

// What made the provider's cache miss at the beginning of prompts.
std::string PrefixJson(const CacheAligner::Report& report) {
  std::string changes;
  for (const auto& [cause, cost] : report.changes) {
    changes += fmt::format(R"({}"{}":{{"requests":{},"tokens_lost":{}}})", changes.empty() ? "" : ",", cause,
                           cost.requests, cost.tokens);
  }
  std::string recent;
  for (const PrefixChange& change : report.recent) {
    recent += fmt::format(R"({}{{"cause":"{}","byte":{},"shape":{},"tokens_lost":{}}})", recent.empty() ? "" : ",",
                          change.cause, change.byte, json::Quote(change.shape), change.tokens);
  }
  return fmt::format(R"({{"conversations":{},"requests_compared":{},"bytes_read":{},"changes":{{{}}},"recent":[{}]}})",
                     report.conversations, report.compared, report.bytes_read, changes, recent);
}

std::string TimesJson(const Histogram& histogram) {
  const Histogram::Snapshot times = histogram.snapshot();
  const double average = times.count == 0 ? 0 : times.sum / static_cast<double>(times.count);
  return fmt::format(R"({{"average_ms":{:.2f},"min_ms":{:.2f},"max_ms":{:.2f},"total_requests":{}}})", average,
                     times.min, times.max, times.count);
}

std::string CostJson(const Metrics& metrics, const Admission::Report& admission) {
  return fmt::format(R"("cost":{{"total_cost_usd":{},"total_savings_usd":{},"gains_usd":{},"losses_usd":{},)"
                     R"("unpriced_requests":{},"estimated_replies":{},"prices_of":"{}",{}}},)",
                     Dollars(static_cast<int64_t>(metrics.cost_nano_dollars.load())),
                     Dollars(metrics.net_savings_nano_dollars.load()),
                     Dollars(static_cast<int64_t>(metrics.gains_nano_dollars.load())),
                     Dollars(static_cast<int64_t>(metrics.losses_nano_dollars.load())), metrics.unpriced.load(),
                     metrics.estimated_replies.load(), policy::ModelCatalog::DataDate(), BudgetMembers(admission));
}

std::string TotalsJson(std::string_view name, const std::map<std::string, Totals>& all) {
  std::string out = fmt::format(R"("{}":{{)", name);
  for (const auto& [key, totals] : all) {
    if (out.back() != '{') out.push_back(',');
    json::AppendQuoted(key, out);
    out += fmt::format(R"(:{{"requests":{},"input":{},"output":{},"saved":{},"cost_usd":{},"savings_usd":{}}})",
                       totals.requests, totals.input, totals.output, totals.saved, Dollars(totals.cost),
                       Dollars(totals.net_savings));
  }
  return out.append("},");
}

std::string CacheJson(const ReplyCaching& caching) {
  if (!caching.on()) return R"("cache":null,)";
  const ReplyCaching::Counts counts = caching.counts();
  return fmt::format(R"("cache":{{"entries":{},"max_entries":{},"bytes":{},"max_bytes":{},"total_hits":{},)"
                     R"("total_misses":{},"shared":{},"hit_rate":{:.4f},"ttl_seconds":{}}},)",
                     counts.stored.entries, counts.stored.max_entries, counts.stored.bytes, counts.stored.max_bytes,
                     counts.hits, counts.misses, counts.shared, counts.HitRate(), caching.ttl().count());
}

// What was shortened and asked for again, under the names of the specification.
std::string LearningJson(const ReportSources& from) {
  const bool enabled = from.learner != nullptr && from.learner->enabled();
  const learning::Learner::Totals totals = enabled ? from.learner->totals() : learning::Learner::Totals();
  const double rate =
      totals.compressions == 0 ? 0 : static_cast<double>(totals.retrievals) / static_cast<double>(totals.compressions);
  const RetrievalLog::Totals opened = from.retrievals.totals();
  std::string out =
      fmt::format(R"("compression":{{"ccr_entries":{},"ccr_bytes":{},"ccr_retrievals":{}}},)",
                  from.store.stats().originals, from.store.stats().original_bytes, opened.whole + opened.by_query);
  out += fmt::format(R"("telemetry":{{"enabled":{},"total_compressions":{},"total_retrievals":{},)"
                     R"("global_retrieval_rate":{:.4f},"tool_signatures_tracked":{}}},)",
                     enabled, totals.compressions, totals.retrievals, rate, totals.patterns);
  return out + fmt::format(R"("toin":{{"enabled":{},"patterns_tracked":{},"total_compressions":{},)"
                           R"("total_retrievals":{},"global_retrieval_rate":{:.3f},)"
                           R"("patterns_with_recommendations":{}}},)",
                           enabled, totals.patterns, totals.compressions, totals.retrievals, rate,
                           totals.with_recommendations);
}

std::string LogJson(const ReportSources& from) {
  const LineWriter::Counts counts = from.log.counts();
  std::string out = fmt::format(R"("log":{{"written":{},"dropped":{},"failed":{}}},"recent_requests":[)",
                                counts.written, counts.dropped, counts.failed);
  for (const ExchangeRecord& record : from.activity.Recent(kRecentRequests)) {
    out.append(out.back() == '[' ? "" : ",").append(JsonOf(record));
  }
  return out.append("],");
}

}  // namespace

double SavingsPercent(const Metrics& metrics) {
  const auto saved = static_cast<double>(metrics.tokens_saved);
  const double all = saved + static_cast<double>(metrics.input_tokens);
  return all == 0 ? 0 : 100 * saved / all;
}

std::string StatsJson(const ReportSources& from) {
  const Metrics& metrics = from.metrics;
  const store::Stats stored = from.store.stats();
  const Admission::Report admission = from.admission.report();
  std::string body = fmt::format(
      R"({{"requests":{{"total":{},"cached":{},"rate_limited":{},"failed":{},"by_provider":{{"anthropic":{},"openai":{}}},"by_model":{}}},)",
      from.metrics.requests.load(), from.metrics.cached.load(), admission.rate_limited, from.metrics.failed.load(),
      from.metrics.anthropic.load(), from.metrics.openai.load(), CountsJson(from.metrics.models.snapshot()));
  body += fmt::format(
      R"("tokens":{{"input":{},"output":{},"cache_read":{},"cache_write":{},"saved":{},"saved_counting_each_block_once":{},)"
      R"("total_before_compression":{},"savings_percent":{:.2f}}},)",
      from.metrics.input_tokens.load(), from.metrics.output_tokens.load(), from.metrics.cache_read_tokens.load(),
      from.metrics.cache_write_tokens.load(), from.metrics.tokens_saved.load(), from.metrics.tokens_saved_once.load(),
      from.metrics.input_tokens.load() + from.metrics.tokens_saved.load(), SavingsPercent(from.metrics));
  body += fmt::format(R"("billed_per_counted_token":{},)", RatiosJson(from.metrics.models.snapshot(), from.calibrator));
  body += fmt::format(R"("latency":{},"overhead":{},"first_byte":{},)", TimesJson(from.metrics.latency),
                      TimesJson(from.metrics.overhead), TimesJson(from.metrics.first_byte));
  body += fmt::format(R"("blocks":{{"decided":{},"replayed":{}}},"failures":{},)",
                      CountsJson(from.metrics.decisions.snapshot()), from.metrics.replayed_blocks.load(),
                      CountsJson(from.metrics.failures.snapshot()));
  body += fmt::format(R"("context":{{"epochs":{},"replayed_requests":{},"dropped_messages":{},"deepened_results":{},)"
                      R"("dropped_tokens":{},"refusals":{},"all_protected":{}}},)",
                      from.metrics.context_epochs.load(), from.metrics.context_replayed.load(),
                      from.metrics.context_dropped_messages.load(), from.metrics.context_deepened_results.load(),
                      from.metrics.context_dropped_tokens.load(), from.metrics.context_refusals.load(),
                      from.metrics.context_all_protected.load());
  body += fmt::format(
      R"("store":{{"disk_ok":{},"nodes_in_memory":{},"originals":{},"original_bytes":{},"queued_writes":{},)"
      R"("write_failures":{},"read_failures":{},"corrupt_rows":{},"evicted_originals":{},"expired_originals":{}}},)",
      stored.disk_ok, stored.nodes, stored.originals, stored.original_bytes, stored.queued_writes,
      stored.write_failures, stored.read_failures, stored.corrupt_rows, stored.evicted_originals,
      stored.expired_originals);
  const RetrievalLog::Totals retrievals = from.retrievals.totals();
  body += fmt::format(R"("retrievals":{{"full":{},"search":{},"missed":{},"rounds":{}}},)", retrievals.whole,
                      retrievals.by_query, retrievals.missed, from.metrics.retrieval_rounds.load());
  body += CostJson(metrics, admission) + AdmissionMembers(admission) + "," +
          TotalsJson("by_model", metrics.by_model.snapshot()) + TotalsJson("by_tenant", metrics.by_tenant.snapshot());
  body += fmt::format(R"("provider_cache":{{"misses":{},"tokens_lost":{}}},)",
                      CountsJson(metrics.cache_misses.snapshot()), CountsJson(metrics.cache_miss_tokens.snapshot()));
  body += CacheJson(from.caching) + LearningJson(from) + LogJson(from);
  body += fmt::format(R"("prompt_prefix":{}}})", PrefixJson(from.cache_aligner.report()));
  return body;
}

}  // namespace headroom::proxy
