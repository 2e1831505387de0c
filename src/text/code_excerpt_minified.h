// Minified code: the banner, the versions and what is asked for, out of lines
// that no one reads.
//
//   /*! tool v2.3.1 | MIT */
//   ... bytes 1-40960 omitted (of line 2) ...
//   function parse(e,t){return e.split(t).map(n)}
//   ... bytes 41007-88000 omitted (of line 2) ...
//
// Long lines are cut at ";", "}" and "," into pieces; what is kept stands as it
// is, a piece to a line, and every gap says which bytes of which line, or which
// lines, it stands for. Counter-example: a long line of prose, data or base64 is
// no code and stays.
//
// Cost: O(bytes). Thread-safe.

#pragma once

#include <optional>
#include <string_view>

#include "text/excerpt.h"

namespace headroom::text {

// True when most of the text is code on lines too long to read. Cost: O(bytes).
bool IsMinifiedCode(std::string_view text);

// Nothing where the text is not minified code or is short.
std::optional<Excerpt> ExcerptMinified(const ExcerptInput& in);

}  // namespace headroom::text
