// Independent readers of what CompressLines and CompressSearch write, as the
// header comments of their rules describe it. For tests only.

#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace headroom::text {

// The lines of `text` without their LF.
std::vector<std::string> LinesOf(std::string_view text);

// The source lines a folded rendition stands for: prefixes put back, blocks and
// repeated lines written out.
std::vector<std::string> ReadFoldedLines(std::string_view rendition);

// The source lines a grouped search result stands for: "path:12:text" again.
std::vector<std::string> ReadGroupedHits(std::string_view rendition);

// The source lines of a search result whose context lines lost their path.
std::vector<std::string> ReadShortenedContext(std::string_view rendition);

// The paths of a list grouped by folder.
std::vector<std::string> ReadGroupedPaths(std::string_view rendition);

}  // namespace headroom::text
