#include "proxy/retries.h"

#include <algorithm>
#include <charconv>
#include <ctime>
#include <string>

#include "base/hash.h"

namespace headroom::proxy {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFirstWait{500};
constexpr milliseconds kLastWait{8'000};

std::optional<double> Number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (!whole || !(value >= 0) || value > 1e9) return std::nullopt;
  return value;
}

// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, 5.6.7), in Unix seconds.
std::optional<int64_t> HttpDate(std::string_view text) {
  std::tm utc{};
  const std::string copy(text);
  const char* const end = strptime(copy.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &utc);
  if (end == nullptr || *end != '\0') return std::nullopt;
  return timegm(&utc);
}

}  // namespace

std::optional<milliseconds> RetryAfter(const net::HeaderList& headers, int64_t unix_millis) {
  if (const auto text = headers.Find("retry-after-ms"); text.has_value()) {
    if (const std::optional<double> value = Number(*text)) return milliseconds(static_cast<int64_t>(*value));
  }
  const std::optional<std::string_view> text = headers.Find("retry-after");
  if (!text.has_value()) return std::nullopt;
  if (const std::optional<double> value = Number(*text)) return milliseconds(static_cast<int64_t>(*value * 1000));
  const std::optional<int64_t> date = HttpDate(*text);
  if (!date.has_value()) return std::nullopt;
  return milliseconds(std::max<int64_t>(*date * 1000 - unix_millis, 0));
}

std::optional<milliseconds> Retries::After(const net::ResponseHead& head, int64_t unix_millis) {
  const bool busy = head.status == 429 || head.status == 503 || head.status == 529;
  if (!busy || made_ >= most_) return std::nullopt;
  if (net::EqualsIgnoreCase(head.headers.Find("x-should-retry").value_or(""), "false")) return std::nullopt;
  std::optional<milliseconds> wait = RetryAfter(head.headers, unix_millis);
  if (!wait.has_value()) {
    wait = std::min(kFirstWait * (1 << std::min(made_, 5)), kLastWait);
    const uint64_t spread = Hasher128().Add(std::to_string(seed_)).Add(std::to_string(made_)).Finish().low % 256;
    *wait -= *wait * spread / 1024;
  }
  if (*wait > kMaxWait) return std::nullopt;
  ++made_;
  return wait;
}

net::Awaitable<bool> Pause(net::Executor executor, milliseconds time, net::Cancellation& cancellation) {
  net::SteadyTimer timer(executor, time);
  cancellation.OnCancel([&timer] { timer.cancel(); });
  if (!cancellation.cancelled()) (void)co_await timer.async_wait(net::kUseAwaitable);
  cancellation.OnCancel({});
  co_return !cancellation.cancelled();
}

}  // namespace headroom::proxy
