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

#include "text/code_excerpt_source.h"
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

// The lines as they stand in the result, and as prose: without the numbers that a read puts before each.
class ProseText {
 public:
  void Read(const ExcerptInput& in) {
    shown_ = SplitLines(in.text);
    first_line_ = in.first_line;
    if (in.input.fold_reads) ReadCodeSource(in, &source_);
    if (source_.stripped.empty()) return;
    stripped_ = SplitLines(source_.stripped);
    begin_ = source_.begin;
    first_line_ = source_.first_number - begin_;  // lines before the first numbered one stay
  }

  const std::vector<std::string_view>& lines() const { return is_numbered() ? stripped_.lines : shown_.lines; }
  const LineText& shown() const { return shown_; }
  size_t begin() const { return begin_; }  // line of the result at which lines() begin
  size_t first_line() const { return first_line_; }

 private:
  bool is_numbered() const { return !source_.stripped.empty(); }

  CodeSource source_;
  LineText shown_;
  LineText stripped_;
  size_t begin_ = 0;
  size_t first_line_ = 1;
};

void KeepUnits(const ProseText& text, const std::vector<ProseUnit>& units, const std::vector<bool>& kept,
               LineSelection* selection) {
  selection->KeepRange(0, text.begin());
  selection->KeepRange(text.begin() + text.lines().size(), text.shown().lines.size());
  for (size_t i = 0; i < units.size(); ++i) {
    if (!kept[i]) continue;
    size_t end = units[i].end;
    // Blank lines before a gap are part of it.
    const bool gap_follows = i + 1 == units.size() || !kept[i + 1];
    while (gap_follows && end > units[i].begin + 1 && Trim(text.lines()[end - 1]).empty()) --end;
    selection->KeepRange(text.begin() + units[i].begin, text.begin() + end);
  }
}

}  // namespace

std::optional<Excerpt> ExcerptProse(const ExcerptInput& in) {
  // Of a file that is read with a model that opens gaps, also what nobody asked for goes.
  const bool always = in.input.opens_gaps && in.input.fold_reads && IsProtectedRead(in.input);
  if (in.text.size() > kMaxBytes || (!always && (in.query.empty() || in.query.exhaustive()))) return std::nullopt;
  ProseText text;
  text.Read(in);
  const std::vector<ProseUnit> read = ReadProse(text.lines());
  if (read.size() < 3 || !ReadsAsProse(text.lines(), read, IsShellTool(in.input.tool_name) && !always) || in.late())
    return std::nullopt;

  LineSelection selection(text.shown().lines, text.first_line());
  const size_t total = selection.total_tokens();
  if (total < kMinTokens) return std::nullopt;
  std::vector<SectionUnit> units;
  units.reserve(read.size());
  for (const ProseUnit& unit : read) {
    const char* begin = text.lines()[unit.begin].data();
    const std::string_view last = text.lines()[unit.end - 1];
    const std::string_view bytes(begin, static_cast<size_t>(last.data() + last.size() - begin));
    units.push_back({bytes, unit.heading, EstimateTokens(bytes) + 1, unit.stands_alone});
  }
  const size_t budget = static_cast<size_t>(in.share * static_cast<double>(total));
  const std::optional<SectionChoice> choice =
      ChooseSections(units, in.query, WithoutInjectedBlocks(in.input.question), budget, always);
  if (!choice.has_value() || in.late()) return std::nullopt;
  if (!choice->by_name && total < kMinUnnamedTokens) return std::nullopt;

  KeepUnits(text, read, choice->kept, &selection);
  selection.CloseSmallGaps();
  if (static_cast<double>(selection.tokens()) > kMaxKeptShare * static_cast<double>(total)) return std::nullopt;
  Excerpt excerpt;
  excerpt.kind = Kind::kPlain;
  excerpt.rule = "prose_excerpt";
  excerpt.omitted = {"lines", text.shown().lines.size(), selection.count()};
  excerpt.text = selection.Render(text.shown().ending, text.shown().ends_with_newline);
  return excerpt;
}

}  // namespace headroom::text
