// What the proxy prints when it is ready. Thread-safe.

#pragma once

#include <string>

#include "cli/config.h"

namespace headroom::cli {

// "http://127.0.0.1:8787": where clients on this machine reach the proxy. An
// IPv6 address stands in brackets; a wildcard address becomes loopback.
std::string LocalUrl(const Config& config);

// "--budget, HEADROOM_CACHE have no effect yet"; "" when there is nothing to say.
std::string NoEffectNotice(const Config& config);

// The start banner: version, URL, upstreams, what is on and off, how to point
// clients at the proxy. A function of `config` (as Load returns it) alone.
std::string Banner(const Config& config);

// What to say of a proxy that others than this machine reach without a token; "" for any other.
std::string OpenNotice(const Config& config);

}  // namespace headroom::cli
