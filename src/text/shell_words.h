// Command lines as a POSIX shell would split them, as far as it matters for
// knowing which program printed what.
//
//   cd x && sed -n '1,80p' "my file" 2>/dev/null | head -5; make > log
//   ─►  {{cd x}}  {{sed -n 1,80p "my file"}, {head -5}}  {{make} to a file}
//
// Quotes and backslashes are resolved; $variables, $(substitutions) and globs
// stay as they are written; redirections are dropped and remembered; the text of
// here-documents is skipped. Words like `then` and `do` and assignments in front
// of a command are dropped.
//
// Bounded: kMaxCommandBytes are read, the rest is ignored. Thread-safe.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::text {

inline constexpr size_t kMaxCommandBytes = 16 * 1024;

struct SimpleCommand {
  std::vector<std::string> words;
  bool writes_file = false;  // its output goes to a file
};

using Pipeline = std::vector<SimpleCommand>;  // joined by |

// Pipelines in order, joined by ; && || & or line ends. Cost: O(bytes).
std::vector<Pipeline> ParseShell(std::string_view command);

}  // namespace headroom::text
