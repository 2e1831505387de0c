// CompressLines, Compress and IsProtectedRead over arbitrary bytes. The first
// line of the input is taken as the tool's arguments. Nothing is read past the
// input, the same bytes give the same bytes, and no letter or digit of the text
// appears that was not there, marks apart.

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

// Bytes of a mark are all ASCII: every byte above it comes from the source.
size_t HighBytes(std::string_view text) {
  size_t count = 0;
  for (const char c : text) count += static_cast<unsigned char>(c) >= 0x80 ? 1 : 0;
  return count;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using headroom::text::Input;
  using headroom::text::Rendition;
  const std::unique_ptr<char[]> exact(new char[size]);
  if (size > 0) std::memcpy(exact.get(), data, size);
  const std::string_view all(exact.get(), size);
  const size_t newline = all.find('\n');
  const std::string_view arguments = all.substr(0, newline);
  const std::string_view text = newline == std::string_view::npos ? all : all.substr(newline + 1);

  for (const std::string_view tool : {"Bash", "query"}) {
    const Input input{text, tool, arguments};
    const std::optional<Rendition> once = headroom::text::CompressLines(input, {});
    const std::optional<Rendition> again = headroom::text::CompressLines(input, {});
    Check(once.has_value() == again.has_value());
    if (once.has_value()) {
      Check(once->text == again->text && !once->text.empty());
      Check(HighBytes(once->text) <= HighBytes(text));
    }
    const bool is_read = headroom::text::IsProtectedRead(input);
    const std::optional<Rendition> best = headroom::text::Compress(input);
    Check(!(is_read && best.has_value()));
  }
  return 0;
}
