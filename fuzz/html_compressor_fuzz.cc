// CompressHtml over arbitrary bytes behind a doctype: it reads nothing past its
// input, gives the same bytes twice, saves bytes and loses no word of the text.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "text/compressor.h"

namespace {

void Check(bool condition) {
  if (!condition) std::abort();
}

bool IsWordByte(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c & 0x80) != 0; }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using headroom::text::CompressHtml;
  constexpr std::string_view kStart = "<!doctype html>";
  const std::unique_ptr<char[]> exact(new char[kStart.size() + size]);
  std::memcpy(exact.get(), kStart.data(), kStart.size());
  if (size > 0) std::memcpy(exact.get() + kStart.size(), data, size);
  const std::string_view text(exact.get(), kStart.size() + size);

  const std::optional<headroom::text::Rendition> once = CompressHtml({text, "WebFetch", ""}, {});
  const std::optional<headroom::text::Rendition> again = CompressHtml({text, "WebFetch", ""}, {});
  Check(once.has_value() == again.has_value());
  if (!once.has_value()) return 0;
  Check(once->text == again->text && once->text.size() < text.size());
  if (size > 4096) return 0;
  // Words directly behind a ">" or a blank are text, names or values; references and end tags are not looked at.
  for (size_t begin = kStart.size(); begin < text.size(); ++begin) {
    if (text[begin - 1] != '>' || !IsWordByte(text[begin])) continue;
    size_t end = begin;
    while (end < text.size() && IsWordByte(text[end])) ++end;
    Check(once->text.find(text.substr(begin, end - begin)) != std::string::npos);
    begin = end - 1;
  }
  return 0;
}
