#include "proxy/operations.h"

#include <fmt/format.h>

#include "json/strings.h"

namespace headroom::proxy {
namespace {

// saved / (saved + what was sent), in percent.
double SavingsPercent(const Metrics& metrics) {
  const auto saved = static_cast<double>(metrics.tokens_saved);
  const double all = saved + static_cast<double>(metrics.input_tokens);
  return all == 0 ? 0 : 100 * saved / all;
}

// With all nine places: a sum of small amounts stays exact.
std::string Dollars(int64_t nano) {
  const uint64_t whole = nano < 0 ? 0 - static_cast<uint64_t>(nano) : static_cast<uint64_t>(nano);
  return fmt::format("{}{}.{:09}", nano < 0 ? "-" : "", whole / 1'000'000'000, whole % 1'000'000'000);
}

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

// Prometheus text format 0.0.4.
class Exposition {
 public:
  void Single(std::string_view name, std::string_view type, std::string_view help, const std::string& value) {
    Head(name, type, help);
    text_.append(name).append(" ").append(value).append("\n");
  }
  void Counter(std::string_view name, std::string_view help, uint64_t value) {
    Single(name, "counter", help, std::to_string(value));
  }
  void Labelled(std::string_view name, std::string_view help, std::string_view label,
                const std::map<std::string, uint64_t>& counts) {
    Head(name, "counter", help);
    for (const auto& [value, count] : counts) {
      text_.append(name).append("{").append(label).append("=\"");
      AppendLabelValue(value);
      text_.append("\"} ").append(std::to_string(count)).append("\n");
    }
  }
  void Times(std::string_view name, std::string_view help, const Histogram& histogram) {
    Head(name, "histogram", help);
    const Histogram::Snapshot times = histogram.snapshot();
    uint64_t below = 0;
    for (size_t i = 0; i < Histogram::kBounds.size(); ++i) {
      below += times.buckets[i];
      text_.append(fmt::format("{}_bucket{{le=\"{}\"}} {}\n", name, Histogram::kBounds[i], below));
    }
    text_.append(fmt::format("{}_bucket{{le=\"+Inf\"}} {}\n", name, times.count));
    text_.append(fmt::format("{}_sum {:.3f}\n{}_count {}\n", name, times.sum, name, times.count));
  }
  std::string Take() { return std::move(text_); }

 private:
  void Head(std::string_view name, std::string_view type, std::string_view help) {
    text_.append(fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, help, name, type));
  }
  void AppendLabelValue(std::string_view value) {
    for (const char c : value) {
      if (c == '\\' || c == '"') text_.push_back('\\');
      c == '\n' ? void(text_.append("\\n")) : text_.push_back(c);
    }
  }
  std::string text_;
};

}  // namespace

Reply Operations::Serve(const net::RequestHead& request) const {
  if (request.method != "GET" && request.method != "HEAD") {
    Reply reply = JsonReply(405, R"({"detail":"method not allowed"})");
    reply.head.headers.Add("allow", "GET, HEAD");
    return reply;
  }
  const std::string_view path = request.path();
  if (path == "/health") return Health();
  if (path == "/livez") return JsonReply(200, R"({"status":"alive"})");
  if (path == "/readyz") return Ready();
  if (path == "/stats") return Stats();
  if (path == "/metrics") return Prometheus();
  return JsonReply(404, R"({"detail":"not found"})");
}

Reply Operations::Health() const {
  return JsonReply(
      200,
      fmt::format(
          R"({{"status":"healthy","version":"{}","optimize":{},"config":{{"optimize":{},"cache":false,"rate_limit":false}},)"
          R"("stats":{{"total_requests":{},"tokens_saved":{},"savings_percent":{:.1f}}}}})",
          options_.version, options_.optimize, options_.optimize, metrics_.requests.load(),
          metrics_.tokens_saved.load(), SavingsPercent(metrics_)));
}

Reply Operations::Ready() const {
  if (draining_) return JsonReply(503, R"({"status":"draining"})");
  if (!store_.Writable()) return JsonReply(503, R"({"status":"store not writable"})");
  return JsonReply(200, R"({"status":"ready"})");
}

Reply Operations::Stats() const {
  const store::Stats stored = store_.stats();
  std::string body = fmt::format(
      R"({{"requests":{{"total":{},"failed":{},"by_provider":{{"anthropic":{},"openai":{}}},"by_model":{}}},)",
      metrics_.requests.load(), metrics_.failed.load(), metrics_.anthropic.load(), metrics_.openai.load(),
      CountsJson(metrics_.models.snapshot()));
  body += fmt::format(
      R"("tokens":{{"input":{},"output":{},"cache_read":{},"cache_write":{},"saved":{},"saved_counting_each_block_once":{},)"
      R"("total_before_compression":{},"savings_percent":{:.2f}}},)",
      metrics_.input_tokens.load(), metrics_.output_tokens.load(), metrics_.cache_read_tokens.load(),
      metrics_.cache_write_tokens.load(), metrics_.tokens_saved.load(), metrics_.tokens_saved_once.load(),
      metrics_.input_tokens.load() + metrics_.tokens_saved.load(), SavingsPercent(metrics_));
  body += fmt::format(R"("billed_per_counted_token":{},)", RatiosJson(metrics_.models.snapshot(), calibrator_));
  body += fmt::format(R"("latency":{},"overhead":{},"first_byte":{},)", TimesJson(metrics_.latency),
                      TimesJson(metrics_.overhead), TimesJson(metrics_.first_byte));
  body += fmt::format(R"("blocks":{{"decided":{},"replayed":{}}},"failures":{},)",
                      CountsJson(metrics_.decisions.snapshot()), metrics_.replayed_blocks.load(),
                      CountsJson(metrics_.failures.snapshot()));
  body += fmt::format(R"("context":{{"epochs":{},"replayed_requests":{},"dropped_messages":{},"deepened_results":{},)"
                      R"("dropped_tokens":{},"refusals":{},"all_protected":{}}},)",
                      metrics_.context_epochs.load(), metrics_.context_replayed.load(),
                      metrics_.context_dropped_messages.load(), metrics_.context_deepened_results.load(),
                      metrics_.context_dropped_tokens.load(), metrics_.context_refusals.load(),
                      metrics_.context_all_protected.load());
  body += fmt::format(
      R"("store":{{"disk_ok":{},"nodes_in_memory":{},"originals":{},"original_bytes":{},"queued_writes":{},)"
      R"("write_failures":{},"read_failures":{},"corrupt_rows":{},"evicted_originals":{},"expired_originals":{}}},)",
      stored.disk_ok, stored.nodes, stored.originals, stored.original_bytes, stored.queued_writes,
      stored.write_failures, stored.read_failures, stored.corrupt_rows, stored.evicted_originals,
      stored.expired_originals);
  const RetrievalLog::Totals retrievals = retrievals_.totals();
  body += fmt::format(R"("retrievals":{{"full":{},"search":{},"missed":{},"rounds":{}}},)", retrievals.whole,
                      retrievals.by_query, retrievals.missed, metrics_.retrieval_rounds.load());
  body += fmt::format(R"("prompt_prefix":{}}})", PrefixJson(cache_aligner_.report()));
  return JsonReply(200, std::move(body));
}

Reply Operations::Prometheus() const {
  Exposition out;
  out.Counter("headroom_requests_total", "Requests to provider paths.", metrics_.requests);
  out.Counter("headroom_requests_failed_total", "Answered by an error of the proxy, or cut.", metrics_.failed);
  out.Labelled("headroom_requests_by_provider", "Requests by provider.", "provider",
               {{"anthropic", metrics_.anthropic}, {"openai", metrics_.openai}});
  out.Labelled("headroom_requests_by_model", "Requests by model.", "model", metrics_.models.snapshot());
  out.Counter("headroom_tokens_saved_total", "Tokens not sent, each request counted whole.", metrics_.tokens_saved);
  out.Counter("headroom_tokens_saved_once_total", "Tokens not sent, each block counted once.",
              metrics_.tokens_saved_once);
  out.Counter("headroom_tokens_input_total", "Prompt tokens as the provider counted them.", metrics_.input_tokens);
  out.Counter("headroom_tokens_output_total", "Output tokens as the provider counted them.", metrics_.output_tokens);
  out.Counter("headroom_tokens_cache_read_total", "Prompt tokens read from the provider's cache.",
              metrics_.cache_read_tokens);
  out.Counter("headroom_tokens_cache_write_total", "Prompt tokens written to the provider's cache.",
              metrics_.cache_write_tokens);
  out.Single("headroom_cost_usd_total", "counter", "Cost in USD of exchanges whose model has a price.",
             Dollars(static_cast<int64_t>(metrics_.cost_nano_dollars.load())));
  out.Single("headroom_net_savings_usd", "gauge",
             "What the same turns would have cost with the original blocks, less what they did cost, in USD.",
             Dollars(metrics_.net_savings_nano_dollars.load()));
  out.Labelled("headroom_provider_cache_misses_total", "Prompts whose beginning was cached and was not read.", "cause",
               metrics_.cache_misses.snapshot());
  out.Labelled("headroom_provider_cache_miss_tokens_total", "Tokens that were cached and were not read.", "cause",
               metrics_.cache_miss_tokens.snapshot());
  out.Counter("headroom_unpriced_exchanges_total", "Paid exchanges of models without a known price.",
              metrics_.unpriced);
  out.Counter("headroom_estimated_replies_total", "Replies without the provider's figures, counted by our own.",
              metrics_.estimated_replies);
  out.Labelled("headroom_blocks_decided_total", "Tool results decided, by rule or reason.", "rule",
               metrics_.decisions.snapshot());
  out.Counter("headroom_retrieval_rounds_total", "Replies continued because a model opened a gap.",
              metrics_.retrieval_rounds);
  const RetrievalLog::Totals retrievals = retrievals_.totals();
  out.Labelled("headroom_retrievals_total", "Originals asked for by models and clients; missed: not kept.", "type",
               {{"full", retrievals.whole}, {"search", retrievals.by_query}, {"missed", retrievals.missed}});
  std::map<std::string, uint64_t> changes;
  std::map<std::string, uint64_t> lost;
  for (const auto& [cause, cost] : cache_aligner_.report().changes) {
    changes[cause] = cost.requests;
    lost[cause] = cost.tokens;
  }
  out.Labelled("headroom_prefix_changes_total", "Requests whose tools or system text differ from the request before.",
               "cause", changes);
  out.Labelled("headroom_prefix_tokens_lost_total",
               "Prompt tokens that the provider's cache could not give after such a change.", "cause", lost);
  const store::Stats stored = store_.stats();
  out.Labelled("headroom_originals_evicted_total",
               "Originals removed: for the byte budget within their time to live, or after it.", "reason",
               {{"budget", stored.evicted_originals}, {"ttl", stored.expired_originals}});
  out.Counter("headroom_blocks_replayed_total", "Renditions replayed from the ledger.", metrics_.replayed_blocks);
  out.Counter("headroom_context_epochs_total", "Times a conversation was made to fit its model's limit.",
              metrics_.context_epochs);
  out.Counter("headroom_context_replayed_requests_total", "Requests that went without what an epoch left out earlier.",
              metrics_.context_replayed);
  out.Counter("headroom_context_dropped_messages_total", "Messages dropped by epochs.",
              metrics_.context_dropped_messages);
  out.Counter("headroom_context_deepened_results_total", "Tool results shortened further by epochs.",
              metrics_.context_deepened_results);
  out.Counter("headroom_context_dropped_tokens_total", "Tokens of dropped messages, each request counted whole.",
              metrics_.context_dropped_tokens);
  out.Counter("headroom_context_refusals_total", "Prompts that a provider found too long.", metrics_.context_refusals);
  out.Counter("headroom_context_all_protected_total", "Requests that could not be made to fit.",
              metrics_.context_all_protected);
  out.Labelled("headroom_refused_total", "Requests refused for their host, origin, peer or token, by reason.", "reason",
               metrics_.refused.snapshot());
  out.Labelled("headroom_optimize_failures_total", "Optimising given up, by reason.", "reason",
               metrics_.failures.snapshot());
  out.Times("headroom_latency_ms", "Whole exchange.", metrics_.latency);
  out.Times("headroom_overhead_ms", "Time the proxy took between reading a body and sending it.", metrics_.overhead);
  out.Times("headroom_first_byte_ms", "Time from sending upstream to the head of the response.", metrics_.first_byte);
  Reply reply;
  reply.head.status = 200;
  reply.head.reason = "OK";
  reply.head.headers.Add("content-type", "text/plain; version=0.0.4; charset=utf-8");
  reply.body = out.Take();
  return reply;
}

}  // namespace headroom::proxy
