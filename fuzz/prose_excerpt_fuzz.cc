// ExcerptProse over arbitrary bytes with a question cut off their front: it reads nothing past its input, gives
// the same bytes twice, and every line of it is the next kept line of the source or a gap mark.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <string_view>

#include "text/excerpt.h"
#include "text/line_text.h"

namespace {

void Check(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace headroom::text;  // NOLINT(google-build-using-namespace)
  const std::unique_ptr<char[]> exact(new char[size]);
  if (size > 0) std::memcpy(exact.get(), data, size);
  const std::string_view all(exact.get(), size);
  const size_t end = std::min(all.find('\n'), size);
  const std::string_view question = all.substr(0, end);
  const std::string_view text = all.substr(std::min(end + 1, size));

  const Input input{.text = text, .tool_name = "Bash", .tool_arguments = "", .question = question, .gaps = true};
  const Query query(input);
  const Expired expired;
  const ExcerptInput in{.input = input, .text = text, .query = query, .share = 0.2, .expired = expired};
  const std::optional<Excerpt> once = ExcerptProse(in);
  const std::optional<Excerpt> again = ExcerptProse(in);
  Check(once.has_value() == again.has_value());
  if (!once.has_value()) return 0;
  Check(once->text == again->text && !once->text.empty());
  const LineText source = SplitLines(text);
  size_t at = 0;
  size_t kept = 0;
  for (const std::string_view line : SplitLines(once->text).lines) {
    const auto found = std::find(source.lines.begin() + static_cast<std::ptrdiff_t>(at), source.lines.end(), line);
    if (found == source.lines.end()) {
      Check(line.starts_with("... line") && line.ends_with(" omitted ..."));
      continue;
    }
    ++kept;
    at = static_cast<size_t>(found - source.lines.begin()) + 1;
  }
  Check(once->omitted.total == source.lines.size());
  Check(once->omitted.kept <= kept);
  return 0;
}
