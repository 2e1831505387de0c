#include "proxy/metrics.h"

#include <algorithm>

namespace headroom::proxy {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;

}  // namespace

void Histogram::Observe(double value) {
  const auto bucket = std::lower_bound(bounds_.begin(), bounds_.end(), value) - bounds_.begin();
  buckets_[static_cast<size_t>(bucket)].fetch_add(1, kRelaxed);
  const auto thousandths = static_cast<uint64_t>(std::max(value, 0.0) * 1000);
  sum_thousandths_.fetch_add(thousandths, kRelaxed);
  for (uint64_t seen = min_thousandths_.load(kRelaxed);
       thousandths < seen && !min_thousandths_.compare_exchange_weak(seen, thousandths, kRelaxed);) {
  }
  for (uint64_t seen = max_thousandths_.load(kRelaxed);
       thousandths > seen && !max_thousandths_.compare_exchange_weak(seen, thousandths, kRelaxed);) {
  }
}

Histogram::Snapshot Histogram::snapshot() const {
  Snapshot out;
  for (size_t i = 0; i < buckets_.size(); ++i) {
    out.buckets[i] = buckets_[i].load(kRelaxed);
    out.count += out.buckets[i];
  }
  if (out.count == 0) return out;
  out.sum = static_cast<double>(sum_thousandths_.load(kRelaxed)) / 1000;
  out.min = static_cast<double>(min_thousandths_.load(kRelaxed)) / 1000;
  out.max = static_cast<double>(max_thousandths_.load(kRelaxed)) / 1000;
  return out;
}

void NamedCounts::Add(std::string_view name, uint64_t count) {
  const std::lock_guard lock(mutex_);
  auto found = counts_.find(name);
  if (found == counts_.end()) {
    const std::string_view kept = counts_.size() < kMaxNames ? name.substr(0, 128) : std::string_view("other");
    found = counts_.try_emplace(std::string(kept), 0).first;
  }
  found->second += count;
}

std::map<std::string, uint64_t> NamedCounts::snapshot() const {
  const std::lock_guard lock(mutex_);
  return {counts_.begin(), counts_.end()};
}

void Metrics::CountDecisions(const Optimized& optimized) {
  tokens_saved_once.fetch_add(optimized.tokens_saved_once, kRelaxed);
  for (const auto& [rule, count] : optimized.decided) decisions.Add(rule, count);
  const RouterFailures& failed_blocks = optimized.failures;
  if (failed_blocks.deadline > 0) failures.Add("deadline", failed_blocks.deadline);
  if (failed_blocks.exception > 0) failures.Add("exception", failed_blocks.exception);
  if (failed_blocks.damaged > 0) failures.Add("damaged_record", failed_blocks.damaged);
  if (optimized.hidden.lost > 0) failures.Add("hidden_exchange_lost", optimized.hidden.lost);
  if (!optimized.untouched.empty()) failures.Add(optimized.untouched);
  const ContextOutcome& context = optimized.context;
  if (context.refused) context_refusals.fetch_add(1, kRelaxed);
  if (context.exceeded && !context.made) context_all_protected.fetch_add(1, kRelaxed);
  if (context.applies && !context.made) context_replayed.fetch_add(1, kRelaxed);
  if (context.applies) context_dropped_tokens.fetch_add(context.dropped_tokens, kRelaxed);
  if (!context.made) return;
  context_epochs.fetch_add(1, kRelaxed);
  context_dropped_messages.fetch_add(context.dropped_messages, kRelaxed);
  context_deepened_results.fetch_add(context.deepened_results, kRelaxed);
}

void Metrics::CountSavings(const Optimized& optimized) {
  tokens_saved.fetch_add(optimized.tokens_saved, kRelaxed);
  replayed_blocks.fetch_add(optimized.replayed, kRelaxed);
}

void Metrics::Count(const Usage& usage) {
  input_tokens.fetch_add(usage.prompt(), kRelaxed);
  cache_read_tokens.fetch_add(usage.cache_read, kRelaxed);
  cache_write_tokens.fetch_add(usage.written(), kRelaxed);
  output_tokens.fetch_add(usage.output, kRelaxed);
  reasoning_tokens.fetch_add(usage.reasoning, kRelaxed);
  if (usage.estimated) estimated_replies.fetch_add(1, kRelaxed);
}

void Metrics::CountNetSavings(policy::NanoDollars saved) {
  net_savings_nano_dollars.fetch_add(saved, kRelaxed);
  Counter& side = saved < 0 ? losses_nano_dollars : gains_nano_dollars;
  side.fetch_add(static_cast<uint64_t>(saved < 0 ? -saved : saved), kRelaxed);
}

void Metrics::CountMiss(const CacheMiss& miss) {
  cache_misses.Add(miss.cause);
  cache_miss_tokens.Add(miss.cause, miss.tokens);
}

}  // namespace headroom::proxy
