#include "proxy/savings_series.h"

#include <ctime>
#include <utility>

namespace headroom::proxy {
namespace {

constexpr std::array<int64_t, 4> kSeconds = {60, 900, 3600, 86400};

int64_t SecondsOf(SavingsSeries::Step step) { return kSeconds[static_cast<size_t>(step)]; }

int64_t RoundDown(int64_t seconds, int64_t step) { return seconds - ((seconds % step) + step) % step; }

}  // namespace

Amounts& Amounts::operator+=(const Amounts& other) {
  requests += other.requests;
  failed += other.failed;
  input += other.input;
  cache_read += other.cache_read;
  cache_write += other.cache_write;
  output += other.output;
  tokens_saved += other.tokens_saved;
  retrieval_rounds += other.retrieval_rounds;
  priced += other.priced;
  cost += other.cost;
  netted += other.netted;
  net_saved += other.net_saved;
  overhead_ms += other.overhead_ms;
  total_ms += other.total_ms;
  return *this;
}

SavingsSeries::SavingsSeries(LocalDay local_day) : local_day_(std::move(local_day)) {}

int64_t SavingsSeries::StartOf(Step step, int64_t seconds) const {
  if (step == Step::kDay) return local_day_(seconds) * SecondsOf(step);
  return RoundDown(seconds, SecondsOf(step));
}

void SavingsSeries::Add(int64_t seconds, const Amounts& amounts) {
  for (size_t i = 0; i < series_.size(); ++i) {
    std::deque<Bucket>& buckets = series_[i];
    const int64_t start = StartOf(static_cast<Step>(i), seconds);
    Amounts sum = amounts;
    while (!buckets.empty() && buckets.back().start >= start) {
      sum += buckets.back().amounts;
      buckets.pop_back();
    }
    buckets.push_back({start, sum});
    if (buckets.size() > kCounts[i]) buckets.pop_front();
  }
}

std::vector<SavingsSeries::Bucket> SavingsSeries::Buckets(Step step, int64_t seconds) const {
  const auto i = static_cast<size_t>(step);
  const int64_t last = StartOf(step, seconds);
  const int64_t before_first = last - static_cast<int64_t>(kCounts[i]) * SecondsOf(step);
  std::vector<Bucket> out;
  for (const Bucket& bucket : series_[i]) {
    if (bucket.start > before_first && bucket.start <= last) out.push_back(bucket);
  }
  return out;
}

Amounts SavingsSeries::Days(int64_t seconds, int64_t days) const {
  const int64_t last = StartOf(Step::kDay, seconds);
  Amounts sum;
  for (const Bucket& bucket : series_[static_cast<size_t>(Step::kDay)]) {
    if (bucket.start <= last && bucket.start > last - days * SecondsOf(Step::kDay)) sum += bucket.amounts;
  }
  return sum;
}

int64_t LocalDayOf(int64_t seconds) {
  const std::time_t time = seconds;
  std::tm local{};
  if (localtime_r(&time, &local) == nullptr) return RoundDown(seconds, 86400) / 86400;
  return RoundDown(seconds + local.tm_gmtoff, 86400) / 86400;
}

}  // namespace headroom::proxy
