// What happened lately, for the dashboard: sums over time, by model and by
// client, the last exchanges and what was changed in them. Fed once per
// exchange; nothing in it is prompt text.
//
// Bounded: SavingsSeries; kNames models and clients, later ones under "other";
// kRecent exchanges of at most BlockChanges::kMax changes each (1.1 MB at the
// very most); kTimes times. Thread-safe.

#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "proxy/block_change.h"
#include "proxy/exchange_record.h"
#include "proxy/savings_series.h"

namespace headroom::proxy {

struct RecentExchange {
  ExchangeRecord record;
  Amounts amounts;
  BlockChanges changes;
};

class Activity {
 public:
  static constexpr size_t kRecent = 100;
  static constexpr size_t kErrors = 20;
  static constexpr size_t kNames = 64;
  static constexpr size_t kTimes = 512;

  Activity(const Clock& clock, SavingsSeries::LocalDay local_day);

  // Takes an exchange that has ended.
  void Add(ExchangeRecord record, BlockChanges changes);

  // Grows with each Add.
  uint64_t version() const { return version_.load(std::memory_order_acquire); }

  struct Percentiles {
    double half = 0;  // milliseconds that half of the last kTimes exchanges stayed within
    double most = 0;  // 95 of 100 of them
  };
  struct View {
    uint64_t version = 0;
    int64_t unix_seconds = 0;
    Amounts today, week, all;
    std::array<std::vector<SavingsSeries::Bucket>, 4> series;  // by SavingsSeries::Step
    std::map<std::string, Amounts> models, clients;
    std::map<std::string, uint64_t> statuses;  // of exchanges that were no success: "429", "cut", ...
    std::map<std::string, uint64_t> decided;   // tool results by rule or reason
    Percentiles overhead, first_byte, total;
    std::vector<RecentExchange> recent;  // the latest first, without their changes
    std::vector<RecentExchange> errors;  // likewise
  };
  View Look() const;

  // The last exchanges, the latest first, at most `count`.
  std::vector<ExchangeRecord> Recent(size_t count) const;

  // With its changes. Nothing for one that is not among the recent.
  std::optional<RecentExchange> Find(std::string_view id) const;

 private:
  static Percentiles Of(std::deque<double> times);

  const Clock& clock_;
  std::atomic<uint64_t> version_{0};
  mutable std::mutex mutex_;
  SavingsSeries series_;
  Amounts all_;
  std::map<std::string, Amounts> models_, clients_;
  std::map<std::string, uint64_t> statuses_, decided_;
  std::deque<double> overhead_, first_byte_, total_;
  std::deque<RecentExchange> recent_, errors_;  // the latest last
};

}  // namespace headroom::proxy
