// Which requests go through an HTTP proxy of the user's network, and how.
//
//   https upstream   CONNECT host:443 to the proxy, then TLS through the tunnel
//   http upstream    the absolute form of the target, sent to the proxy
//
// Thread-safe: a value that does not change once made.

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "net/url.h"

namespace headroom::net {

struct ProxyServer {
  Endpoint endpoint;
  std::string authorization;  // value of Proxy-Authorization, "" without credentials
};

class ProxySettings {
 public:
  // The value of an environment variable, null when unset.
  using Variables = std::function<const char*(const char* name)>;

  // No proxy at all.
  ProxySettings() = default;

  // Reads https_proxy, http_proxy, all_proxy and no_proxy, each also in capitals;
  // the small letters win and an empty value counts as unset. Call once at the
  // start: the environment is not thread-safe.
  // Errors: kInvalidArgument with a sentence that names the variable.
  static Result<ProxySettings> FromEnvironment();
  static Result<ProxySettings> From(const Variables& variables);

  // The proxy for requests to `endpoint`, null to connect directly. Loopback
  // addresses are never proxied. Lives as long as the settings.
  const ProxyServer* For(const Endpoint& endpoint) const;

 private:
  struct Exception {
    std::string host;   // without a leading "." or "*."; "*" for every host
    uint16_t port = 0;  // 0: any
    bool is_address = false;
  };

  static std::optional<Exception> ParseException(std::string_view text);
  bool Excepted(const Endpoint& endpoint) const;

  std::optional<ProxyServer> http_;
  std::optional<ProxyServer> https_;
  std::vector<Exception> exceptions_;
};

// The request that opens a tunnel to `target`.
std::string ConnectRequest(const ProxyServer& proxy, const Endpoint& target);

}  // namespace headroom::net
