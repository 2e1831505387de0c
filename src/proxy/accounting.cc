#include "proxy/accounting.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "policy/window_rules.h"

namespace headroom::proxy {
namespace {

// Read, written for minutes and an hour, neither, output.
std::string Brief(const Usage& usage) {
  return fmt::format("{}/{}/{}/{}/{}", usage.cache_read, usage.cache_write, usage.cache_write_1h, usage.input,
                     usage.output);
}

bool IsWithoutPrompt(const Usage& reply) { return reply.estimated && reply.prompt() == 0; }

// Each reply for itself: the bound of a long prompt is one of a request.
std::optional<policy::NanoDollars> CostOfAll(const policy::ModelFacts& facts, const std::vector<Usage>& replies) {
  policy::NanoDollars sum = 0;
  for (const Usage& reply : replies) {
    const std::optional<policy::NanoDollars> cost = policy::CostOf(facts, BilledOf(reply));
    if (!cost.has_value()) return std::nullopt;
    sum += *cost;
  }
  return sum;
}

}  // namespace

std::optional<policy::NanoDollars> NetSavings(const policy::ModelFacts& facts, const std::vector<Usage>& replies,
                                              const Counterfactual& without) {
  // Of an estimate the same parts are taken to be cached on both sides.
  std::vector<Usage> forwarded = replies;
  if (!forwarded.empty()) forwarded.front() = without.forwarded;
  const std::optional<policy::NanoDollars> paid = CostOfAll(facts, forwarded);
  const std::optional<policy::NanoDollars> original = policy::CostOf(facts, BilledOf(without.original));
  if (!paid.has_value() || !original.has_value()) return std::nullopt;
  return *original - *paid;
}

bool Accounting::NeedsEstimate(const ExchangeRecord& record) {
  return std::any_of(record.replies.begin(), record.replies.end(), IsWithoutPrompt);
}

void Accounting::Estimate(ExchangeRecord& record, std::string_view sent) const {
  const uint64_t prompt = calibrator_.Estimate(record.model, sent);
  uint64_t said_before = 0;  // a reply is part of the prompt of the next
  for (Usage& reply : record.replies) {
    if (IsWithoutPrompt(reply)) reply.input = prompt + said_before;
    said_before += reply.output;
  }
}

void Accounting::Settle(ExchangeRecord& record, const Optimized& optimized, std::string_view sent,
                        std::string_view received) {
  Price(record);
  Compare(record, optimized);
  Count(record, optimized);
  Learn(record, optimized, sent);
  activity_.Add(record, optimized.changes);
  log_.Add(record, received);
  if (log::Enabled(log::Level::kInfo)) Log(record);
}

void Accounting::Price(ExchangeRecord& record) const {
  if (record.cache_saved.has_value()) {
    // Answered from our own cache: what the reply would have cost once more.
    const std::optional<policy::ModelFacts> known = catalog_.Find(record.model);
    record.cost = 0;
    if (known.has_value()) record.net_savings = CostOfAll(*known, {*record.cache_saved});
  }
  if (record.replies.empty()) return;
  const std::optional<policy::ModelFacts> facts = catalog_.Find(record.model);
  if (facts.has_value()) record.cost = CostOfAll(*facts, record.replies);
}

double Accounting::BilledRatio(const std::string& model) const {
  const bool exact = tokens::CounterFor(model).exactness() == tokens::Exactness::kExact;
  return exact ? 1 : calibrator_.Ratio(model);
}

void Accounting::Compare(ExchangeRecord& record, const Optimized& optimized) {
  if (!record.answered() || record.replies.empty() || !optimized.trail.has_value()) return;
  const std::optional<policy::ModelFacts> facts = catalog_.Find(record.model);
  const Trail& trail = *optimized.trail;
  const Counterfactual without = WithoutUs(
      {.api = record.route.api,
       .trail = trail,
       .replies = record.replies,
       .hidden_output = record.hidden_output,
       .prompt_limit = facts.has_value() ? policy::PromptLimit(*facts, {.model = record.model}) : std::nullopt,
       .billed_ratio = BilledRatio(record.model),
       .now = clock_.Now()});
  record.original = without.original;
  record.miss = without.miss;
  optimizer_.RecordPrefix(trail, without.next);
  if (facts.has_value()) record.net_savings = NetSavings(*facts, record.replies, without);
}

void Accounting::Count(const ExchangeRecord& record, const Optimized& optimized) {
  metrics_.requests.fetch_add(1, std::memory_order_relaxed);
  (record.route.api == Api::kMessages ? metrics_.anthropic : metrics_.openai).fetch_add(1, std::memory_order_relaxed);
  if (!record.outcome.ok()) metrics_.failed.fetch_add(1, std::memory_order_relaxed);
  if (record.optimized()) metrics_.CountDecisions(optimized);
  if (record.optimized() && record.answered() && !record.cache_hit) metrics_.CountSavings(optimized);
  if (record.answered() && !record.model.empty()) metrics_.models.Add(record.model);
  metrics_.retrieval_rounds.fetch_add(static_cast<uint64_t>(record.retrieval_rounds), std::memory_order_relaxed);
  for (const Usage& reply : record.replies) metrics_.Count(reply);
  metrics_.cost_nano_dollars.fetch_add(static_cast<uint64_t>(record.cost.value_or(0)), std::memory_order_relaxed);
  metrics_.CountNetSavings(record.net_savings.value_or(0));
  if (record.cache_hit) metrics_.cached.fetch_add(1, std::memory_order_relaxed);
  if (!record.miss.cause.empty()) metrics_.CountMiss(record.miss);
  if (!record.replies.empty() && !record.cost.has_value()) metrics_.unpriced.fetch_add(1, std::memory_order_relaxed);
  if (record.overhead_ms > 0) metrics_.overhead.Observe(record.overhead_ms);
  if (record.decide_ms > 0) metrics_.decide.Observe(record.decide_ms);
  if (record.request_bytes > 0) metrics_.request_bytes.Observe(static_cast<double>(record.request_bytes));
  if (record.sent_bytes > 0) metrics_.sent_bytes.Observe(static_cast<double>(record.sent_bytes));
  if (record.answered() && !record.model.empty()) metrics_.by_model.Add(record.model, record);
  metrics_.by_tenant.Add(TenantDigest(record.tenant), record);
  metrics_.latency.Observe(record.total_ms);
  if (record.first_byte_ms > 0) metrics_.first_byte.Observe(record.first_byte_ms);
}

void Accounting::Learn(const ExchangeRecord& record, const Optimized& optimized, std::string_view sent) {
  if (record.cache_hit) return;  // the provider saw nothing of it
  std::optional<Usage> first;    // of this body alone, as the provider counted
  if (!record.replies.empty() && !record.replies.front().estimated) first = record.replies.front();
  if (record.answered() && optimized.prefix.has_value()) optimizer_.cache_aligner().Settle(*optimized.prefix, first);
  if (!first.has_value() || optimized.partial || record.retrieval_rounds > 0) return;
  if (optimized.usage_place.has_value()) {
    optimizer_.RecordUsage(*optimized.usage_place, first->prompt(), first->output);
  }
  calibrator_.Offer(record.route.api, record.model, sent, first->prompt());
}

void Accounting::Log(const ExchangeRecord& record) const {
  std::string decided;
  for (const auto& [rule, count] : record.decided) {
    decided.append(decided.empty() ? "" : ",").append(fmt::format("{}:{}", rule, count));
  }
  const uint64_t after = record.replies.empty() ? 0 : record.replies.front().prompt();
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
                         {"usage", record.replies.empty() ? "" : Brief(*record.usage())},
                         {"original", record.original.has_value() ? Brief(*record.original) : ""},
                         {"miss", std::string(record.miss.cause)},
                         {"replayed", std::to_string(record.replayed)},
                         {"decided", decided},
                         {"outcome", record.outcome.ok() ? "ok" : record.outcome.ToString()}});
}

}  // namespace headroom::proxy
