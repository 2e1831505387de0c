// How far the provider's own counts are from ours, per model, learnt from the
// usage in its replies.
//
// Serves limits and accounting only. Whether a replacement is shorter is decided
// by the static counter alone: a decision must come out the same tomorrow.
//
// The ratio is that of two running sums, both of which fade by half every
// Options::half_life observations, so large requests weigh more than small ones
// and a change of tokeniser is followed. Bounded: when a model too many comes, the
// one observed longest ago is forgotten. Thread-safe.

#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace headroom::tokens {

class UsageCalibration {
 public:
  struct Options {
    size_t max_models = 256;
    size_t max_name_bytes = 256;  // longer names are not learnt
    double half_life = 16;        // observations
    // Observed ratios are clamped to these; what lies outside is not about
    // tokenisers (images, hidden prompts, a provider's mistake).
    double lowest_ratio = 0.5;
    double highest_ratio = 2.5;
  };

  UsageCalibration() : UsageCalibration(Options()) {}
  explicit UsageCalibration(const Options& options) : options_(options) {}

  // The provider billed `billed` input tokens where the static counter gave
  // `counted`. Ignored if either is zero. Cost: O(log models), O(models) when one is forgotten.
  void Observe(std::string_view model, size_t counted, size_t billed);

  // `counted` corrected by what was observed of the model; unchanged if nothing was.
  size_t Correct(std::string_view model, size_t counted) const;

  // Billed over counted; 1 if nothing was observed.
  double Ratio(std::string_view model) const;

  size_t size() const;

 private:
  struct Sums {
    double counted = 0;
    double billed = 0;
    uint64_t last_observed = 0;
  };

  const Options options_;
  mutable std::mutex mutex_;
  uint64_t observations_ = 0;                      // guarded by mutex_
  std::map<std::string, Sums, std::less<>> sums_;  // guarded by mutex_
};

}  // namespace headroom::tokens
