// Any text as a log: the excerpt comes back the same each time, and no line is made up.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "text/excerpt.h"
#include "text/severity.h"

using headroom::text::ExcerptLog;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  headroom::text::Input input{.text = text, .tool_name = "Bash", .tool_arguments = ""};
  input.question = "Why does case_7 fail?";
  input.kind = headroom::text::Kind::kLog;
  const headroom::text::Query query(input);
  const headroom::text::Expired never;
  const auto cut = [&] { return ExcerptLog({.input = input, .text = text, .query = query, .expired = never}); };
  const auto once = cut();
  const auto again = cut();
  if (once.has_value() != again.has_value()) std::abort();
  if (once.has_value() && (once->text.empty() || once->text != again->text)) std::abort();
  if (once.has_value() && once->omitted.kept >= once->omitted.total) std::abort();
  headroom::text::SeverityOf(text);
  return 0;
}
