// How a tool call reads files, for IsProtectedRead and the rules that must know.

#pragma once

#include <string>
#include <vector>

#include "text/compressor.h"

namespace headroom::text {

struct FileAccess {
  enum class How {
    kNone,   // the output is a program's own
    kRead,   // the output is a file, or a range of its lines
    kQuote,  // lines of files stand in it: search results, diffs, edited places
  };

  How how = How::kNone;
  std::vector<std::string> files;  // as written; empty when the call does not say
};

// By tool name and arguments alone. Cost: O(arguments), bounded.
FileAccess FindFileAccess(const Input& input);

}  // namespace headroom::text
