// A host that is read stays itself when it is read again; what counts as loopback counts as an
// address; origins of any bytes are taken apart without harm.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "proxy/host_names.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace headroom::proxy;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const std::string host = HostOf(text);
  if (!host.empty()) {
    const bool bracketed = host.find(':') != std::string::npos;
    if (!host.ends_with('.') && HostOf(bracketed ? "[" + host + "]:1" : host + ":1") != host) std::abort();
  }
  if (IsLoopbackAddress(host) && !IsAddress(host)) std::abort();
  if (IsListed(host, {"*.example"}) && !host.ends_with(".example")) std::abort();
  (void)IsLoopbackAddress(text);
  const WebOrigin origin = ParseOrigin(text);
  if (origin.host.empty() != origin.scheme.empty()) std::abort();
  return 0;
}
