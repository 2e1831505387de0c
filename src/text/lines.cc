// Logs, terminal output and tables, line by line.
//
//   1  what a terminal would no longer show is removed        terminal.h
//   2  blanks at line ends go (tables, logs, shell output)
//   3  padding of aligned tables is squeezed                  columns.h
//      constant columns and idle quotes of CSV and TSV go   delimited.h
//   4  repeated lines and blocks are counted                  repeats.h
//   5  blocks that come again later are named                 recurring.h
//   6  dates and labels many lines begin with are said once   prefixes.h
//
// Source code and diffs only lose colours: their blanks are content. Each rule
// looks at the whole text; where one of our marks already stands in it, none is written.
//
// Cost: O(bytes); bench/text: lines/*.

#include <algorithm>
#include <string>
#include <vector>

#include "text/columns.h"
#include "text/compressor.h"
#include "text/delimited.h"
#include "text/detect.h"
#include "text/line_text.h"
#include "text/prefixes.h"
#include "text/protected_read.h"
#include "text/recurring.h"
#include "text/repeats.h"
#include "text/terminal.h"

namespace headroom::text {
namespace {

bool Passed(const Expired& expired) { return expired && expired(); }

// Lines an agent may quote back: source, diffs, and what searches and edits show of files.
bool IsQuoted(FileAccess::How how, Kind kind) {
  return kind == Kind::kCode || kind == Kind::kDiff || (how == FileAccess::How::kQuote && kind != Kind::kLog);
}

Clean HowToClean(FileAccess::How how, Kind kind) {
  if (kind == Kind::kDiff) return Clean::kColours;
  return how == FileAccess::How::kNone && kind != Kind::kCode ? Clean::kTerminal : Clean::kEscapes;
}

// Blanks at line ends are padding in what programs print; in prose two of them break a line.
bool DropsTrailingBlanks(const Input& input, Kind kind) {
  return kind == Kind::kLog || kind == Kind::kTable || (kind != Kind::kSearch && IsShellTool(input.tool_name));
}

std::vector<std::string_view> Texts(const std::vector<OutputLine>& lines) {
  std::vector<std::string_view> texts;
  texts.reserve(lines.size());
  for (const OutputLine& line : lines) texts.push_back(line.text);
  return texts;
}

bool LooksDelimited(const std::vector<std::string_view>& lines) {
  size_t with_commas = 0;
  const size_t sample = std::min<size_t>(lines.size(), 50);
  for (size_t i = 0; i < sample; ++i) with_commas += std::count(lines[i].begin(), lines[i].end(), ',') >= 2 ? 1 : 0;
  return with_commas * 10 >= sample * 9;
}

std::string FoldLines(const Input& input, Kind kind, std::string_view text, const Expired& expired) {
  LineText source = SplitLines(text);
  LineArena arena;
  if (DropsTrailingBlanks(input, kind)) {
    for (std::string_view& line : source.lines) line = TrimRight(line);
  }
  if (kind != Kind::kSearch) SqueezeColumns(&source.lines, &arena);
  if (kind == Kind::kTable || kind == Kind::kPlain) ShortenDelimited(&source.lines, &arena);
  if (!ImitatesRepeatMarks(text) && !ImitatesRecurringMarks(text) && !ImitatesPrefixMarks(text)) {
    std::vector<OutputLine> lines = FoldRepeats(source.lines, expired, &arena);
    const bool labelled = kind == Kind::kLog || kind == Kind::kPlain;
    if (labelled) NameRecurring(&lines, expired, &arena);
    if (labelled && !LooksDelimited(source.lines)) FactorPrefixes(&lines, expired, &arena);
    source.lines = Texts(lines);
  }
  return source.Join();
}

}  // namespace

std::optional<Rendition> CompressLines(const Input& input, const Expired& expired) {
  if (input.text.empty() || input.text.find('\0') != std::string_view::npos) return std::nullopt;
  const Kind kind = DetectKind(input);
  const FileAccess::How how = FindFileAccess(input).how;
  std::string cleaned;
  std::string_view text = input.text;
  if (HasTerminalBytes(text)) text = cleaned = CleanTerminal(text, HowToClean(how, kind));
  if (Passed(expired)) return std::nullopt;
  std::string folded = IsQuoted(how, kind) ? std::string(text) : FoldLines(input, kind, text, expired);
  if (Passed(expired) || folded.empty()) return std::nullopt;
  if (folded.size() == input.text.size() && folded == input.text) return std::nullopt;
  if (EstimateTokens(folded) >= EstimateTokens(input.text) && folded.size() >= input.text.size()) return std::nullopt;
  return Rendition{std::move(folded), kind, "lines_folded"};
}

}  // namespace headroom::text
