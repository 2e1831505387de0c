// Which lines differ between two texts.
//
//   before  a b c d e        LineChange {1,2, 1,1}    b went
//   after   a c d x e   ─►   LineChange {4,4, 3,4}    x came, between d and e
//
// Lines that stand once in both texts and keep their order are matched first
// (patience diff, Bram Cohen), what lies between them by the shortest edit
// script (Myers, "An O(ND) Difference Algorithm", 1986). Where that would cost
// more than a bounded effort, the stretch counts as replaced: the changes are
// always right, and the shortest only where that is cheap.
//
// Cost: O(n log n) lines on any input. Thread-safe.

#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "text/compressor.h"

namespace headroom::text {

// With their line ends, so that a line that lacks one is another line. Cost: O(bytes).
std::vector<std::string_view> LinesWithEnds(std::string_view text);

// Lines [before_begin, before_end) of the old text became [after_begin, after_end)
// of the new one. At most one of the two is empty.
struct LineChange {
  size_t before_begin = 0;
  size_t before_end = 0;
  size_t after_begin = 0;
  size_t after_end = 0;

  bool operator==(const LineChange&) const = default;
};

// In order, with at least one equal line between two changes; what no change names
// is equal. Nothing when the deadline passed or a text has 2^30 lines or more.
std::optional<std::vector<LineChange>> DiffLines(const std::vector<std::string_view>& before,
                                                 const std::vector<std::string_view>& after, const Expired& expired);

}  // namespace headroom::text
