#include "proxy/accounting.h"

#include <fmt/format.h>

#include "base/log.h"

namespace headroom::proxy {

std::string_view ProviderName(Api api) { return api == Api::kMessages ? "anthropic" : "openai"; }

void Accounting::Settle(const ExchangeRecord& record, const Optimized& optimized, std::string_view sent) {
  Count(record, optimized);
  Learn(record, optimized, sent);
  if (log::Enabled(log::Level::kInfo)) Log(record);
}

void Accounting::Count(const ExchangeRecord& record, const Optimized& optimized) {
  metrics_.requests.fetch_add(1, std::memory_order_relaxed);
  (record.route.api == Api::kMessages ? metrics_.anthropic : metrics_.openai).fetch_add(1, std::memory_order_relaxed);
  if (!record.outcome.ok()) metrics_.failed.fetch_add(1, std::memory_order_relaxed);
  if (record.optimized()) metrics_.CountDecisions(optimized);
  if (record.optimized() && record.answered()) metrics_.CountSavings(optimized);
  if (record.answered() && !record.model.empty()) metrics_.models.Add(record.model);
  metrics_.retrieval_rounds.fetch_add(static_cast<uint64_t>(record.retrieval_rounds), std::memory_order_relaxed);
  if (record.usage.has_value()) metrics_.Count(*record.usage);
  if (record.overhead_ms > 0) metrics_.overhead.Observe(record.overhead_ms);
  metrics_.latency.Observe(record.total_ms);
  if (record.first_byte_ms > 0) metrics_.first_byte.Observe(record.first_byte_ms);
}

void Accounting::Learn(const ExchangeRecord& record, const Optimized& optimized, std::string_view sent) {
  if (record.answered() && optimized.prefix.has_value()) {
    optimizer_.cache_aligner().Settle(*optimized.prefix, record.usage);
  }
  // Of several replies, or of a conversation that the provider keeps, usage says nothing of this body.
  if (!record.usage.has_value() || optimized.partial || record.retrieval_rounds > 0) return;
  if (optimized.usage_place.has_value()) {
    optimizer_.RecordUsage(*optimized.usage_place, record.usage->prompt(), record.usage->output);
  }
  calibrator_.Offer(record.model, sent, record.usage->prompt());
}

void Accounting::Log(const ExchangeRecord& record) const {
  std::string decided;
  for (const auto& [rule, count] : record.decided) {
    decided.append(decided.empty() ? "" : ",").append(fmt::format("{}:{}", rule, count));
  }
  const uint64_t after = record.usage.has_value() ? record.usage->prompt() : 0;
  const uint64_t saved = calibrator_.Correct(record.model, record.tokens_saved);
  log::Info("exchange", {{"id", record.id},
                         {"route", record.route.path},
                         {"model", record.model},
                         {"status", std::to_string(record.status)},
                         {"ms", fmt::format("{:.2f}", record.total_ms)},
                         {"overhead_ms", fmt::format("{:.2f}", record.overhead_ms)},
                         {"first_byte_ms", fmt::format("{:.2f}", record.first_byte_ms)},
                         {"tokens_before", std::to_string(after == 0 ? 0 : after + saved)},
                         {"tokens_after", std::to_string(after)},
                         {"tokens_saved", std::to_string(record.tokens_saved)},
                         {"replayed", std::to_string(record.replayed)},
                         {"decided", decided},
                         {"outcome", record.outcome.ok() ? "ok" : record.outcome.ToString()}});
}

}  // namespace headroom::proxy
