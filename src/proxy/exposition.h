// Prometheus text format 0.0.4, written family by family.
//
// Thread-compatible.

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "proxy/metrics.h"

namespace headroom::proxy {

// With all nine places: a sum of small amounts stays exact.
std::string Dollars(int64_t nano);

class Exposition {
 public:
  void Single(std::string_view name, std::string_view type, std::string_view help, const std::string& value);
  void Counter(std::string_view name, std::string_view help, uint64_t value);
  void Gauge(std::string_view name, std::string_view help, uint64_t value);
  void Labelled(std::string_view name, std::string_view help, std::string_view label,
                const std::map<std::string, uint64_t>& counts);
  // Amounts in nano-dollars, as dollars.
  void LabelledDollars(std::string_view name, std::string_view type, std::string_view help, std::string_view label,
                       const std::map<std::string, int64_t>& amounts);
  void Distribution(std::string_view name, std::string_view help, const Histogram& histogram);

  std::string Take() { return std::move(text_); }

 private:
  void Head(std::string_view name, std::string_view type, std::string_view help);
  void Sample(std::string_view name, std::string_view label, std::string_view value, const std::string& number);

  std::string text_;
};

}  // namespace headroom::proxy
