// The parts of a text that what is asked is about: prose, Markdown, manual pages, help texts, change
// logs, retrieved passages.
//
//   "What does the document say under 'Timeouts'?"
//
//   # Manual                       # Manual
//   Read this first. ...           Read this first. ...
//   ## Installing                  ## Installing
//   (30 lines)               ─►    ... lines 6-35 omitted ...
//   ## Timeouts                    ## Timeouts
//   The client waits 30 s.         The client waits 30 s.
//   ## Changes                     ## Changes
//   (400 lines)                    ... lines 40-439 omitted ...
//
// Whole lines stay or go, no sentence is rewritten; all headings stay. Counter-examples, left alone: a task
// ("continue and fix the problem") or a question that singles no part out, one that wants all, a short text,
// what a program says about places in files.
//
// Cost: O(bytes); bench/html_excerpt.

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "text/detect.h"
#include "text/excerpt.h"
#include "text/gaps.h"
#include "text/line_text.h"
#include "text/prose_excerpt_sections.h"
#include "text/prose_excerpt_shape.h"
#include "text/prose_excerpt_units.h"
#include "text/words.h"

namespace headroom::text {
namespace {

constexpr size_t kMaxBytes = 16 << 20;
constexpr size_t kMinTokens = 400;          // with a part that is named
constexpr size_t kMinUnnamedTokens = 2000;  // a text shorter than that is read whole
constexpr double kMaxKeptShare = 0.8;

}  // namespace

std::optional<Excerpt> ExcerptProse(const ExcerptInput& in) {
  if (in.text.size() > kMaxBytes || in.query.empty() || in.query.exhaustive()) return std::nullopt;
  const LineText split = SplitLines(in.text);
  const std::vector<ProseUnit> read = ReadProse(split.lines);
  if (read.size() < 3 || !ReadsAsProse(split.lines, read, IsShellTool(in.input.tool_name)) || in.late())
    return std::nullopt;

  LineSelection selection(split.lines, in.first_line);
  const size_t total = selection.total_tokens();
  if (total < kMinTokens) return std::nullopt;
  std::vector<SectionUnit> units;
  units.reserve(read.size());
  for (const ProseUnit& unit : read) {
    const char* begin = split.lines[unit.begin].data();
    const std::string_view last = split.lines[unit.end - 1];
    const std::string_view text(begin, static_cast<size_t>(last.data() + last.size() - begin));
    units.push_back({text, unit.heading, EstimateTokens(text) + 1, unit.stands_alone});
  }
  const size_t budget = static_cast<size_t>(in.share * static_cast<double>(total));
  const std::optional<SectionChoice> choice =
      ChooseSections(units, in.query, WithoutInjectedBlocks(in.input.question), budget);
  if (!choice.has_value() || in.late()) return std::nullopt;
  if (!choice->by_name && total < kMinUnnamedTokens) return std::nullopt;

  for (size_t i = 0; i < read.size(); ++i) {
    if (!choice->kept[i]) continue;
    size_t end = read[i].end;
    // Blank lines before a gap are part of it.
    const bool gap_follows = i + 1 == read.size() || !choice->kept[i + 1];
    while (gap_follows && end > read[i].begin + 1 && Trim(split.lines[end - 1]).empty()) --end;
    selection.KeepRange(read[i].begin, end);
  }
  selection.CloseSmallGaps();
  if (static_cast<double>(selection.tokens()) > kMaxKeptShare * static_cast<double>(total)) return std::nullopt;
  Excerpt excerpt;
  excerpt.kind = Kind::kPlain;
  excerpt.rule = "prose_excerpt";
  excerpt.omitted = {"lines", split.lines.size(), selection.count()};
  excerpt.text = selection.Render(split.ending, split.ends_with_newline);
  return excerpt;
}

}  // namespace headroom::text
