// ExcerptJson over arbitrary bytes and questions: it reads nothing past its input, gives
// the same excerpt twice, says no more kept than there are, and leaves something out
// where it gives an excerpt. The first bytes, up to a zero byte, are the question.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "text/excerpt.h"

namespace {

void Check(bool condition) {
  if (!condition) std::abort();
}

std::optional<headroom::text::Excerpt> Excerpted(std::string_view text, std::string_view question) {
  using namespace headroom::text;
  const Input input{.text = text, .tool_name = "", .tool_arguments = "", .question = question};
  const Query query(input);
  const Expired never;
  return ExcerptJson({.input = input, .text = text, .query = query, .share = 0.3, .expired = never});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const size_t zero = bytes.find('\0');
  const std::string question(zero == std::string_view::npos ? std::string_view() : bytes.substr(0, zero));
  const std::string_view rest = zero == std::string_view::npos ? bytes : bytes.substr(zero + 1);
  const std::unique_ptr<char[]> exact(new char[rest.size()]);
  if (!rest.empty()) std::memcpy(exact.get(), rest.data(), rest.size());
  const std::string_view text(exact.get(), rest.size());

  const std::optional<headroom::text::Excerpt> once = Excerpted(text, question);
  const std::optional<headroom::text::Excerpt> again = Excerpted(text, question);
  Check(once.has_value() == again.has_value());
  if (!once.has_value()) return 0;
  Check(once->text == again->text);
  Check(!once->text.empty());
  Check(once->omitted.kept < once->omitted.total);
  Check(once->text.find(" omitted") != std::string::npos);
  return 0;
}
