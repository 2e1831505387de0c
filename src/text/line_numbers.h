// Numbers in front of the lines of a text, as Read, cat -n and nl -ba print them.
//
//        9→def f():          first 9, width 6, separator "→", lines 0 to 2
//       10→    return 1
//   <note>ends here</note>
//
// Thread-safe.

#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace headroom::text {

struct LineNumbers {
  size_t begin = 0;  // [begin, end) of the lines have numbers
  size_t end = 0;
  size_t first = 1;            // the number of line `begin`, 1 or more; each line counts one more
  size_t width = 0;            // numbers are padded with blanks in front to this many bytes
  std::string_view separator;  // behind the number: "→", a tab, "|", ": " or ":"

  // The same numbers, whatever number of lines has them.
  bool SameForm(const LineNumbers& other) const {
    return begin == other.begin && first == other.first && width == other.width && separator == other.separator;
  }
};

// Nothing unless a run of two or more numbered lines begins within the first
// kMaxUnnumberedHead lines. Cost: O(lines).
inline constexpr size_t kMaxUnnumberedHead = 4;
std::optional<LineNumbers> FindLineNumbers(const std::vector<std::string_view>& lines);

// The numbered lines without their numbers. Requires that `numbers` was found in `lines`.
std::vector<std::string_view> WithoutNumbers(const std::vector<std::string_view>& lines, const LineNumbers& numbers);

}  // namespace headroom::text
