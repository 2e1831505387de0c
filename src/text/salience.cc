#include "text/salience.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

namespace headroom::text {

std::vector<size_t> Outliers(std::span<const double> values, double deviations) {
  std::vector<size_t> found;
  const auto middle = [](std::vector<double> sorted) {
    const auto at = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
    std::nth_element(sorted.begin(), at, sorted.end());
    return *at;
  };
  std::vector<double> finite;
  finite.reserve(values.size());
  std::copy_if(values.begin(), values.end(), std::back_inserter(finite), [](double v) { return std::isfinite(v); });
  if (finite.size() < 5) return found;
  const double median = middle(finite);
  for (double& value : finite) value = std::abs(value - median);
  const double limit = deviations * 1.4826 * middle(std::move(finite));
  for (size_t i = 0; i < values.size(); ++i) {
    if (std::isfinite(values[i]) && std::abs(values[i] - median) > limit) found.push_back(i);
  }
  return found;
}

std::vector<size_t> ChangePoints(std::span<const double> values) {
  constexpr size_t kSide = 5;
  std::vector<size_t> found;
  for (size_t i = kSide; i + kSide <= values.size(); ++i) {
    const auto [low_min, low_max] = std::minmax_element(values.begin() + static_cast<std::ptrdiff_t>(i - kSide),
                                                        values.begin() + static_cast<std::ptrdiff_t>(i));
    const auto [high_min, high_max] = std::minmax_element(values.begin() + static_cast<std::ptrdiff_t>(i),
                                                          values.begin() + static_cast<std::ptrdiff_t>(i + kSide));
    const double gap = std::max(*high_min - *low_max, *low_min - *high_max);
    const double spread = std::max(*low_max - *low_min, *high_max - *high_min);
    if (gap > 0 && gap > spread && (found.empty() || i >= found.back() + kSide)) found.push_back(i);
  }
  return found;
}

}  // namespace headroom::text
