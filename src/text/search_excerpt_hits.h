// Search output read as hits of files, in either form.
//
//   src/a.c:12:int x;          src/a.c          a heading
//   src/a.c-13-                12:int x;        a match
//   --                         13-              context
//                              --
//
// A line that is none of these ("Binary file x matches", "Found 3 files") is
// kOther and never left out. Thread-compatible.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace headroom::text {

enum class SearchLineKind : uint8_t { kMatch, kContext, kHeading, kBreak, kOther };

struct SearchLine {
  SearchLineKind kind = SearchLineKind::kOther;
  uint32_t file = 0;      // of a match, context or heading: index into SearchLines::files
  uint32_t number = 0;    // of a match or context
  std::string_view text;  // of a match or context: what stands in the file
};

struct SearchLines {
  std::vector<SearchLine> lines;  // one for each line of the text
  std::vector<std::string_view> files;
  size_t matches = 0;
  bool headed = false;
};

// Nothing when fewer than three lines match or most lines are neither match nor context.
// Cost: O(bytes).
std::optional<SearchLines> ReadSearchLines(const std::vector<std::string_view>& lines);

// True when a path stands above most groups of numbered lines. Cost: O(bytes).
bool LooksLikeHeadedSearch(const std::vector<std::string_view>& lines);

}  // namespace headroom::text
