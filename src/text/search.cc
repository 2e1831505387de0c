// Search results grouped by file, as ripgrep prints them to a terminal.
//
//   src/a.c:12:int x;          src/a.c
//   src/a.c-13-                12:int x;
//   --                         13-
//   src/a.c:40:return x;  ─►   --
//   src/b.c:7:int x;           40:return x;
//                              (empty line)
//                              src/b.c
//                              7:int x;
//
// A group is a path and the lines below it up to an empty line. Lines that are
// no hits ("Binary file x matches") stay in their place, whole; "--" is dropped
// only where the next line starts another file. To read: a line in front of
// which a group starts and behind which a numbered line follows is a path.
//
// Counter-examples, left alone: hits of one line per file (nothing to share), a
// text in which a line that is no hit looks like a numbered one.
//
// Lists of paths are grouped by folder; see path_list.h.
//
// Cost: O(bytes); bench/text: search/*.

#include <string>
#include <vector>

#include "text/compressor.h"
#include "text/line_text.h"
#include "text/path_list.h"
#include "text/search_hits.h"
#include "text/terminal.h"

namespace headroom::text {
namespace {

constexpr size_t kPollLines = 4096;

bool IsSeparator(std::string_view line) { return line == "--"; }

// True when no line that stays whole could be read as a numbered line or end a group wrongly.
bool CanGroup(const std::vector<std::string_view>& lines, const std::vector<SearchHit>& hits) {
  size_t grouped = 0;
  std::string_view path;
  for (size_t i = 0; i < lines.size(); ++i) {
    if (hits[i].is_hit()) {
      if (hits[i].path == path) ++grouped;
      path = hits[i].path;
    } else if (LooksLikeNumberedLine(lines[i])) {
      return false;
    }
  }
  return grouped > 0;
}

// True when a "--" at `i` stands between two files' hits.
bool SeparatesFiles(const std::vector<SearchHit>& hits, size_t i) {
  return i > 0 && i + 1 < hits.size() && hits[i - 1].is_hit() && hits[i + 1].is_hit() &&
         hits[i - 1].path != hits[i + 1].path;
}

std::optional<std::string> GroupByFile(const LineText& source, const Expired& expired) {
  const std::vector<SearchHit> hits = ReadSearchHits(source.lines);
  if (!CanGroup(source.lines, hits)) return std::nullopt;
  LineText grouped{{}, source.ending, source.ends_with_newline};
  grouped.lines.reserve(source.lines.size() + 16);
  std::string_view path;
  for (size_t i = 0; i < source.lines.size(); ++i) {
    if (i % kPollLines == 0 && expired && expired()) return std::nullopt;
    const std::string_view line = source.lines[i];
    if (!hits[i].is_hit()) {
      if (IsSeparator(line) && SeparatesFiles(hits, i)) continue;
      if (line.empty()) path = {};
      grouped.lines.push_back(line);
      continue;
    }
    if (hits[i].path != path) {
      if (!grouped.lines.empty()) grouped.lines.push_back("");
      grouped.lines.push_back(path = hits[i].path);
    }
    grouped.lines.push_back(hits[i].rest);
  }
  return grouped.Join();
}

}  // namespace

std::optional<Rendition> CompressSearch(const Input& input, const Expired& expired) {
  if (input.text.find('\0') != std::string_view::npos) return std::nullopt;
  std::string plain;
  std::string_view text = input.text;
  if (HasTerminalBytes(text)) text = plain = CleanTerminal(text, Clean::kColours);
  const LineText source = SplitLines(text);
  const size_t tokens = EstimateTokens(input.text);
  if (std::optional<std::string> grouped = GroupByFile(source, expired); grouped && EstimateTokens(*grouped) < tokens) {
    return Rendition{std::move(*grouped), Kind::kSearch, "search_grouped"};
  }
  if (std::optional<std::string> grouped = GroupPaths(source, expired); grouped && EstimateTokens(*grouped) < tokens) {
    return Rendition{std::move(*grouped), Kind::kSearch, "paths_grouped"};
  }
  return std::nullopt;
}

}  // namespace headroom::text
