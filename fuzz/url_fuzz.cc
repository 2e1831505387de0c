// What ParseUrl accepts is taken apart the same way when it is put together
// again, and NO_PROXY lists of any bytes are read without harm.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "net/connect_proxy.h"
#include "net/url.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace headroom::net;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const headroom::Result<Url> url = ParseUrl(text);
  if (url.ok()) {
    const std::string again = (url->endpoint.tls ? "https://" : "http://") + url->authority + url->path;
    const headroom::Result<Url> second = ParseUrl(again);
    if (!second.ok() || second->endpoint != url->endpoint || second->path != url->path) std::abort();
  }
  const auto settings = ProxySettings::From(
      [&](const char* name) -> const char* { return std::string_view(name) == "all_proxy" ? "gate:1" : text.c_str(); });
  const Endpoint endpoint{true, "api.example.com", 443};
  if (settings.ok()) (void)settings->For(endpoint);
  return 0;
}
