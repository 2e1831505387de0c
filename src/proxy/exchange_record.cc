#include "proxy/exchange_record.h"

#include <fmt/format.h>

namespace headroom::proxy {

std::string_view ProviderName(Api api) { return api == Api::kMessages ? "anthropic" : "openai"; }

std::string TenantDigest(const store::TenantId& tenant) {
  return fmt::format("{:016x}{:016x}", tenant.high, tenant.low);
}

policy::BilledTokens BilledOf(const Usage& usage) {
  policy::BilledTokens billed{.input = usage.input,
                              .cache_read = usage.cache_read,
                              .cache_write_5m = usage.cache_write,
                              .cache_write_1h = usage.cache_write_1h,
                              .output = usage.output};
  const bool half = usage.tier == ServiceTier::kBatch || usage.tier == ServiceTier::kFlex;
  if (half) billed.tier = policy::PriceTier::kHalf;
  if (usage.tier == ServiceTier::kPriority) billed.tier = policy::PriceTier::kPriority;
  return billed;
}

std::optional<Usage> ExchangeRecord::usage() const {
  if (replies.empty()) return std::nullopt;
  Usage all = replies.front();
  for (size_t i = 1; i < replies.size(); ++i) all += replies[i];
  return all;
}

}  // namespace headroom::proxy
