#include "proxy/usage.h"

namespace headroom::proxy {

std::string_view ServiceTierName(ServiceTier tier) {
  switch (tier) {
    case ServiceTier::kBatch:
      return "batch";
    case ServiceTier::kFlex:
      return "flex";
    case ServiceTier::kPriority:
      return "priority";
    default:
      return "standard";
  }
}

Usage& Usage::operator+=(const Usage& other) {
  input += other.input;
  cache_read += other.cache_read;
  cache_write += other.cache_write;
  cache_write_1h += other.cache_write_1h;
  output += other.output;
  reasoning += other.reasoning;
  audio_input += other.audio_input;
  audio_output += other.audio_output;
  estimated = estimated || other.estimated;
  return *this;
}

}  // namespace headroom::proxy
