// Which functions of a file stay whole for a question.
//
//   asked    named by the question, in a type it names, on a line it names,
//            or holding a string it quotes or, in few places, a name it has
//   used     called by an asked one: whole when short, else with its signature
//   fitting  where nothing is named, what fits the question best
//
// Thread-compatible.

#pragma once

#include <vector>

#include "text/code_excerpt_outline.h"
#include "text/code_excerpt_source.h"
#include "text/excerpt.h"

namespace headroom::text {

struct CodeSelection {
  std::vector<bool> whole;    // by function
  std::vector<bool> related;  // by function: used by an asked one
  std::vector<bool> asked_type;
  bool is_named = false;       // the question names something that stands in this text
  std::vector<double> scores;  // by function, 0 to 1; empty when is_named
};

// Cost: O(bytes).
CodeSelection SelectFunctions(const CodeOutline& outline, const CodeSource& source, const ExcerptInput& in);

}  // namespace headroom::text
