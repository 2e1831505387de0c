#include "tokens/usage_calibration.h"

#include <algorithm>
#include <cmath>

namespace headroom::tokens {

void UsageCalibration::Observe(std::string_view model, size_t counted, size_t billed) {
  if (counted == 0 || billed == 0 || model.size() > options_.max_name_bytes || options_.max_models == 0) return;
  const double weight = static_cast<double>(counted);
  const double ratio = std::clamp(static_cast<double>(billed) / weight, options_.lowest_ratio, options_.highest_ratio);
  const double fade = std::exp2(-1.0 / options_.half_life);

  const std::lock_guard lock(mutex_);
  auto found = sums_.find(model);
  if (found == sums_.end()) {
    if (sums_.size() >= options_.max_models) {
      sums_.erase(std::min_element(sums_.begin(), sums_.end(), [](const auto& a, const auto& b) {
        return a.second.last_observed < b.second.last_observed;
      }));
    }
    found = sums_.emplace(std::string(model), Sums()).first;
  }
  Sums& sums = found->second;
  sums.counted = sums.counted * fade + weight;
  sums.billed = sums.billed * fade + weight * ratio;
  sums.last_observed = ++observations_;
}

double UsageCalibration::Ratio(std::string_view model) const {
  const std::lock_guard lock(mutex_);
  const auto found = sums_.find(model);
  return found == sums_.end() ? 1.0 : found->second.billed / found->second.counted;
}

size_t UsageCalibration::Correct(std::string_view model, size_t counted) const {
  return static_cast<size_t>(std::llround(static_cast<double>(counted) * Ratio(model)));
}

size_t UsageCalibration::size() const {
  const std::lock_guard lock(mutex_);
  return sums_.size();
}

}  // namespace headroom::tokens
