// A diff read as files and hunks.
//
//   commit 1f2e...                    around: anything that is no diff
//   diff --git a/x.c b/x.c            head of a file
//   --- a/x.c
//   +++ b/x.c
//   @@ -10,3 +10,4 @@ int main() {    hunk: its body is counted by its header,
//    a                                so "--- a" in it is the removed line "-- a"
//   --- a
//   +b
//
// Combined diffs ("@@@ -1,2 -1,2 +1,3 @@@") have a mark for each parent. A hunk
// whose body does not hold what its header says is no hunk here: its lines are
// "around", and the text is marked as broken. Views are into the text.
// Thread-compatible.

#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::text {

// Lines of one side: "-start,count".
struct DiffRange {
  size_t start = 0;
  size_t count = 0;
};

struct DiffHunk {
  static constexpr size_t kMaxParents = 4;

  size_t header = 0;  // line of the text
  size_t end = 0;     // behind the body's last line
  size_t parents = 1;
  std::array<DiffRange, kMaxParents + 1> ranges;  // one for each parent, then the result's
  std::string_view heading;                       // what stands behind the closing "@@", with its blank
  size_t added = 0;
  size_t removed = 0;

  size_t begin() const { return header + 1; }
  const DiffRange& result() const { return ranges[parents]; }
};

struct DiffFile {
  size_t begin = 0;           // first line of its head
  std::string_view path;      // of the result; of the old side where the file was deleted
  std::string_view old_path;  // "" when the same or none
  size_t first_hunk = 0;      // indices into ParsedDiff::hunks
  size_t last_hunk = 0;       // exclusive
  size_t patch_begin = 0;     // lines of a binary patch's data, if any
  size_t patch_end = 0;
};

struct ParsedDiff {
  std::vector<DiffFile> files;
  std::vector<DiffHunk> hunks;
  bool broken = false;  // a hunk holds less or other lines than it says
};

enum class DiffLine { kContext, kAdded, kRemoved, kNoNewline };

// What a line of a hunk's body is. Requires a line of a body of so many parents.
DiffLine DiffLineKind(std::string_view line, size_t parents);

// The lines each side gains by a line of a body: side i of `parents`, or the result for i = parents.
bool CountsFor(std::string_view line, size_t parents, size_t side);

// "@@ -10,3 +10,4 @@" and `heading` behind it, as written by git.
std::string HunkHeader(const DiffHunk& hunk, const std::array<DiffRange, DiffHunk::kMaxParents + 1>& ranges,
                       std::string_view heading);

// Cost: O(bytes).
ParsedDiff ParseDiff(const std::vector<std::string_view>& lines);

}  // namespace headroom::text
