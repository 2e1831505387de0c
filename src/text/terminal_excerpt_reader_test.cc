#include "text/terminal_excerpt_reader_test.h"

#include <cstdio>

#include "text/line_text.h"

namespace headroom::text {
namespace {

// "... lines 3-9 omitted ...", "... line 3 omitted (2 files) ...".
bool ReadGap(std::string_view line, size_t* first, size_t* last) {
  const std::string text(line);
  if (!line.ends_with(" ...") || text.find(" omitted") == std::string::npos) return false;
  if (std::sscanf(text.c_str(), "... lines %zu-%zu omitted", first, last) == 2) return true;
  if (std::sscanf(text.c_str(), "... line %zu omitted", first) != 1) return false;
  *last = *first;
  return true;
}

bool IsNote(std::string_view line) { return line.starts_with("[of the ") && line.ends_with("]"); }

}  // namespace

ExcerptCall::ExcerptCall(std::string_view text, std::string_view question, std::string_view tool,
                         std::string_view arguments)
    : input{.text = text, .tool_name = tool, .tool_arguments = arguments, .question = question, .gaps = true},
      query(input),
      in{.input = input, .text = text, .query = query, .share = 0.3, .expired = never} {}

std::string FillGaps(std::string_view excerpt, std::string_view source, size_t first_line) {
  const std::vector<std::string_view> lines = SplitLines(source).lines;
  size_t next = 0;
  for (const std::string_view line : SplitLines(excerpt).lines) {
    size_t first = 0, last = 0;
    if (IsNote(line)) continue;
    if (ReadGap(line, &first, &last)) {
      if (first != next + first_line || last < first) return "a gap starts at " + std::to_string(first);
      next = last + 1 - first_line;
      continue;
    }
    if (next >= lines.size() || lines[next] != line)
      return "line " + std::to_string(next + 1) + " became: " + std::string(line);
    ++next;
  }
  return next == lines.size() ? "" : "lines end at " + std::to_string(next);
}

size_t CountSourceLines(std::string_view excerpt) {
  size_t count = 0;
  for (const std::string_view line : SplitLines(excerpt).lines) {
    size_t first = 0, last = 0;
    count += IsNote(line) || ReadGap(line, &first, &last) ? 0 : 1;
  }
  return count;
}

}  // namespace headroom::text
