#include "proxy/activity.h"

#include <algorithm>
#include <utility>

namespace headroom::proxy {
namespace {

Amounts AmountsOf(const ExchangeRecord& record) {
  Amounts amounts;
  amounts.requests = 1;
  amounts.failed = record.outcome.ok() ? 0 : 1;
  if (const std::optional<Usage> usage = record.usage(); usage.has_value()) {
    amounts.input = usage->input;
    amounts.cache_read = usage->cache_read;
    amounts.cache_write = usage->written();
    amounts.output = usage->output;
  }
  if (record.cost.has_value()) {
    amounts.priced = 1;
    amounts.cost = *record.cost;
  }
  if (record.net_savings.has_value()) {
    amounts.netted = 1;
    amounts.net_saved = *record.net_savings;
  }
  if (record.optimized() && record.answered() && !record.cache_hit) amounts.tokens_saved = record.tokens_saved;
  amounts.retrieval_rounds = static_cast<uint64_t>(record.retrieval_rounds);
  amounts.overhead_ms = record.overhead_ms;
  amounts.total_ms = record.total_ms;
  return amounts;
}

// The entry of `name`, or of "other" when there are kNames already.
template <typename Map>
auto& Entry(Map& map, const std::string& name) {
  const bool fits = map.size() < Activity::kNames || map.contains(name);
  return map[fits ? name.substr(0, 128) : "other"];
}

template <typename T>
void Push(std::deque<T>& ring, T value, size_t limit) {
  ring.push_back(std::move(value));
  if (ring.size() > limit) ring.pop_front();
}

// "" for a success.
std::string FailureOf(const ExchangeRecord& record) {
  if (record.status == 0) return "no answer";
  if (!record.answered()) return std::to_string(record.status);
  return record.outcome.ok() ? "" : "cut";
}

RecentExchange WithoutChanges(const RecentExchange& exchange) {
  RecentExchange out{exchange.record, exchange.amounts, {}};
  out.changes.count = exchange.changes.count;
  return out;
}

}  // namespace

Activity::Activity(const Clock& clock, SavingsSeries::LocalDay local_day)
    : clock_(clock), series_(std::move(local_day)) {}

void Activity::Add(ExchangeRecord record, BlockChanges changes) {
  RecentExchange exchange{std::move(record), {}, std::move(changes)};
  exchange.amounts = AmountsOf(exchange.record);
  const ExchangeRecord& of = exchange.record;
  const std::string failure = FailureOf(of);
  const int64_t seconds = clock_.UnixMillis() / 1000;
  {
    const std::lock_guard lock(mutex_);
    series_.Add(seconds, exchange.amounts);
    all_ += exchange.amounts;
    if (!of.model.empty()) Entry(models_, of.model) += exchange.amounts;
    if (!of.client.empty()) Entry(clients_, of.client) += exchange.amounts;
    for (const auto& [rule, count] : of.decided) Entry(decided_, rule) += count;
    if (of.overhead_ms > 0) Push(overhead_, of.overhead_ms, kTimes);
    if (of.first_byte_ms > 0) Push(first_byte_, of.first_byte_ms, kTimes);
    if (of.answered()) Push(total_, of.total_ms, kTimes);
    if (!failure.empty()) {
      ++Entry(statuses_, failure);
      Push(errors_, WithoutChanges(exchange), kErrors);
    }
    Push(recent_, std::move(exchange), kRecent);
  }
  version_.fetch_add(1, std::memory_order_release);
}

Activity::Percentiles Activity::Of(std::deque<double> times) {
  if (times.empty()) return {};
  std::sort(times.begin(), times.end());
  const auto at = [&](double share) {
    return times[static_cast<size_t>(share * static_cast<double>(times.size() - 1))];
  };
  return {at(0.5), at(0.95)};
}

Activity::View Activity::Look() const {
  View view;
  view.version = version();
  view.unix_seconds = clock_.UnixMillis() / 1000;
  std::deque<double> overhead;
  std::deque<double> first_byte;
  std::deque<double> total;
  {
    const std::lock_guard lock(mutex_);
    view.today = series_.Days(view.unix_seconds, 1);
    view.week = series_.Days(view.unix_seconds, 7);
    view.all = all_;
    for (size_t i = 0; i < view.series.size(); ++i) {
      view.series[i] = series_.Buckets(static_cast<SavingsSeries::Step>(i), view.unix_seconds);
    }
    view.models = models_;
    view.clients = clients_;
    view.statuses = statuses_;
    view.decided = decided_;
    overhead = overhead_;
    first_byte = first_byte_;
    total = total_;
    for (auto it = recent_.rbegin(); it != recent_.rend(); ++it) view.recent.push_back(WithoutChanges(*it));
    view.errors.assign(errors_.rbegin(), errors_.rend());
  }
  view.overhead = Of(std::move(overhead));
  view.first_byte = Of(std::move(first_byte));
  view.total = Of(std::move(total));
  return view;
}

std::vector<ExchangeRecord> Activity::Recent(size_t count) const {
  std::vector<ExchangeRecord> records;
  const std::lock_guard lock(mutex_);
  for (auto it = recent_.rbegin(); it != recent_.rend() && records.size() < count; ++it) records.push_back(it->record);
  return records;
}

std::optional<RecentExchange> Activity::Find(std::string_view id) const {
  const std::lock_guard lock(mutex_);
  for (const RecentExchange& exchange : recent_) {
    if (exchange.record.id == id) return exchange;
  }
  return std::nullopt;
}

}  // namespace headroom::proxy
