// Lists of paths (find, rg -l, git ls-files) with whole folders counted.
//
//   axios/LICENSE                        what orients (licences, manifests, READMEs) stays,
//   axios/dist/axios.js                  what the question says,
//   axios/dist/axios.min.js      ─►      and something of every folder near the top
//   axios/lib/helpers/cookies.js
//
//   ... lines 5-60 omitted (12 in axios/dist/, 44 in axios/lib/) ...
//
// Thread-compatible.

#pragma once

#include <optional>

#include "text/excerpt.h"
#include "text/line_text.h"

namespace headroom::text {

// Nothing when the text is no such list, the question wants all of it, or little would be saved.
// Cost: O(bytes).
std::optional<Excerpt> ExcerptPathList(const ExcerptInput& in, const LineText& source);

}  // namespace headroom::text
