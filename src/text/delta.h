// A text as a unified diff against an earlier one.
//
//   a.py before            a.py now             @@ -1,3 +1,3 @@
//      1→import os            1→import os        import os
//      2→                     2→           ─►   -
//      3→print(1)             3→print(2)        -print(1)
//                                               +print(2)
//
// The earlier text with the hunks applied is the new text to the byte; a missing
// line end is said as diff(1) does, and CR is part of its line. Where both texts number
// their lines in the same way from the same number on (Read, cat -n, nl -ba), the
// lines are compared without their numbers, so that an inserted line does not
// change all that follow: hunk headers count in the texts' own numbers.
// Counter-example: reads of different ranges of one file; their numbers do not
// agree, and compared as they stand they share nothing.
// Thread-safe.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "text/compressor.h"

namespace headroom::text {

struct Delta {
  std::string hunks;      // "@@ -1,3 +1,4 @@\n import os\n..." without a line end at the end
  bool numbered = false;  // the lines stand without the numbers they have in the texts
};

// Nothing when the texts are equal, when the hunks would be longer than
// `max_bytes`, or the deadline passed. Cost: O(n log n) lines.
std::optional<Delta> MakeDelta(std::string_view before, std::string_view after, size_t max_bytes,
                               const Expired& expired);

// The lines of a text, for guessing how much two texts share before comparing them.
class LineSketch {
 public:
  // Line numbers in front are left aside. Cost: O(n log n) lines.
  explicit LineSketch(std::string_view text);

  size_t bytes() const { return bytes_; }
  // Of the lines that both have, as often as both have them. Cost: O(lines).
  size_t SharedBytes(const LineSketch& other) const;

 private:
  size_t bytes_ = 0;
  std::vector<std::pair<uint64_t, uint32_t>> lines_;  // hash and bytes, sorted
};

}  // namespace headroom::text
