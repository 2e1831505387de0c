// Lines and blocks that come several times in a row, said once with their count.
//
//   tick                        tick  [3 identical lines]
//   tick                        [the next 2 lines came 2 times in a row:]
//   tick               ─►       GET /a
//   GET /a                      200
//   200                         done
//   GET /a
//   200
//   done
//
// The count stands behind the line it counts; a block's line count says how many
// of the lines below it belong to the block, counted as they are written here.
// To read: repeat blocks first, then lines. Counter-examples: lines that differ
// in one digit stay; a text in which one of these marks already stands is left
// alone. Blank lines carry no marks until there are many of them.

#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "text/compressor.h"
#include "text/line_text.h"

namespace headroom::text {

// A line of a rendition: a line of the source, or a mark of ours.
struct OutputLine {
  std::string_view text;
  bool is_mark = false;
  bool in_block = false;  // counted by the block mark above it; no other mark may come in front of it
};

// True when `text` holds words that a reader could take for a mark of FoldRepeats.
bool ImitatesRepeatMarks(std::string_view text);

// Cost: O(bytes), blocks of at most kMaxBlockLines lines. Stops folding once
// `expired`. New strings go to `arena`.
inline constexpr size_t kMaxBlockLines = 64;
std::vector<OutputLine> FoldRepeats(const std::vector<std::string_view>& lines, const Expired& expired,
                                    LineArena* arena);

}  // namespace headroom::text
