#include "proxy/refusal.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>

namespace headroom::proxy {
namespace {

using std::chrono::milliseconds;

// A request under way is settled within seconds.
constexpr int64_t kHeldSeconds = 2;

int64_t SecondsOf(milliseconds time) { return std::max<int64_t>((time.count() + 999) / 1000, 1); }

std::string Utc(int64_t unix_seconds) {
  const auto moment = static_cast<time_t>(unix_seconds);
  std::tm utc{};
  gmtime_r(&moment, &utc);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday,
                     utc.tm_hour, utc.tm_min, utc.tm_sec);
}

// As OpenAI writes how long a bucket takes to fill: "20ms", "1.5s", "1m0s".
std::string Span(milliseconds time) {
  const int64_t millis = std::max<int64_t>(time.count(), 0);
  if (millis < 1000) return fmt::format("{}ms", millis);
  if (millis < 60'000) return fmt::format("{}s", static_cast<double>(millis) / 1000);
  return fmt::format("{}m{}s", millis / 60'000, (millis + 999) / 1000 % 60);
}

void AddLimit(net::HeaderList& headers, Api api, std::string_view unit, const std::optional<LimitState>& limit,
              int64_t unix_millis) {
  if (!limit.has_value()) return;
  const std::string most = std::to_string(limit->per_minute);
  const std::string left = std::to_string(std::max<int64_t>(limit->state.left, 0));
  if (api == Api::kMessages) {
    const std::string name = fmt::format("anthropic-ratelimit-{}-", unit);
    headers.Add(name + "limit", most);
    headers.Add(name + "remaining", left);
    headers.Add(name + "reset", Utc((unix_millis + limit->state.full.count() + 999) / 1000));
    return;
  }
  headers.Add(fmt::format("x-ratelimit-limit-{}", unit), most);
  headers.Add(fmt::format("x-ratelimit-remaining-{}", unit), left);
  headers.Add(fmt::format("x-ratelimit-reset-{}", unit), Span(limit->state.full));
}

milliseconds WaitOf(const std::optional<LimitState>& limit) {
  return limit.has_value() ? limit->state.enough : milliseconds(0);
}

// "2026-11-25 00:00 +0100"
std::string LocalMinute(int64_t unix_seconds) {
  const auto moment = static_cast<time_t>(unix_seconds);
  std::tm local{};
  localtime_r(&moment, &local);
  char text[64];
  return std::string(text, std::strftime(text, sizeof(text), "%Y-%m-%d %H:%M %z", &local));
}

// "0.25", "100".
std::string AmountText(int64_t nanodollars) {
  std::string text = fmt::format("{}.{:09}", nanodollars / 1'000'000'000, nanodollars % 1'000'000'000);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

}  // namespace

Reply RateLimitReply(Api api, const RateRefusal& refusal) {
  const bool tokens = WaitOf(refusal.tokens) > WaitOf(refusal.requests);
  const LimitState& limit = tokens ? *refusal.tokens : *refusal.requests;
  const std::string_view unit = tokens ? "tokens" : "requests";
  const int64_t seconds = SecondsOf(limit.state.enough);
  const std::string message = fmt::format("headroom: more than {} {} a minute; try again in {} s (setting {})",
                                          limit.per_minute, unit, seconds, tokens ? "tpm" : "rpm");
  const std::string_view type = api == Api::kMessages ? "rate_limit_error" : unit;
  Reply reply = ErrorReply(api, 429, message, {type, "rate_limit_exceeded"});
  reply.head.headers.Add("retry-after", std::to_string(seconds));
  AddLimit(reply.head.headers, api, "requests", refusal.requests, refusal.unix_millis);
  AddLimit(reply.head.headers, api, "tokens", refusal.tokens, refusal.unix_millis);
  return reply;
}

Reply BudgetReply(Api api, const BudgetRefusal& refusal) {
  const std::string budget = fmt::format("headroom: the {} budget{} of ${}", policy::BudgetPeriodName(refusal.period),
                                         refusal.of_tenant ? " of this credential" : "", AmountText(refusal.limit));
  if (refusal.held_only) {
    const std::string_view type = api == Api::kMessages ? "rate_limit_error" : "requests";
    Reply reply = ErrorReply(api, 429, budget + " is held for requests under way; try again when they have ended",
                             {type, "budget_held"});
    reply.head.headers.Add("retry-after", std::to_string(kHeldSeconds));
    reply.head.headers.Add("x-should-retry", "true");
    return reply;
  }
  const std::string_view messages_type = refusal.status == 402 ? "billing_error" : "rate_limit_error";
  const std::string_view type = api == Api::kMessages ? messages_type : "insufficient_quota";
  const std::string message =
      fmt::format("{} is spent; it begins anew at {} (setting budget)", budget, LocalMinute(refusal.ends_at));
  Reply reply = ErrorReply(api, refusal.status, message, {type, "budget_exceeded"});
  const int64_t seconds = std::max<int64_t>(refusal.ends_at - refusal.unix_seconds, 1);
  reply.head.headers.Add("retry-after", std::to_string(seconds));
  reply.head.headers.Add("x-should-retry", "false");
  return reply;
}

}  // namespace headroom::proxy
