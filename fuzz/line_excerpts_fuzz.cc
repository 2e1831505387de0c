// Excerpts of tables, terminal output and results of several parts: any bytes and any question;
// the gaps and the lines between them are as many as the source has.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "text/excerpt.h"
#include "text/line_text.h"
#include "text/parts_excerpt_split.h"

namespace {

using headroom::text::Excerpt;
using headroom::text::ExcerptInput;

// Lines of the source that an excerpt accounts for: its own and those its gaps name.
size_t Accounted(std::string_view excerpt) {
  size_t count = 0;
  for (const std::string_view line : headroom::text::SplitLines(excerpt).lines) {
    size_t first = 0, last = 0;
    if (line.starts_with("[of the ") || line.starts_with("[in each row below")) continue;
    const std::string text(line);
    if (std::sscanf(text.c_str(), "... lines %zu-%zu omitted", &first, &last) == 2) {
      count += last - first + 1;
    } else {
      ++count;
    }
  }
  return count;
}

void Check(const std::optional<Excerpt>& excerpt, std::string_view source) {
  if (!excerpt.has_value() || excerpt->text.empty()) return;
  const size_t lines = headroom::text::SplitLines(source).lines.size();
  if (excerpt->omitted.total != lines || excerpt->omitted.kept > lines || excerpt->omitted.kept == 0) std::abort();
  // A source with such lines of its own cannot be counted; escape sequences may leave one line as two, and a
  // last line of spaces leaves none.
  const bool countable = source.find("omitted") == std::string_view::npos && !source.ends_with(' ') &&
                         source.find_first_of("[\r\x1b\b\a") == std::string_view::npos;
  if (!countable) return;
  if (Accounted(excerpt->text) != lines) std::abort();
}

}  // namespace

// The first line is the question, the rest the result.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const size_t newline = bytes.find('\n');
  if (newline == std::string_view::npos) return 0;
  const std::string_view text = bytes.substr(newline + 1);
  if (text.find('\0') != std::string_view::npos) return 0;
  const headroom::text::Input input{.text = text,
                                    .tool_name = "Bash",
                                    .tool_arguments = "echo ===",
                                    .question = bytes.substr(0, newline),
                                    .gaps = true};
  const headroom::text::Query query(input);
  const headroom::text::Expired never;
  const ExcerptInput in{.input = input, .text = text, .query = query, .expired = never};
  Check(headroom::text::ExcerptTable(in), text);
  Check(headroom::text::ExcerptTerminal(in), text);
  headroom::text::ExcerptParts(in);
  std::string joined;
  for (const headroom::text::Part& part : headroom::text::SplitParts(text, "echo ===")) joined.append(part.text);
  if (joined != text) std::abort();
  return 0;
}
