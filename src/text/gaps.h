// The marks that say what is left out, and the marker that closes an excerpt.
//
//   ERROR disk 3 failing
//   ... lines 12-424 omitted ...                      a gap mark, where the gap is
//   done in 3 s
//   [430 lines compressed to 6. Retrieve more: hash=0123456789abcdef01234567]
//
// They read as an excerpt of an intact original. The closing marker's form is
// the one that tools of this kind know. Thread-safe.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "text/compressor.h"

namespace headroom::text {

// "... lines 12-424 omitted ...", "... line 7 omitted ...". `unit` is a plural in
// "s"; first and last are inclusive. `note` is added in brackets:
// "... lines 12-424 omitted (3 hits in a.c) ...".
std::string GapMark(std::string_view unit, size_t first, size_t last, std::string_view note = {});

// Units that a gap mark says are left out; both inclusive, from 1.
struct Gap {
  std::string_view unit;  // as the mark has it: "lines", of one "line"
  size_t first = 0;
  size_t last = 0;

  bool operator==(const Gap&) const = default;
};

// The gaps of `rendition` by its marks, in order, at most `limit`. Cost: O(bytes).
std::vector<Gap> GapsIn(std::string_view rendition, size_t limit);

// About what a gap mark on a line of its own costs; a gap must save more.
inline constexpr size_t kGapMarkTokens = 10;

// True when a line of `text` reads as a gap mark of ours: an excerpt of it could
// not be told from its source.
bool ImitatesGapMarks(std::string_view text);

// "[430 lines compressed to 6. Retrieve more: hash=<id>]", without a line end.
std::string ClosingMarker(const Omission& omitted, std::string_view id);

// True when `text` ends in a line that reads as a closing marker, right or not:
// an excerpt is not excerpted again.
bool EndsInClosingMarker(std::string_view text);

// Which lines of a text stay, and the text with gap marks for the rest.
//
//   LineSelection selection(lines, first_line);
//   selection.Keep(3);  selection.Offer(9, 0.7);  selection.Fill(400);
//   selection.Render("\n")
//
// Gaps that would not save more than their mark are closed. Thread-compatible.
class LineSelection {
 public:
  // `lines` must outlive it. `first_line` is the number of lines[0].
  explicit LineSelection(const std::vector<std::string_view>& lines, size_t first_line = 1);

  // Keeps a line whatever the budget. Out of range is ignored.
  void Keep(size_t line);
  void KeepRange(size_t begin, size_t end);  // [begin, end)
  // A line that is kept when there is room, best score first, earlier lines
  // before later ones of the same score; score <= 0 is never kept. The highest
  // offer of a line counts.
  void Offer(size_t line, double score);
  // Takes offers until the kept lines have about `tokens`. Cost: O(n log n).
  void Fill(size_t tokens);

  bool kept(size_t line) const { return kept_[line]; }
  size_t count() const;   // kept lines
  size_t tokens() const;  // of the kept lines, estimated
  size_t total_tokens() const { return total_tokens_; }

  // Keeps what lies in gaps that save less than their mark costs. Cost: O(lines).
  void CloseSmallGaps();

  // The kept lines and a mark for each gap, joined by `ending`, with one at the
  // end if `ends_with_newline`. Calls CloseSmallGaps.
  std::string Render(std::string_view ending, bool ends_with_newline);

 private:
  const std::vector<std::string_view>& lines_;
  size_t first_line_;
  std::vector<bool> kept_;
  std::vector<double> score_;
  std::vector<uint32_t> cost_;
  size_t total_tokens_ = 0;
};

}  // namespace headroom::text
