#include "text/diff_excerpt_render.h"

#include <algorithm>

#include "text/gaps.h"

namespace headroom::text {
namespace {

constexpr size_t kNoteTokens = 8;     // "(3 hunks, +40 -12)" beside a gap mark
constexpr size_t kHeaderTokens = 14;  // the header that lines behind a gap inside a hunk need

std::string Counted(size_t count, std::string_view one) {
  return std::to_string(count).append(" ").append(one).append(count == 1 ? "" : "s");
}

// The index of the file that a hunk is of.
size_t FileOf(const std::vector<DiffFile>& files, size_t hunk) {
  const auto file =
      std::upper_bound(files.begin(), files.end(), hunk, [](size_t h, const DiffFile& f) { return h < f.last_hunk; });
  return static_cast<size_t>(file - files.begin());
}

}  // namespace

DiffRenderer::DiffRenderer(const LineText& source, const ParsedDiff& diff, size_t first_line)
    : source_(source),
      diff_(diff),
      first_line_(first_line),
      kept_(source.lines.size(), true),
      hunk_of_(source.lines.size()),
      same_(diff.hunks.size(), kNoHunk) {
  for (size_t h = 0; h < diff.hunks.size(); ++h) {
    std::fill(hunk_of_.begin() + static_cast<std::ptrdiff_t>(diff.hunks[h].header),
              hunk_of_.begin() + static_cast<std::ptrdiff_t>(diff.hunks[h].end), static_cast<uint32_t>(h + 1));
  }
}

bool DiffRenderer::Settle() {
  for (const DiffHunk& hunk : diff_.hunks) {
    for (size_t i = hunk.begin(); i < hunk.end; ++i) {
      // "\ No newline at end of file" is about the line above it.
      if (source_.lines[i].starts_with('\\') && i > hunk.begin()) kept_[i] = kept_[i - 1];
    }
    kept_[hunk.header] = hunk.begin() == hunk.end || kept_[hunk.begin()];
  }
  CloseSmallGaps();
  return std::find(kept_.begin(), kept_.end(), false) != kept_.end();
}

// The file in which what is left out of `hunk` is shown, kNoHunk for none.
size_t DiffRenderer::OriginOf(size_t hunk) const {
  return same_[hunk] == kNoHunk ? kNoHunk : FileOf(diff_.files, same_[hunk]);
}

bool DiffRenderer::IsChange(size_t line) const {
  if (hunk_of_[line] == 0) return false;
  const DiffHunk& hunk = diff_.hunks[hunk_of_[line] - 1];
  if (line == hunk.header) return false;
  const DiffLine kind = DiffLineKind(source_.lines[line], hunk.parents);
  return kind == DiffLine::kAdded || kind == DiffLine::kRemoved;
}

// A gap ends in front of a hunk whose changes are shown elsewhere than those before it, so
// that its note is true of all of it.
size_t DiffRenderer::GapEnd(size_t line) const {
  size_t end = line;
  bool changes = false;
  size_t origin = kNoHunk;
  size_t checked = kNoHunk;
  for (; end < kept_.size() && !kept_[end]; ++end) {
    if (hunk_of_[end] == 0 || hunk_of_[end] - 1 == checked || !IsChange(end)) continue;
    checked = hunk_of_[end] - 1;
    if (changes && OriginOf(checked) != origin) return diff_.hunks[checked].header;
    changes = true;
    origin = OriginOf(checked);
  }
  return end;
}

void DiffRenderer::CloseSmallGaps() {
  for (size_t begin = 0; begin < kept_.size();) {
    if (kept_[begin]) {
      ++begin;
      continue;
    }
    const size_t end = GapEnd(begin);
    const bool inside = begin > 0 && end < kept_.size() && hunk_of_[begin] != 0 && hunk_of_[begin - 1] == hunk_of_[end];
    const size_t least = kGapMarkTokens + kNoteTokens + (inside ? kHeaderTokens : 0);
    size_t saved = 0;
    for (size_t i = begin; i < end && saved <= least; ++i) saved += EstimateTokens(source_.lines[i]) + 1;
    if (saved <= least)
      std::fill(kept_.begin() + static_cast<std::ptrdiff_t>(begin), kept_.begin() + static_cast<std::ptrdiff_t>(end),
                true);
    begin = end;
  }
}

std::string DiffRenderer::Gap(size_t begin, size_t end) const {
  size_t hunks = 0;
  size_t added = 0;
  size_t removed = 0;
  size_t origin = kNoHunk;
  for (size_t i = begin; i < end; ++i) {
    if (hunk_of_[i] == 0) continue;
    const size_t index = hunk_of_[i] - 1;
    const DiffHunk& hunk = diff_.hunks[index];
    if (i == hunk.header) {
      hunks += hunk.end <= end ? 1 : 0;
      continue;
    }
    if (same_[index] != kNoHunk) origin = OriginOf(index);
    const DiffLine kind = DiffLineKind(source_.lines[i], hunk.parents);
    added += kind == DiffLine::kAdded ? 1 : 0;
    removed += kind == DiffLine::kRemoved ? 1 : 0;
  }
  std::string note;
  if (hunk_of_[begin] == 0) note = "binary data";
  if (hunks > 0) note = Counted(hunks, "hunk");
  if (added + removed > 0) {
    note.append(note.empty() ? "" : ", ").append("+").append(std::to_string(added));
    note.append(" -").append(std::to_string(removed));
  }
  if (origin != kNoHunk) {
    const bool here = origin == FileOf(diff_.files, hunk_of_[begin] - 1);
    note.append(", the same as ").append(here ? "elsewhere in this file" : "in ");
    if (!here) note.append(diff_.files[origin].path);
  }
  return GapMark("lines", first_line_ + begin, first_line_ + end - 1, note);
}

bool DiffRenderer::KeepsHeading(const DiffHunk& hunk, size_t line) const {
  // What stands at the margin may be the next function, and closes the last.
  return std::all_of(source_.lines.begin() + static_cast<std::ptrdiff_t>(hunk.begin()),
                     source_.lines.begin() + static_cast<std::ptrdiff_t>(line), [&](std::string_view skipped) {
                       const std::string_view text = skipped.substr(std::min(hunk.parents, skipped.size()));
                       return text.empty() || IsBlank(text[0]);
                     });
}

// The header of the kept lines of `hunk` that begin at `line`.
std::string DiffRenderer::RunHeader(size_t index, size_t line) {
  const DiffHunk& hunk = diff_.hunks[index];
  if (cursor_hunk_ != index) {
    cursor_hunk_ = index;
    cursor_line_ = hunk.begin();
    for (size_t side = 0; side <= hunk.parents; ++side)
      cursor_[side] = hunk.ranges[side].start + (hunk.ranges[side].count == 0 ? 1 : 0);
  }
  const auto advance = [&](size_t to) {
    for (; cursor_line_ < to; ++cursor_line_) {
      for (size_t side = 0; side <= hunk.parents; ++side)
        cursor_[side] += CountsFor(source_.lines[cursor_line_], hunk.parents, side) ? 1 : 0;
    }
  };
  advance(line);
  const auto begins = cursor_;
  size_t end = line;
  while (end < hunk.end && kept_[end]) ++end;
  advance(end);
  std::array<DiffRange, DiffHunk::kMaxParents + 1> ranges;
  for (size_t side = 0; side <= hunk.parents; ++side) {
    const size_t count = cursor_[side] - begins[side];
    // An empty side is named by the line in front of it.
    ranges[side] = {begins[side] - (count == 0 && begins[side] > 0 ? 1 : 0), count};
  }
  return HunkHeader(hunk, ranges, KeepsHeading(hunk, line) ? hunk.heading : std::string_view());
}

DiffRendition DiffRenderer::Render() {
  DiffRendition out;
  auto emit = [&, first = true](std::string_view line) mutable {
    if (!first) out.text.append(source_.ending);
    first = false;
    out.text.append(line);
  };
  for (size_t i = 0; i < kept_.size();) {
    if (!kept_[i]) {
      const size_t end = GapEnd(i);
      emit(Gap(i, end));
      i = end;
      continue;
    }
    ++out.kept_lines;
    const size_t hunk = hunk_of_[i] == 0 ? kNoHunk : hunk_of_[i] - 1;
    if (hunk != kNoHunk && i == diff_.hunks[hunk].header) {
      const bool whole = std::all_of(kept_.begin() + static_cast<std::ptrdiff_t>(i),
                                     kept_.begin() + static_cast<std::ptrdiff_t>(diff_.hunks[hunk].end),
                                     [](bool kept) { return kept; });
      emit(whole ? std::string(source_.lines[i]) : RunHeader(hunk, i + 1));
    } else {
      if (hunk != kNoHunk && !kept_[i - 1]) emit(RunHeader(hunk, i));
      emit(source_.lines[i]);
    }
    ++i;
  }
  if (source_.ends_with_newline) out.text.append(source_.ending);
  return out;
}

}  // namespace headroom::text
