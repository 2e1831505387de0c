// Error bodies of providers: any bytes give either nothing or figures within bounds.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "proxy/overflow.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using headroom::proxy::Overflow;
  const auto overflow = headroom::proxy::ReadOverflow(400, std::string_view(reinterpret_cast<const char*>(data), size));
  if (!overflow) return 0;
  for (const auto& figure : {overflow->prompt_tokens, overflow->limit}) {
    if (figure && (*figure < Overflow::kLeastTokens || *figure > Overflow::kMostTokens)) std::abort();
  }
  if (overflow->prompt_limit() == 0u) std::abort();
  return 0;
}
