// What a running proxy takes over when its configuration is read again (SIGHUP):
// the settings whose Option::reloads is set, secrets from their files, and the files of TLS.
// Everything else waits for a restart, and the log says so. A configuration that cannot be
// read, or a certificate that cannot be used, changes nothing.
//
// Thread-compatible.

#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/status.h"
#include "cli/config.h"

namespace headroom::proxy {
class Proxy;
struct GuardRules;
struct Policy;
}  // namespace headroom::proxy
namespace headroom::net {
class TlsServer;
}

namespace headroom::cli {

// The part of a configuration that guards, and the part that decides how results are shortened.
proxy::GuardRules GuardRulesFrom(const Config& config);
proxy::Policy PolicyFrom(const Config& config);

// Keys of the settings that differ. Secrets are told by their values, which are not in it.
std::vector<std::string> Differences(const Config& one, const Config& other, bool reloads);

class Reloader {
 public:
  struct Running {
    proxy::Proxy& proxy;
    net::TlsServer* tls = nullptr;  // null: the listener has no TLS
  };

  // `config` is what the proxy runs with; `load` reads the same sources again.
  Reloader(Config config, std::function<Result<Config>()> load, Running running);

  // Logs what came of it. Returns why nothing was changed.
  Status Reload();

 private:
  const Config started_;  // what needs a restart is compared with it
  Config taken_;
  const std::function<Result<Config>()> load_;
  const Running running_;
};

}  // namespace headroom::cli
