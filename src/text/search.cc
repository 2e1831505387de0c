// Search results with less of their paths.
//
// Agents quote a hit as "src/a.c:12", so by default every hit stays as it is and
// only the lines around it lose their path; they are of the file of the hit they
// touch:
//
//   src/a.c-11-{           11-{
//   src/a.c:12:int x;  ─►  src/a.c:12:int x;
//   src/a.c-13-            13-
//   --                     --
//   src/b.c:7:int x;       src/b.c:7:int x;
//
// With Input::group_hits hits are grouped by file, as ripgrep prints them to a
// terminal, and lists of paths by folder (path_list.h):
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
// Counter-examples, left alone: context that touches hits of two files, hits of
// one line per file (nothing to share), a text in which a line that is no hit
// looks like a numbered one.
//
// Cost: O(bytes); bench/text: search/*.

#include <algorithm>
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

// True when a line that is no hit looks like a numbered one.
bool HasNumberedLine(const std::vector<std::string_view>& lines, const std::vector<SearchHit>& hits) {
  for (size_t i = 0; i < lines.size(); ++i) {
    if (!hits[i].is_hit() && LooksLikeNumberedLine(lines[i])) return true;
  }
  return false;
}

// True when two hits in a row share their path.
bool SharesPaths(const std::vector<SearchHit>& hits) {
  std::string_view path;
  for (const SearchHit& hit : hits) {
    if (!hit.is_hit()) continue;
    if (hit.path == path) return true;
    path = hit.path;
  }
  return false;
}

// True when a "--" at `i` stands between two files' hits.
bool SeparatesFiles(const std::vector<SearchHit>& hits, size_t i) {
  return i > 0 && i + 1 < hits.size() && hits[i - 1].is_hit() && hits[i + 1].is_hit() &&
         hits[i - 1].path != hits[i + 1].path;
}

std::optional<std::string> GroupByFile(const LineText& source, const Expired& expired) {
  const std::vector<SearchHit> hits = ReadSearchHits(source.lines);
  if (!SharesPaths(hits) || HasNumberedLine(source.lines, hits)) return std::nullopt;
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

bool IsContext(const SearchHit& hit) { return hit.is_hit() && hit.rest[LeadingDigits(hit.rest)] != ':'; }

// True when hits [begin, end), which touch, are of one file and one of them is no context.
bool NamesOneFile(const std::vector<SearchHit>& hits, size_t begin, size_t end) {
  bool named = false;
  for (size_t i = begin; i < end; ++i) {
    if (hits[i].path != hits[begin].path) return false;
    named = named || !IsContext(hits[i]);
  }
  return named;
}

std::optional<std::string> ShortenContext(LineText source, const Expired& expired) {
  const std::vector<SearchHit> hits = ReadSearchHits(source.lines);
  // "2024-01-02-post.md:5:x" could be read as context, too.
  if (std::any_of(source.lines.begin(), source.lines.end(), LooksLikeNumberedLine)) return std::nullopt;
  bool shortened = false;
  size_t polled = 0;
  for (size_t begin = 0; begin < hits.size();) {
    if (begin >= polled) {
      if (expired && expired()) return std::nullopt;
      polled = begin + kPollLines;
    }
    size_t end = begin + 1;
    while (hits[begin].is_hit() && end < hits.size() && hits[end].is_hit()) ++end;
    if (hits[begin].is_hit() && NamesOneFile(hits, begin, end)) {
      for (size_t i = begin; i < end; ++i) {
        if (!IsContext(hits[i])) continue;
        source.lines[i] = hits[i].rest;
        shortened = true;
      }
    }
    begin = end;
  }
  if (!shortened) return std::nullopt;
  return source.Join();
}

}  // namespace

std::optional<Rendition> CompressSearch(const Input& input, const Expired& expired) {
  if (input.text.find('\0') != std::string_view::npos) return std::nullopt;
  std::string plain;
  std::string_view text = input.text;
  if (HasTerminalBytes(text)) text = plain = CleanTerminal(text, Clean::kColours);
  const LineText source = SplitLines(text);
  const size_t tokens = EstimateTokens(input.text);
  if (!input.group_hits) {
    std::optional<std::string> shortened = ShortenContext(source, expired);
    if (!shortened || EstimateTokens(*shortened) >= tokens) return std::nullopt;
    return Rendition{std::move(*shortened), Kind::kSearch, "search_context"};
  }
  if (std::optional<std::string> grouped = GroupByFile(source, expired); grouped && EstimateTokens(*grouped) < tokens) {
    return Rendition{std::move(*grouped), Kind::kSearch, "search_grouped"};
  }
  if (std::optional<std::string> grouped = GroupPaths(source, expired); grouped && EstimateTokens(*grouped) < tokens) {
    return Rendition{std::move(*grouped), Kind::kSearch, "paths_grouped"};
  }
  return std::nullopt;
}

}  // namespace headroom::text
