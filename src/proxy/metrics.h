// Counters and histograms of the whole process. Counting costs a request a few
// relaxed atomic additions; labels that clients control (model names) are
// bounded. Thread-safe.

#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "proxy/api.h"
#include "proxy/named_totals.h"
#include "proxy/optimizer.h"
#include "proxy/usage.h"

namespace headroom::proxy {

class Histogram {
 public:
  // Upper bounds; one more bucket takes the rest.
  static constexpr size_t kBounds = 15;
  using Bounds = std::array<double, kBounds>;
  static constexpr Bounds kMilliseconds = {0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 1000, 5000, 30000, 120000};
  static constexpr Bounds kBytes = {256,    1024,    4096,    16384,   32768,    65536,    131072,   262144,
                                    524288, 1048576, 2097152, 4194304, 16777216, 67108864, 104857600};

  explicit Histogram(const Bounds& bounds = kMilliseconds) : bounds_(bounds) {}

  void Observe(double value);

  struct Snapshot {
    std::array<uint64_t, kBounds + 1> buckets{};
    uint64_t count = 0;
    double sum = 0;
    double min = 0;
    double max = 0;
  };
  Snapshot snapshot() const;
  const Bounds& bounds() const { return bounds_; }

 private:
  const Bounds& bounds_;
  std::array<std::atomic<uint64_t>, kBounds + 1> buckets_{};
  std::atomic<uint64_t> sum_thousandths_{0};
  std::atomic<uint64_t> min_thousandths_{UINT64_MAX};
  std::atomic<uint64_t> max_thousandths_{0};
};

// Occurrences by name: at most kMaxNames, the rest under "other".
class NamedCounts {
 public:
  static constexpr size_t kMaxNames = 64;

  void Add(std::string_view name, uint64_t count = 1);
  std::map<std::string, uint64_t> snapshot() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, uint64_t, std::less<>> counts_;
};

struct Metrics {
  using Counter = std::atomic<uint64_t>;

  Counter requests{0};
  Counter failed{0};  // answered by an error of ours, or cut
  Counter anthropic{0};
  Counter openai{0};
  Counter input_tokens{0};  // as the provider counted them, cached ones included
  Counter cache_read_tokens{0};
  Counter cache_write_tokens{0};
  Counter output_tokens{0};
  Counter reasoning_tokens{0};                       // of them
  Counter estimated_replies{0};                      // the provider sent no figures
  Counter cost_nano_dollars{0};                      // of priced exchanges
  std::atomic<int64_t> net_savings_nano_dollars{0};  // gains less losses
  Counter gains_nano_dollars{0};                     // of exchanges that our work made cheaper
  Counter losses_nano_dollars{0};                    // and dearer
  Counter cached{0};                                 // answered from our response cache
  Counter unpriced{0};                               // paid exchanges of a model whose price is not known
  Counter tokens_saved{0};                           // per request, replays included
  Counter tokens_saved_once{0};                      // each block counted when it was decided
  Counter replayed_blocks{0};
  Counter retrieval_rounds{0};          // replies continued because a model opened a gap
  Counter context_epochs{0};            // made
  Counter context_replayed{0};          // requests that went without what an epoch had left out
  Counter context_dropped_messages{0};  // by the epochs made, what they contain of earlier ones included
  Counter context_deepened_results{0};  // likewise
  Counter context_dropped_tokens{0};    // not sent, each request counted whole, by our count
  Counter context_refusals{0};          // the provider found a prompt too long
  Counter context_all_protected{0};     // requests that would not fit and could not be made to
  NamedCounts cache_misses;             // of the provider's cache, by cause
  NamedCounts cache_miss_tokens;        // that were cached and were not read
  NamedTotals by_model;                 // answered
  NamedTotals by_tenant;                // by digest
  NamedCounts models;
  NamedCounts decisions;                       // new blocks by rule or reason
  NamedCounts refused;                         // requests that the guard answered, by reason
  NamedCounts failures;                        // optimising failed or was given up, by reason
  Histogram decide;                            // of the overhead: deciding what goes upstream
  Histogram request_bytes{Histogram::kBytes};  // of bodies as they came
  Histogram sent_bytes{Histogram::kBytes};     // as they went upstream
  Histogram overhead;                          // reading the body to sending upstream, our own work
  Histogram latency;                           // whole exchange
  Histogram first_byte;                        // upstream's head after sending

  // Once per request, whatever the provider answers.
  void CountDecisions(const Optimized& optimized);
  // Once per request that was answered.
  void CountSavings(const Optimized& optimized);
  void Count(const Usage& usage);
  void CountNetSavings(policy::NanoDollars saved);
  void CountMiss(const CacheMiss& miss);
};

}  // namespace headroom::proxy
