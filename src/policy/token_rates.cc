#include "policy/token_rates.h"

#include <string.h>

#include <algorithm>
#include <cmath>

namespace headroom::policy {
namespace {

constexpr std::string_view kMark = "base64";
// How far behind the mark its bytes begin at most: ","media_type":"image/png","data":"
constexpr size_t kReach = 128;
// Shorter strings are text as any other.
constexpr size_t kLeastBytes = 64;
// Bodies below this say more of their framing than of their text.
constexpr uint64_t kLeastLearntBytes = 512;
constexpr double kFall = 0.02;

bool IsBase64(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/' ||
         c == '=' || c == '\\';  // "\/" is a slash
}

// As body.find, at the speed of memory.
size_t FindMark(std::string_view body, size_t from) {
  const void* found = memmem(body.data() + from, body.size() - from, kMark.data(), kMark.size());
  return found == nullptr ? std::string_view::npos : static_cast<size_t>(static_cast<const char*>(found) - body.data());
}

size_t RunAt(std::string_view body, size_t begin) {
  size_t end = begin;
  while (end < body.size() && IsBase64(body[end])) ++end;
  return end - begin;
}

}  // namespace

BodyParts PartsOf(std::string_view body) {
  BodyParts parts{.text_bytes = body.size()};
  for (size_t mark = FindMark(body, 0); mark != std::string_view::npos; mark = FindMark(body, mark)) {
    mark += kMark.size();
    const size_t reach = std::min(body.size(), mark + kReach);
    while (mark < reach) {
      const size_t run = RunAt(body, mark);
      mark += run;
      if (run >= kLeastBytes) {
        parts.text_bytes -= run;
        ++parts.base64_strings;
        break;
      }
      ++mark;
    }
  }
  return parts;
}

uint64_t TokenRates::Estimate(std::string_view model, const BodyParts& parts) const {
  double rate = kFirstRate;
  {
    const std::lock_guard lock(mutex_);
    const auto found = rates_.find(model);
    if (found != rates_.end()) rate = found->second;
  }
  return static_cast<uint64_t>(std::ceil(static_cast<double>(parts.text_bytes) * rate)) +
         parts.base64_strings * kBase64Tokens;
}

void TokenRates::Learn(std::string_view model, const BodyParts& parts, uint64_t tokens) {
  if (parts.text_bytes < kLeastLearntBytes || parts.base64_strings > 0 || tokens == 0) return;
  const double seen = std::min(static_cast<double>(tokens) / static_cast<double>(parts.text_bytes), kMaxRate);
  const std::lock_guard lock(mutex_);
  const auto found = rates_.find(model);
  if (found != rates_.end()) {
    found->second += (seen - found->second) * (seen > found->second ? 1 : kFall);
  } else if (rates_.size() < kMaxModels) {
    rates_.emplace(model, std::max(seen, kFirstRate));
  }
}

}  // namespace headroom::policy
