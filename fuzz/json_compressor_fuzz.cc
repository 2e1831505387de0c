// CompressJson over arbitrary bytes: it reads nothing past its input, gives the
// same bytes twice, never more bytes than it got, and keeps the first line of a
// text that does not begin with a document.

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

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using headroom::text::CompressJson;
  const std::unique_ptr<char[]> exact(new char[size]);
  if (size > 0) std::memcpy(exact.get(), data, size);
  const std::string_view text(exact.get(), size);

  const std::optional<headroom::text::Rendition> once = CompressJson({text, "", ""}, {});
  const std::optional<headroom::text::Rendition> again = CompressJson({text, "", ""}, {});
  Check(once.has_value() == again.has_value());
  if (!once.has_value()) return 0;
  Check(once->text == again->text);
  Check(!once->text.empty() && once->text.size() < size);
  const std::string_view first_line = text.substr(0, text.find('\n'));
  if (first_line.find_first_of("{[ \t\r") == std::string_view::npos) Check(once->text.starts_with(first_line));
  return 0;
}
