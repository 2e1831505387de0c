#include "proxy/named_totals.h"

#include "proxy/exchange_record.h"

namespace headroom::proxy {

void NamedTotals::Add(std::string_view name, const ExchangeRecord& record) {
  const std::lock_guard lock(mutex_);
  auto found = totals_.find(name);
  if (found == totals_.end()) {
    const std::string_view kept = totals_.size() < kMaxNames ? name.substr(0, 128) : std::string_view("other");
    found = totals_.try_emplace(std::string(kept)).first;
  }
  Totals& totals = found->second;
  ++totals.requests;
  for (const Usage& reply : record.replies) {
    totals.input += reply.prompt();
    totals.output += reply.output;
  }
  if (record.original.has_value() && !record.replies.empty()) {
    totals.saved += static_cast<int64_t>(record.original->prompt());
    for (const Usage& reply : record.replies) totals.saved -= static_cast<int64_t>(reply.prompt());
  }
  totals.cost += record.cost.value_or(0);
  totals.net_savings += record.net_savings.value_or(0);
}

std::map<std::string, Totals> NamedTotals::snapshot() const {
  const std::lock_guard lock(mutex_);
  return {totals_.begin(), totals_.end()};
}

}  // namespace headroom::proxy
