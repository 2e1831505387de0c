// Asking the provider again when it is busy, while the client has seen nothing.
//
//   429, 503, 529    asked again, at most Options::most times, when the reply allows it:
//                    after Retry-After (seconds, a date, or OpenAI's retry-after-ms) where it says so,
//                    at most kMaxWait; else after 0.5, 1, 2, ... 8 s, up to a quarter less
//   anything else    is the answer
//
// The last answer goes to the client as it came. A reply that says
// "x-should-retry: false", or names a longer wait, is the last.
//
// Connections that cannot be made and kept ones that prove dead are the pool's
// matter (net/client.h).

#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "net/async.h"
#include "net/client.h"
#include "net/message.h"

namespace headroom::proxy {

class Retries {
 public:
  static constexpr std::chrono::milliseconds kMaxWait{60'000};
  static constexpr int kMost = 10;

  // `seed`: varies the waits, so that many clients do not come back at once.
  Retries(int most, uint64_t seed) : most_(most), seed_(seed) {}

  // How long to wait before the request goes out again; nothing where this reply is the answer.
  std::optional<std::chrono::milliseconds> After(const net::ResponseHead& head, int64_t unix_millis);

  int made() const { return made_; }

 private:
  const int most_;
  const uint64_t seed_;
  int made_ = 0;
};

// What Retry-After or retry-after-ms names; nothing where there is neither, or it makes no sense.
std::optional<std::chrono::milliseconds> RetryAfter(const net::HeaderList& headers, int64_t unix_millis);

// False when it was cancelled.
net::Awaitable<bool> Pause(net::Executor executor, std::chrono::milliseconds time, net::Cancellation& cancellation);

}  // namespace headroom::proxy
