// ExcerptDiff and ExcerptSearch over arbitrary bytes, the first line being the
// question: they read nothing past their input, give the same bytes twice, and
// what they keep and mark as left out is the source again, line by line.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "text/excerpt.h"
#include "text/gaps.h"
#include "text/line_text.h"

namespace {

using headroom::text::Excerpt;
using headroom::text::ExcerptInput;

void Check(bool condition) {
  if (!condition) std::abort();
}

// Kept lines and gaps in the order of the source; only a diff has lines of its own (headers counted
// again, totals), which stand for a header or open what follows a gap.
void CheckCovers(std::string_view source, const Excerpt& excerpt, bool diff) {
  const headroom::text::LineText from = headroom::text::SplitLines(source);
  const headroom::text::LineText to = headroom::text::SplitLines(excerpt.text);
  size_t at = 0;
  for (size_t i = 0; i < to.lines.size(); ++i) {
    const std::string line(to.lines[i]);
    size_t first = 0;
    size_t last = 0;
    if (at < from.lines.size() && line == from.lines[at]) {
      ++at;
    } else if (std::sscanf(line.c_str(), "... lines %zu-%zu omitted", &first, &last) == 2) {
      Check(first == at + 1 && last <= from.lines.size());
      at = last;
    } else if (std::sscanf(line.c_str(), "... line %zu omitted", &first) == 1) {
      Check(first == at + 1);
      at = first;
    } else {
      Check(diff);
      const bool totals = i + 1 == to.lines.size() && line.ends_with(" in the whole diff]");
      Check(totals || line.starts_with("@@"));
      if (!totals && at < from.lines.size() && from.lines[at].starts_with("@@")) ++at;
    }
  }
  Check(at == from.lines.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::unique_ptr<char[]> exact(new char[size]);
  if (size > 0) std::memcpy(exact.get(), data, size);
  const std::string_view all(exact.get(), size);
  const size_t newline = all.find('\n');
  if (newline == std::string_view::npos) return 0;
  // Nothing is excerpted that holds our marks, and colours are not kept.
  const std::string_view text = all.substr(newline + 1);
  if (headroom::text::ImitatesGapMarks(text) || text.find('\x1b') != std::string_view::npos) return 0;
  headroom::text::Input input{};
  input.text = text;
  input.question = all.substr(0, newline);
  const headroom::text::Query query(input);
  const headroom::text::Expired never;
  const ExcerptInput in{.input = input, .text = text, .query = query, .expired = never};
  for (const bool diff : {true, false}) {
    const auto excerpt_of = diff ? headroom::text::ExcerptDiff : headroom::text::ExcerptSearch;
    const std::optional<Excerpt> excerpt = excerpt_of(in);
    if (!excerpt.has_value()) continue;
    Check(excerpt_of(in)->text == excerpt->text);
    CheckCovers(text, *excerpt, diff);
  }
  return 0;
}
