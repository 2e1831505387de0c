// What the proxy did over time: sums per minute, quarter, hour and local day,
// the latest of each, in memory.
//
//   Add ─► minutes (1 h) ┐
//       ─► quarters (24 h)├ a bucket each, made when something falls into it
//       ─► hours (7 days) │
//       ─► days (90 days) ┘
//
// Bounded: Buckets of kCounts each, some 40 KB. Thread-compatible.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <vector>

namespace headroom::proxy {

// Sums over exchanges. Tokens as the provider counted them, but for tokens_saved,
// which is our own count; money in nano-dollars.
struct Amounts {
  uint64_t requests = 0;
  uint64_t failed = 0;  // answered by an error of ours, or cut
  uint64_t input = 0;   // neither read from nor written to the provider's cache
  uint64_t cache_read = 0;
  uint64_t cache_write = 0;
  uint64_t output = 0;
  uint64_t tokens_saved = 0;
  uint64_t retrieval_rounds = 0;
  uint64_t priced = 0;    // requests whose cost is known
  int64_t cost = 0;       // of those
  uint64_t netted = 0;    // requests whose net saving is known
  int64_t net_saved = 0;  // of those; may be negative
  double overhead_ms = 0;
  double total_ms = 0;

  uint64_t prompt() const { return input + cache_read + cache_write; }
  Amounts& operator+=(const Amounts& other);
  bool operator==(const Amounts&) const = default;
};

class SavingsSeries {
 public:
  enum class Step : uint8_t { kMinute, kQuarter, kHour, kDay };
  static constexpr std::array<size_t, 4> kCounts = {60, 96, 168, 90};

  struct Bucket {
    int64_t start = 0;  // Unix seconds; of a day: midnight UTC of the local date
    Amounts amounts;
  };

  // The local date of a moment (Unix seconds) as days since 1970-01-01.
  using LocalDay = std::function<int64_t(int64_t seconds)>;
  explicit SavingsSeries(LocalDay local_day);

  // Adds to the buckets of `seconds`, now. What stands in buckets after it was
  // added by a clock that was ahead: it goes into the same bucket, so that sums
  // stay true.
  void Add(int64_t seconds, const Amounts& amounts);

  // The buckets of the last kCounts steps before and at `seconds` that hold
  // something, oldest first.
  std::vector<Bucket> Buckets(Step step, int64_t seconds) const;
  // Of the local day of `seconds` and the days - 1 before it.
  Amounts Days(int64_t seconds, int64_t days) const;

 private:
  int64_t StartOf(Step step, int64_t seconds) const;

  const LocalDay local_day_;
  std::array<std::deque<Bucket>, 4> series_;
};

// By the time zone of the process. Thread-safe.
int64_t LocalDayOf(int64_t seconds);

}  // namespace headroom::proxy
