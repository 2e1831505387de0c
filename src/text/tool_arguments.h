// The arguments of a tool call, as far as they name commands and files.
//
// Models write JSON objects; some clients pass a bare command. Only strings and
// lists of strings at the top level are read; everything else is skipped, and so
// is what follows a syntax error.

#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace headroom::text {

struct Argument {
  std::string name;                 // as written
  std::vector<std::string> values;  // one for a string, any number for a list
  bool is_list = false;
};

// At most kMaxArgumentBytes are read. A text that is no JSON object gives one
// argument without a name. Cost: O(bytes).
inline constexpr size_t kMaxArgumentBytes = 64 * 1024;
std::vector<Argument> ReadArguments(std::string_view arguments);

}  // namespace headroom::text
