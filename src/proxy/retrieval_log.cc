#include "proxy/retrieval_log.h"

#include <string>
#include <utility>

namespace headroom::proxy {
namespace {

// At a character.
void Cut(std::string& text, size_t bytes) {
  if (text.size() <= bytes) return;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0) == 0x80) --bytes;
  text.resize(bytes);
}

}  // namespace

void RetrievalLog::Add(const store::TenantId& tenant, Retrieval retrieval) {
  retrieval.unix_millis = clock_.UnixMillis();
  Cut(retrieval.query, kMaxQueryBytes);
  Cut(retrieval.tool_name, kMaxNameBytes);
  const std::lock_guard lock(mutex_);
  const auto [found, added] = tenants_.try_emplace(tenant);
  if (!added) by_use_.erase(found->second.position);
  by_use_.push_front(tenant);
  found->second.position = by_use_.begin();
  for (Totals* const totals : {&found->second.totals, &totals_}) {
    ++(retrieval.query.empty() ? totals->whole : totals->by_query);
  }
  std::deque<Retrieval>& recent = found->second.recent;
  recent.push_front(std::move(retrieval));
  if (recent.size() > kRecent) recent.pop_back();
  if (tenants_.size() <= kMaxTenants) return;
  tenants_.erase(by_use_.back());
  by_use_.pop_back();
}

void RetrievalLog::Miss() {
  const std::lock_guard lock(mutex_);
  ++totals_.missed;
}

std::vector<Retrieval> RetrievalLog::Recent(const store::TenantId& tenant) const {
  const std::lock_guard lock(mutex_);
  const auto found = tenants_.find(tenant);
  if (found == tenants_.end()) return {};
  return {found->second.recent.begin(), found->second.recent.end()};
}

RetrievalLog::Totals RetrievalLog::totals() const {
  const std::lock_guard lock(mutex_);
  return totals_;
}

RetrievalLog::Totals RetrievalLog::TotalsOf(const store::TenantId& tenant) const {
  const std::lock_guard lock(mutex_);
  const auto found = tenants_.find(tenant);
  return found == tenants_.end() ? Totals{} : found->second.totals;
}

}  // namespace headroom::proxy
