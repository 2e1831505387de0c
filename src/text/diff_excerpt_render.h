// A diff with some of its lines left out that still reads, and applies, as one.
//
//   @@ -10,9 +10,9 @@ int main() {          @@ -10,9 +10,9 @@ int main() {     kept whole: its own header
//   @@ -40,7 +40,8 @@ void f() {      ─►   ... lines 20-27 omitted (1 hunk, +2 -1) ...
//   @@ -90,80 +91,95 @@ void g() {         @@ -90,4 +91,5 @@ void g() {     kept in part: counted again
//                                          ... lines 35-120 omitted (+70 -60) ...
//
// The numbers in a gap are lines of the source; those in a header are lines of
// the files, as ever. A heading ("void g() {") is repeated only where nothing
// between the header and the kept lines could have ended its function.
// Thread-compatible.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "text/diff_excerpt_hunks.h"
#include "text/line_text.h"

namespace headroom::text {

struct DiffRendition {
  std::string text;
  size_t kept_lines = 0;  // of the source; a header that was counted again is one
};

class DiffRenderer {
 public:
  static constexpr size_t kNoHunk = static_cast<size_t>(-1);

  // All must outlive it. `first_line` is the number of lines[0].
  DiffRenderer(const LineText& source, const ParsedDiff& diff, size_t first_line);

  // Leaves out a line of a hunk's body, or of a binary patch's data.
  void Omit(size_t line) { kept_[line] = false; }
  // What is left out of `hunk` is the change that `original`, kept whole, shows.
  void SetSame(size_t hunk, size_t original) { same_[hunk] = original; }

  // True when a line is left out after gaps that save little were closed. Call before Render.
  bool Settle();
  DiffRendition Render();

 private:
  size_t GapEnd(size_t line) const;
  size_t OriginOf(size_t hunk) const;
  bool IsChange(size_t line) const;
  void CloseSmallGaps();
  std::string Gap(size_t begin, size_t end) const;
  std::string RunHeader(size_t hunk, size_t line);
  bool KeepsHeading(const DiffHunk& hunk, size_t line) const;

  const LineText& source_;
  const ParsedDiff& diff_;
  size_t first_line_;
  std::vector<bool> kept_;
  std::vector<uint32_t> hunk_of_;  // index + 1 of the hunk whose header or body a line is
  std::vector<size_t> same_;

  // Where RunHeader stands: the next line of each side at `cursor_line_` of `cursor_hunk_`.
  size_t cursor_hunk_ = kNoHunk;
  size_t cursor_line_ = 0;
  std::array<size_t, DiffHunk::kMaxParents + 1> cursor_{};
};

}  // namespace headroom::text
