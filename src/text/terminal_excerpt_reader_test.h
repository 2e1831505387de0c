// Reads an excerpt of lines back, for tests: gaps are filled from the source.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "text/excerpt.h"

namespace headroom::text {

// An Input with its query and an excerpt's input, kept together.
struct ExcerptCall {
  ExcerptCall(std::string_view text, std::string_view question, std::string_view tool = "Bash",
              std::string_view arguments = "{}");

  Input input;
  Query query;
  Expired never;
  ExcerptInput in;
};

// The source again: each line of the excerpt checked to be the source's own line of its number,
// each gap filled. A sentence about the first disagreement where there is one.
std::string FillGaps(std::string_view excerpt, std::string_view source, size_t first_line = 1);

// Lines of the excerpt that are no marks.
size_t CountSourceLines(std::string_view excerpt);

}  // namespace headroom::text
