// ExcerptHtml over arbitrary bytes behind a doctype and enough text for a page: it reads nothing past
// its input, gives the same bytes twice, is never empty and counts no more than there is.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <string_view>

#include "text/excerpt.h"

namespace {

void Check(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace headroom::text;  // NOLINT(google-build-using-namespace)
  constexpr std::string_view kStart =
      "<!doctype html><h1>Timeouts of the client</h1><p>The client waits 30 seconds for a reply, then it asks again, "
      "three times at most, and says so in its log; see the section on retries for more about that.</p>"
      "<h2>Retries</h2><p>They come after one, two and four seconds, unless the server names a time.</p>\n";
  const std::unique_ptr<char[]> exact(new char[kStart.size() + size]);
  std::memcpy(exact.get(), kStart.data(), kStart.size());
  if (size > 0) std::memcpy(exact.get() + kStart.size(), data, size);
  const std::string_view text(exact.get(), kStart.size() + size);

  const Input input{.text = text,
                    .tool_name = "WebFetch",
                    .tool_arguments = "",
                    .question = "What does \"Retries\" say about 30 seconds?",
                    .gaps = true};
  const Query query(input);
  const Expired expired;
  const ExcerptInput in{.input = input, .text = text, .query = query, .share = 0.1, .expired = expired};
  const std::optional<Excerpt> once = ExcerptHtml(in);
  const std::optional<Excerpt> again = ExcerptHtml(in);
  Check(once.has_value() == again.has_value());
  if (!once.has_value()) return 0;
  Check(once->text == again->text && !once->text.empty());
  Check(once->omitted.kept <= once->omitted.total);
  return 0;
}
