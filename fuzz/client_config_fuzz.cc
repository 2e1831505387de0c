// Files of clients, in any bytes: what is changed says so when it is read again, and changing it
// a second time changes nothing.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "cli/client_config.h"
#include "cli/stats_view.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace headroom::cli;
  const std::string text(reinterpret_cast<const char*>(data), size);
  for (const Client& client : Clients()) {
    if (client.edit == nullptr) continue;
    const headroom::Result<std::string> once = client.edit(text, "http://127.0.0.1:8787");
    if (!once.ok()) continue;
    const headroom::Result<std::string> twice = client.edit(*once, "http://127.0.0.1:8787");
    if (!twice.ok() || *twice != *once) std::abort();
  }
  (void)StatsView(text);
  return 0;
}
