// Output of known programs, by what its lines are.
//
//   openat(AT_FDCWD, "libm.so.6") = 3                        openat(AT_FDCWD, "libm.so.6") = 3
//   read(3, ...) = 832                                  ─►   ... lines 2-311 omitted (310 calls) ...
//   ...                                                      openat(AT_FDCWD, "a.json") = -1 EACCES
//   openat(AT_FDCWD, "a.json") = -1 EACCES                   +++ exited with 1 +++
//   +++ exited with 1 +++
//
// A reader is chosen from a sample of the lines; without one nothing is left out here.
// Lines are read as a terminal would show them, each with the number it has in the source.
//
// Counter-example: a question for all there is, which a gap could answer wrongly.
//
// Cost: O(bytes); bench/line_excerpts.

#include <array>
#include <string>
#include <vector>

#include "text/columns.h"
#include "text/excerpt.h"
#include "text/line_text.h"
#include "text/terminal_excerpt_choice.h"
#include "text/terminal_excerpt_lines.h"
#include "text/terminal_excerpt_readers.h"

namespace headroom::text {
namespace {

constexpr size_t kMinLines = 12;
constexpr size_t kSampleLines = 400;
constexpr size_t kMaxLines = 2'000'000;

struct Reader {
  bool (*reads)(const Lines& sample);
  void (*choose)(TerminalChoice* choice);
};

constexpr std::array<Reader, 12> kReaders = {{{ReadsAsCallTrace, ChooseCallTrace},
                                              {ReadsAsBacktrace, ChooseBacktrace},
                                              {ReadsAsPlan, ChoosePlan},
                                              {ReadsAsCommitLog, ChooseCommitLog},
                                              {ReadsAsCommitList, ChooseCommitList},
                                              {ReadsAsWorkTree, ChooseWorkTree},
                                              {ReadsAsLongListing, ChooseLongListing},
                                              {ReadsAsNameListing, ChooseNameListing},
                                              {ReadsAsTree, ChooseTree},
                                              {ReadsAsDescription, ChooseDescription},
                                              {ReadsAsFindings, ChooseFindings},
                                              {ReadsAsVariables, ChooseVariables}}};

// Lines that are not blank from the whole of the text, evenly, neighbours together.
Lines SampleOf(const Lines& lines) {
  constexpr size_t kRun = 40;
  Lines sample;
  const size_t runs = kSampleLines / kRun;
  const size_t step = lines.size() <= kSampleLines ? kRun : lines.size() / runs;
  for (size_t start = 0; start < lines.size(); start += step) {
    for (size_t i = start; i < std::min(start + kRun, lines.size()); ++i) {
      if (!Trim(lines[i]).empty()) sample.push_back(lines[i]);
    }
  }
  return sample;
}

}  // namespace

std::optional<Excerpt> ExcerptTerminal(const ExcerptInput& in) {
  if (in.query.exhaustive()) return std::nullopt;
  LineArena arena;
  LineText source = ReadTerminalLines(in.text, &arena);
  if (source.lines.size() < kMinLines || source.lines.size() > kMaxLines) return std::nullopt;
  const Lines sample = SampleOf(source.lines);
  for (const Reader& reader : kReaders) {
    if (!reader.reads(sample)) continue;
    if (in.late()) return std::nullopt;
    SqueezeColumns(&source.lines, &arena);
    TerminalChoice choice(in, source.lines);
    reader.choose(&choice);
    std::optional<Excerpt> excerpt = choice.Render(source);
    if (excerpt.has_value() || in.late()) return excerpt;
    const size_t count = source.lines.size();
    return Excerpt{{}, Kind::kLog, "terminal_excerpt", Omission{"lines", count, count}};
  }
  return std::nullopt;
}

}  // namespace headroom::text
