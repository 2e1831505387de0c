// CompressSearch over arbitrary bytes: it reads nothing past its input, gives the
// same bytes twice, and every line of a hit is still there behind its number.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <string_view>

#include "text/compressor.h"

namespace {

void Check(bool condition) {
  if (!condition) std::abort();
}

// True when `line` of the source stands in `rendition`: whole, or without the path in front of it.
bool IsKept(std::string_view line, std::string_view rendition) {
  if (line == "--" || rendition.find(line) != std::string_view::npos) return true;
  for (size_t at = 0; at < line.size(); ++at) {
    if (line.find_first_of(":-=/\\", at) == std::string_view::npos) break;
    at = line.find_first_of(":-=/\\", at);
    if (rendition.find(line.substr(at + 1)) != std::string_view::npos) return true;
  }
  return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using headroom::text::CompressSearch;
  const std::unique_ptr<char[]> exact(new char[size]);
  if (size > 0) std::memcpy(exact.get(), data, size);
  const std::string_view text(exact.get(), size);

  const headroom::text::Input input{text, "Grep", "", size % 2 == 0};
  const std::optional<headroom::text::Rendition> once = CompressSearch(input, {});
  const std::optional<headroom::text::Rendition> again = CompressSearch(input, {});
  Check(once.has_value() == again.has_value());
  if (!once.has_value()) return 0;
  Check(once->text == again->text && !once->text.empty());
  if (text.find_first_of("\x1b\r") != std::string_view::npos || size > 4096) return 0;
  for (size_t begin = 0; begin < size;) {
    const size_t end = std::min(text.find('\n', begin), size);
    Check(IsKept(text.substr(begin, end - begin), once->text));
    begin = end + 1;
  }
  return 0;
}
