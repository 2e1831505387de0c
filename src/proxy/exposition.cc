#include "proxy/exposition.h"

#include <fmt/format.h>

namespace headroom::proxy {

std::string Dollars(int64_t nano) {
  const uint64_t whole = nano < 0 ? 0 - static_cast<uint64_t>(nano) : static_cast<uint64_t>(nano);
  return fmt::format("{}{}.{:09}", nano < 0 ? "-" : "", whole / 1'000'000'000, whole % 1'000'000'000);
}

void Exposition::Head(std::string_view name, std::string_view type, std::string_view help) {
  text_.append(fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, help, name, type));
}

void Exposition::Sample(std::string_view name, std::string_view label, std::string_view value,
                        const std::string& number) {
  text_.append(name).append("{").append(label).append("=\"");
  for (const char c : value) {
    if (c == '\\' || c == '"') text_.push_back('\\');
    c == '\n' ? void(text_.append("\\n")) : text_.push_back(c);
  }
  text_.append("\"} ").append(number).append("\n");
}

void Exposition::Single(std::string_view name, std::string_view type, std::string_view help, const std::string& value) {
  Head(name, type, help);
  text_.append(name).append(" ").append(value).append("\n");
}

void Exposition::Counter(std::string_view name, std::string_view help, uint64_t value) {
  Single(name, "counter", help, std::to_string(value));
}

void Exposition::Gauge(std::string_view name, std::string_view help, uint64_t value) {
  Single(name, "gauge", help, std::to_string(value));
}

void Exposition::Labelled(std::string_view name, std::string_view help, std::string_view label,
                          const std::map<std::string, uint64_t>& counts) {
  Head(name, "counter", help);
  for (const auto& [value, count] : counts) Sample(name, label, value, std::to_string(count));
}

void Exposition::LabelledDollars(std::string_view name, std::string_view type, std::string_view help,
                                 std::string_view label, const std::map<std::string, int64_t>& amounts) {
  Head(name, type, help);
  for (const auto& [value, amount] : amounts) Sample(name, label, value, Dollars(amount));
}

void Exposition::Distribution(std::string_view name, std::string_view help, const Histogram& histogram) {
  Head(name, "histogram", help);
  const Histogram::Snapshot seen = histogram.snapshot();
  uint64_t below = 0;
  for (size_t i = 0; i < Histogram::kBounds; ++i) {
    below += seen.buckets[i];
    text_.append(fmt::format("{}_bucket{{le=\"{}\"}} {}\n", name, histogram.bounds()[i], below));
  }
  text_.append(fmt::format("{}_bucket{{le=\"+Inf\"}} {}\n", name, seen.count));
  text_.append(fmt::format("{}_sum {:.3f}\n{}_count {}\n", name, seen.sum, name, seen.count));
}

}  // namespace headroom::proxy
