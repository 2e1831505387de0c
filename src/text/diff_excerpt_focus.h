// Where a question points in a diff: the files and lines it speaks of, and
// whether it wants all of it.
//
//   "In lib/router.js, what changes around line 554?"   router.js, line 554
//   "Review this before I merge it"                     the whole change
//
// Thread-compatible.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "text/diff_excerpt_hunks.h"
#include "text/query.h"

namespace headroom::text {

class DiffFocus {
 public:
  DiffFocus(const Query& query, std::string_view question, const ParsedDiff& diff);

  // The question says the file's path, the end of it, or its name.
  bool names_file(size_t file) const { return named_[file]; }
  bool names_files() const { return any_named_; }

  // The hunk holds a line that is asked for, or is the nearest to it of a named file.
  bool points_at(size_t hunk) const { return pointed_[hunk]; }
  bool points() const { return any_pointed_; }

  // "Review this change", "what changed", "write the commit message": what is left out
  // could be what should have been found. Also a task of more than 150 words.
  bool whole_change() const { return whole_; }

 private:
  void NameFiles(const Query& query, const ParsedDiff& diff);
  void PointAt(const DiffRange& lines, const ParsedDiff& diff);

  std::vector<bool> named_;
  std::vector<bool> pointed_;
  bool any_named_ = false;
  bool any_pointed_ = false;
  bool whole_ = false;
};

}  // namespace headroom::text
