// The proxy that a configuration describes, as other commands find it: on this
// machine, at the address it listens on. Thread-safe.

#pragma once

#include <string>

#include "base/status.h"
#include "cli/config.h"
#include "cli/http_call.h"

namespace headroom::cli {

// A call of `path` with the admin token of `config`. Where the listener has TLS, its own certificate is trusted.
Result<HttpAnswer> CallProxy(const Config& config, const std::string& path);

// What is at the address.
struct AtAddress {
  enum class What { kNothing, kHeadroom, kSomethingElse };
  What what = What::kNothing;
  std::string detail;  // its version; why it is something else
};
AtAddress LookAtAddress(const Config& config);

}  // namespace headroom::cli
