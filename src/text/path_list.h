// Lists of paths (find, ls, rg -l, git ls-files) grouped by folder.
//
//   README.md                README.md
//   src/text/json.cc         src/text/:
//   src/text/lines.cc   ─►    json.cc
//   src/net/sse.cc            lines.cc
//                            src/net/sse.cc
//
// Names below a folder's line are indented by one blank; a line that is not
// indented is a whole path. Order stays. Counter-examples, left alone: lines that
// are indented already, a list in which a line ends in "/:", text that is no list.

#pragma once

#include <optional>
#include <string>

#include "text/compressor.h"
#include "text/line_text.h"

namespace headroom::text {

// Most lines are paths and share folders. Cost: O(bytes).
bool LooksLikePathList(const LineText& source);

// Nothing when the text is no such list or no two neighbours share a folder.
std::optional<std::string> GroupPaths(const LineText& source, const Expired& expired);

}  // namespace headroom::text
