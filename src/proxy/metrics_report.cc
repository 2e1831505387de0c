#include "proxy/metrics_report.h"

#include "proxy/exposition.h"

namespace headroom::proxy {
namespace {

void AddTraffic(const ReportSources& from, Exposition& out) {
  out.Counter("headroom_requests_total", "Requests to provider paths.", from.metrics.requests);
  out.Counter("headroom_requests_cached_total", "Answered from the response cache.", from.metrics.cached);
  const Admission::Report admission = from.admission.report();
  out.Counter("headroom_requests_rate_limited_total", "Refused: too many requests or tokens a minute.",
              admission.rate_limited);
  out.Labelled("headroom_requests_over_budget_total", "Refused: a budget is spent, or held for requests under way.",
               "reason", {{"spent", admission.over_budget}, {"held", admission.held_back}});
  out.Counter("headroom_requests_failed_total", "Answered by an error of the proxy, or cut.", from.metrics.failed);
  out.Labelled("headroom_requests_by_provider", "Requests by provider.", "provider",
               {{"anthropic", from.metrics.anthropic}, {"openai", from.metrics.openai}});
  out.Labelled("headroom_requests_by_model", "Requests by model.", "model", from.metrics.models.snapshot());
  out.Counter("headroom_tokens_saved_total", "Tokens not sent, each request counted whole.", from.metrics.tokens_saved);
  out.Counter("headroom_tokens_saved_once_total", "Tokens not sent, each block counted once.",
              from.metrics.tokens_saved_once);
  out.Counter("headroom_tokens_input_total", "Prompt tokens as the provider counted them.", from.metrics.input_tokens);
  out.Counter("headroom_tokens_output_total", "Output tokens as the provider counted them.",
              from.metrics.output_tokens);
  out.Counter("headroom_tokens_reasoning_total", "Of them reasoning.", from.metrics.reasoning_tokens);
  out.Counter("headroom_tokens_cache_read_total", "Prompt tokens read from the provider's cache.",
              from.metrics.cache_read_tokens);
  out.Counter("headroom_tokens_cache_write_total", "Prompt tokens written to the provider's cache.",
              from.metrics.cache_write_tokens);
}

void AddMoney(const ReportSources& from, Exposition& out) {
  out.Single("headroom_cost_usd_total", "counter", "Cost in USD of exchanges whose model has a price.",
             Dollars(static_cast<int64_t>(from.metrics.cost_nano_dollars.load())));
  out.Single("headroom_net_savings_usd", "gauge",
             "What the same turns would have cost with the original blocks, less what they did cost, in USD.",
             Dollars(from.metrics.net_savings_nano_dollars.load()));
  out.Single("headroom_savings_usd_total", "counter",
             "The same, of exchanges that became cheaper, in USD; those that became dearer are losses.",
             Dollars(static_cast<int64_t>(from.metrics.gains_nano_dollars.load())));
  out.Single("headroom_losses_usd_total", "counter", "The same, of exchanges that became dearer, in USD.",
             Dollars(static_cast<int64_t>(from.metrics.losses_nano_dollars.load())));
  std::map<std::string, int64_t> cost;
  std::map<std::string, int64_t> savings;
  for (const auto& [model, totals] : from.metrics.by_model.snapshot()) {
    cost[model] = totals.cost;
    savings[model] = totals.net_savings;
  }
  out.LabelledDollars("headroom_model_cost_usd_total", "counter", "Cost in USD by model.", "model", cost);
  out.LabelledDollars("headroom_model_net_savings_usd", "gauge", "Net savings in USD by model.", "model", savings);
  out.Labelled("headroom_provider_cache_misses_total", "Prompts whose beginning was cached and was not read.", "cause",
               from.metrics.cache_misses.snapshot());
  out.Labelled("headroom_provider_cache_miss_tokens_total", "Tokens that were cached and were not read.", "cause",
               from.metrics.cache_miss_tokens.snapshot());
  out.Counter("headroom_unpriced_exchanges_total", "Paid exchanges of models without a known price.",
              from.metrics.unpriced);
  out.Counter("headroom_estimated_replies_total", "Replies without the provider's figures, counted by our own.",
              from.metrics.estimated_replies);
}

void AddBlocks(const ReportSources& from, Exposition& out) {
  out.Labelled("headroom_blocks_decided_total", "Tool results decided, by rule or reason.", "rule",
               from.metrics.decisions.snapshot());
  out.Counter("headroom_retrieval_rounds_total", "Replies continued because a model opened a gap.",
              from.metrics.retrieval_rounds);
  const RetrievalLog::Totals retrievals = from.retrievals.totals();
  out.Labelled("headroom_retrievals_total", "Originals asked for by models and clients; missed: not kept.", "type",
               {{"full", retrievals.whole}, {"search", retrievals.by_query}, {"missed", retrievals.missed}});
  std::map<std::string, uint64_t> changes;
  std::map<std::string, uint64_t> lost;
  for (const auto& [cause, cost] : from.cache_aligner.report().changes) {
    changes[cause] = cost.requests;
    lost[cause] = cost.tokens;
  }
  out.Labelled("headroom_prefix_changes_total", "Requests whose tools or system text differ from the request before.",
               "cause", changes);
  out.Labelled("headroom_prefix_tokens_lost_total",
               "Prompt tokens that the provider's cache could not give after such a change.", "cause", lost);
  const store::Stats stored = from.store.stats();
  out.Labelled("headroom_originals_evicted_total",
               "Originals removed: for the byte budget within their time to live, or after it.", "reason",
               {{"budget", stored.evicted_originals}, {"ttl", stored.expired_originals}});
  out.Counter("headroom_blocks_replayed_total", "Renditions replayed from the ledger.", from.metrics.replayed_blocks);
}

void AddContext(const ReportSources& from, Exposition& out) {
  out.Counter("headroom_context_epochs_total", "Times a conversation was made to fit its model's limit.",
              from.metrics.context_epochs);
  out.Counter("headroom_context_replayed_requests_total", "Requests that went without what an epoch left out earlier.",
              from.metrics.context_replayed);
  out.Counter("headroom_context_dropped_messages_total", "Messages dropped by epochs.",
              from.metrics.context_dropped_messages);
  out.Counter("headroom_context_deepened_results_total", "Tool results shortened further by epochs.",
              from.metrics.context_deepened_results);
  out.Counter("headroom_context_dropped_tokens_total", "Tokens of dropped messages, each request counted whole.",
              from.metrics.context_dropped_tokens);
  out.Counter("headroom_context_refusals_total", "Prompts that a provider found too long.",
              from.metrics.context_refusals);
  out.Counter("headroom_context_all_protected_total", "Requests that could not be made to fit.",
              from.metrics.context_all_protected);
}

void AddRest(const ReportSources& from, Exposition& out) {
  out.Labelled("headroom_refused_total", "Requests refused for their host, origin, peer or token, by reason.", "reason",
               from.metrics.refused.snapshot());
  out.Labelled("headroom_optimize_failures_total", "Optimising given up, by reason.", "reason",
               from.metrics.failures.snapshot());
  out.Distribution("headroom_latency_ms", "Whole exchange.", from.metrics.latency);
  out.Distribution("headroom_overhead_ms", "Time the proxy took between reading a body and sending it.",
                   from.metrics.overhead);
  out.Distribution("headroom_decide_ms", "Of that: deciding what goes upstream.", from.metrics.decide);
  out.Distribution("headroom_first_byte_ms", "Time from sending upstream to the head of the response.",
                   from.metrics.first_byte);
  out.Distribution("headroom_request_bytes", "Bodies as they came.", from.metrics.request_bytes);
  out.Distribution("headroom_sent_bytes", "Bodies as they went upstream.", from.metrics.sent_bytes);
  const LineWriter::Counts log = from.log.counts();
  out.Labelled("headroom_log_lines_total", "Lines for the log file.", "outcome",
               {{"written", log.written}, {"dropped", log.dropped}, {"failed", log.failed}});
  if (!from.caching.on()) return;
  const ReplyCaching::Counts cache = from.caching.counts();
  out.Labelled("headroom_cache_lookups_total", "Requests that took part in the response cache.", "outcome",
               {{"hit", cache.hits}, {"miss", cache.misses}});
  out.Gauge("headroom_cache_entries", "Replies in the response cache.", cache.stored.entries);
  out.Gauge("headroom_cache_bytes", "Bytes of them.", cache.stored.bytes);
}

}  // namespace

std::string MetricsText(const ReportSources& from) {
  Exposition out;
  AddTraffic(from, out);
  AddMoney(from, out);
  AddBlocks(from, out);
  AddContext(from, out);
  AddRest(from, out);
  return out.Take();
}

}  // namespace headroom::proxy
