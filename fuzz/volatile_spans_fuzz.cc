// Any bytes: spans lie inside the text, in order and apart, each as its kind says.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "proxy/volatile_spans.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  size_t at = 0;
  for (const headroom::proxy::VolatileSpan& span : headroom::proxy::FindVolatileSpans(text)) {
    if (span.begin < at || span.end <= span.begin || span.end > size) std::abort();
    if (span.kind == headroom::proxy::VolatileKind::kUuid && span.end - span.begin != 36) std::abort();
    at = span.end;
  }
  return 0;
}
