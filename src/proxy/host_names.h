// Names and addresses as requests bring them: of the host that was asked for, of the page that
// asks, of the peer. Thread-safe.

#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace headroom::proxy {

// The host in the value of a Host field, in lower case, without port, brackets and final dot:
// "Localhost:8787" -> "localhost", "[::1]:80" -> "::1". "" where it is none.
std::string HostOf(std::string_view authority);

// "127.0.0.1", "::1": written as a whole address, not as a name or a shortened form.
bool IsAddress(std::string_view host);

// An address of this machine alone, IPv4 within IPv6 too: "127.3.0.1", "::1", "::ffff:127.0.0.1".
bool IsLoopbackAddress(std::string_view host);

// "localhost", and names below it, which never leave the machine (RFC 6761, 6.3).
bool IsLocalhost(std::string_view host);

// Whether `host`, in lower case, is one of `patterns`: "a.example", "*.example" for names below
// example, "*" for all.
bool IsListed(std::string_view host, const std::vector<std::string>& patterns);

// Taken apart: "https://a.example:8443" -> {"https", "a.example"}. Empty where it is no origin with a
// host ("null", "file://").
struct WebOrigin {
  std::string scheme;
  std::string host;
};
WebOrigin ParseOrigin(std::string_view origin);

}  // namespace headroom::proxy
