// Lines of grep, ripgrep and git grep read as hits.
//
//   src/a.c:12:  x = 1;         path "src/a.c", mark ':', number "12", text "  x = 1;"
//   src/a.c-13-  y = 2;         a context line, mark '-' ('=' for git grep -p)
//   C:\src\a.c:12:  x = 1;      the drive belongs to the path
//   src/a.c:12:5:  x = 1;       text "5:  x = 1;"
//
// A context line is read only beside a hit of the same path: "my-file-10-x"
// alone may be anything. Every field is a view; path + mark + number + mark +
// text is the line again, whichever way it was read.

#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace headroom::text {

struct SearchHit {
  std::string_view path;  // "" when the line is no hit
  std::string_view rest;  // "12:text", "13-text"

  bool is_hit() const { return !path.empty(); }
};

// A match line read on its own; context lines are no hits here. Cost: O(line).
SearchHit ReadMatchLine(std::string_view line);

// One entry per line. Cost: O(bytes).
std::vector<SearchHit> ReadSearchHits(const std::vector<std::string_view>& lines);

// True for "12:...", "12-...", "12=...": what a hit looks like below its path.
bool LooksLikeNumberedLine(std::string_view line);

}  // namespace headroom::text
