// Where a request goes: http and https URLs taken apart, and the endpoint that
// kept connections are filed under.
//
// Thread-safe: values and pure functions.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"

namespace headroom::net {

struct Endpoint {
  bool tls = false;
  std::string host;  // lower case; an IPv6 address without its brackets
  uint16_t port = 80;

  bool operator==(const Endpoint&) const = default;
};

// "host:port", an IPv6 address in brackets: what CONNECT and the log name.
std::string HostAndPort(const Endpoint& endpoint);

// "https://host:8443/some/prefix" taken apart.
struct Url {
  Endpoint endpoint;
  std::string authority;  // host[:port] for the Host field, default port left out
  std::string path;       // "" or "/some/prefix", no trailing slash
};
// Errors: kInvalidArgument with a sentence that says what is wrong and does
// not repeat `text`, which may hold a password.
Result<Url> ParseUrl(std::string_view text);

// "host", "host:8080", "[::1]:8080". Without a port the endpoint gets
// `default_port`. Error: kInvalidArgument.
Result<Endpoint> ParseAuthority(std::string_view text, bool tls, uint16_t default_port);

}  // namespace headroom::net
