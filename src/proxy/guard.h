// Who may ask for what: looked at before anything else is done for a request.
//
//   Host       a name that stands for this machine (localhost, any address) or is listed: a page
//              that rebinds its own name to 127.0.0.1 gets nothing
//   Origin     where a browser sends one: of a page of this machine or a listed name
//   the path   /health, /livez, /readyz      everybody
//              /stats, /dashboard, ...       the admin token; without one, this machine only
//              all else                       the proxy token, where there is one
//
// Tokens are compared in constant time. Nothing is ever answered with CORS fields of ours.
// Thread-safe.

#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "net/message.h"
#include "proxy/api.h"
#include "proxy/metrics.h"
#include "proxy/routes.h"

namespace headroom::proxy {

struct GuardRules {
  std::string proxy_token;  // "": none is asked for
  std::string admin_token;  // "": the admin paths are for this machine alone
  // Names besides those of this machine, without a port: "headroom.lan", "*.example.com" (not
  // example.com itself), "*" for any. "null" stands for pages without an origin.
  std::vector<std::string> allowed_hosts;
};

class Guard {
 public:
  // `metrics` outlives the guard.
  Guard(GuardRules rules, Metrics& metrics);

  // Replaces the rules for requests that come from now on.
  void Use(GuardRules rules);

  // What to answer instead of serving `request`; nothing where it may be served. `peer` is the
  // address at the other end of the connection. Cost: below a microsecond without a token, some
  // more with one.
  std::optional<Reply> Refuse(const net::RequestHead& request, std::string_view peer, const Route& route);

 private:
  struct Prepared {
    std::optional<Sha256Digest> proxy_token;
    std::optional<Sha256Digest> admin_token;
    std::vector<std::string> allowed_hosts;  // in lower case
  };
  struct Reason {
    const char* name;  // in metrics and log
    int status;
    std::string sentence;
  };

  static std::optional<Reason> CheckNames(const net::RequestHead& request, const Prepared& rules);
  static std::optional<Reason> CheckTokens(const net::RequestHead& request, std::string_view peer, const Route& route,
                                           const Prepared& rules);
  void Count(const Reason& reason, std::string_view peer);

  std::atomic<std::shared_ptr<const Prepared>> rules_;
  Metrics& metrics_;
};

}  // namespace headroom::proxy
