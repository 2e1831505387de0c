// Files that a question speaks of.
//
//   "in lib/router.js" or "in router.js"    names lib/router.js
//   "Makefile"                              names src/Makefile
//   "git diff -- lib" (an argument)         names nothing: what a call looks at is not what is asked
//
// Thread-safe.

#pragma once

#include <string_view>

#include "text/query.h"

namespace headroom::text {

// The question, or the model just before the call, says the path, the end of it, its name or the
// name without its ending. Cost: O(terms and path).
bool NamesPath(const Query& query, std::string_view path);

}  // namespace headroom::text
