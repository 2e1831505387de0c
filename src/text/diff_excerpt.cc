// Diffs with the hunks that matter.
//
// A question that points somewhere ("in router.js around line 554", "what changes
// in setProxy") gets the hunks it points at whole, some of every other file, and
// what else fits it best; the rest is counted where it stood:
//
//   diff --git a/lib/help.js b/lib/help.js
//   --- a/lib/help.js
//   +++ b/lib/help.js
//   ... lines 120-480 omitted (3 hunks, +40 -12) ...
//   @@ -90,4 +91,4 @@ class Help {
//   [7 files, 31 hunks, +640 -410 in the whole diff]
//
// One that wants the change as a whole ("review this", "what changed", or nothing
// in particular) gets every changed line of what people write; lock files,
// generated and minified files, and a change that was shown already for another
// file (lib/, esm/ and umd/ builds of one source) are counted.
//
// Heads of files, renames, modes and commit messages always stay. Cost: O(bytes); bench/diff_search.

#include <algorithm>
#include <array>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/hash.h"
#include "text/diff_excerpt_focus.h"
#include "text/diff_excerpt_hunks.h"
#include "text/diff_excerpt_noise.h"
#include "text/diff_excerpt_render.h"
#include "text/excerpt.h"
#include "text/relevance.h"
#include "text/terminal.h"

namespace headroom::text {
namespace {

constexpr size_t kMinTokens = 800;
constexpr size_t kPollHunks = 512;
constexpr size_t kPieceLines = 40;  // a hunk up to this long is judged as one
constexpr size_t kSplitLines = 24;  // a longer one is split behind so many lines, where its context allows
constexpr size_t kWideContext = 3;
constexpr size_t kNarrowContext = 1;
constexpr size_t kSampleLines = 4;    // changed lines that stand for a file
constexpr size_t kRepeatTokens = 40;  // a repeated change that costs less is shown again
constexpr size_t kFar = 4;            // hunks away from one that was pointed at
constexpr size_t kMinifiedLine = 1000;
constexpr double kPointedShare = 0.25;  // of the share, where the question says the place

enum class Keep : uint8_t { kNone, kSample, kNarrow, kWide };

// Part of a hunk that is kept or left out as one.
struct Piece {
  size_t hunk = 0;
  size_t file = 0;
  size_t begin = 0;  // lines of the text
  size_t end = 0;
  size_t changed = 0;
  size_t tokens = 0;
  Keep keep = Keep::kNone;
};

class DiffExcerpt {
 public:
  DiffExcerpt(const ExcerptInput& in, const LineText& source, const ParsedDiff& diff)
      : in_(in),
        source_(source),
        diff_(diff),
        focus_(in.query, in.input.question, diff),
        distance_(source.lines.size(), 255),
        originals_(diff.hunks.size(), DiffRenderer::kNoHunk) {}

  // False when the deadline passed.
  bool Select() {
    if (!CutPieces()) return false;
    FindNoise();
    const Relevance relevance(in_.query, PieceTexts());
    if (in_.late()) return false;
    KeepAsked(relevance);
    if (WantsWhole()) {
      KeepWhole();
    } else {
      SampleFiles(relevance);
      Fill(relevance);
    }
    FoldRepeats();
    return true;
  }

  std::optional<Excerpt> Render() {
    DiffRenderer renderer(source_, diff_, in_.first_line);
    for (const DiffFile& file : diff_.files) {
      for (size_t i = file.patch_begin; i < file.patch_end; ++i) renderer.Omit(i);
    }
    for (const Piece& piece : pieces_) Apply(piece, renderer);
    for (size_t h = 0; h < originals_.size(); ++h) {
      if (originals_[h] != DiffRenderer::kNoHunk) renderer.SetSame(h, originals_[h]);
    }
    if (!renderer.Settle()) return std::nullopt;
    DiffRendition rendition = renderer.Render();
    if (!diff_.broken) rendition.text.append(source_.ends_with_newline ? "" : source_.ending).append(Totals());
    return Excerpt{std::move(rendition.text), Kind::kDiff, "diff_excerpt",
                   Omission{"lines", source_.lines.size(), rendition.kept_lines}};
  }

 private:
  bool CutPieces();
  void CutHunk(size_t file, size_t index);
  void MeasureContext(const DiffHunk& hunk);
  void FindNoise();
  std::vector<std::string_view> PieceTexts() const;
  void KeepAsked(const Relevance& relevance);
  bool WantsWhole() const;
  void KeepWhole();
  void SampleFiles(const Relevance& relevance);
  double Worth(const Piece& piece, double relevance) const;
  void Fill(const Relevance& relevance);
  uint64_t ChangeKey(size_t hunk, size_t begin, size_t end) const;
  void FoldRepeats();
  void Apply(const Piece& piece, DiffRenderer& renderer) const;
  std::string Totals() const;

  const ExcerptInput& in_;
  const LineText& source_;
  const ParsedDiff& diff_;
  DiffFocus focus_;
  std::vector<uint8_t> distance_;  // lines to the next change of the hunk
  std::vector<Piece> pieces_;
  std::vector<bool> noise_;        // by file
  std::vector<size_t> originals_;  // the hunk that shows the same change, by hunk
  size_t total_tokens_ = 0;
  bool anything_named_ = false;
};

bool DiffExcerpt::CutPieces() {
  for (size_t file = 0; file < diff_.files.size(); ++file) {
    for (size_t h = diff_.files[file].first_hunk; h < diff_.files[file].last_hunk; ++h) {
      if (h % kPollHunks == 0 && in_.late()) return false;
      MeasureContext(diff_.hunks[h]);
      CutHunk(file, h);
    }
  }
  return true;
}

void DiffExcerpt::MeasureContext(const DiffHunk& hunk) {
  const auto measure = [&](size_t line, uint8_t& far) {
    const DiffLine kind = DiffLineKind(source_.lines[line], hunk.parents);
    const bool change = kind == DiffLine::kAdded || kind == DiffLine::kRemoved;
    far = change ? 0 : static_cast<uint8_t>(std::min(far + 1, 255));
    distance_[line] = std::min(distance_[line], far);
  };
  uint8_t far = 255;
  for (size_t i = hunk.begin(); i < hunk.end; ++i) measure(i, far);
  far = 255;
  for (size_t i = hunk.end; i-- > hunk.begin();) measure(i, far);
}

void DiffExcerpt::CutHunk(size_t file, size_t index) {
  const DiffHunk& hunk = diff_.hunks[index];
  const bool whole = hunk.end - hunk.begin() <= kPieceLines;
  const auto start = [&](size_t begin) {
    Piece fresh;
    fresh.hunk = index;
    fresh.file = file;
    fresh.begin = begin;
    return fresh;
  };
  Piece piece = start(hunk.begin());
  for (size_t i = hunk.begin(); i < hunk.end; ++i) {
    const std::string_view line = source_.lines[i];
    piece.changed += distance_[i] == 0 ? 1 : 0;
    const size_t tokens = EstimateTokens(line) + 1;
    total_tokens_ += tokens;
    piece.tokens += distance_[i] <= kNarrowContext ? tokens : 0;
    const size_t lines = i + 1 - piece.begin;
    const bool may_split = distance_[i] > 0 || line.size() <= hunk.parents;
    if (i + 1 < hunk.end && (whole || lines < kSplitLines || !(may_split || lines >= 2 * kSplitLines))) continue;
    piece.end = i + 1;
    pieces_.push_back(piece);
    piece = start(i + 1);
  }
}

void DiffExcerpt::FindNoise() {
  noise_.resize(diff_.files.size());
  for (size_t i = 0; i < noise_.size(); ++i) noise_[i] = IsGeneratedPath(diff_.files[i].path);
  for (const Piece& piece : pieces_) {
    size_t bytes = 0;
    for (size_t i = piece.begin; i < piece.end; ++i) bytes += source_.lines[i].size();
    if (bytes > kMinifiedLine * (piece.end - piece.begin)) noise_[piece.file] = true;
  }
  // A diff of nothing else is about them.
  if (std::all_of(noise_.begin(), noise_.end(), [](bool noise) { return noise; })) {
    std::fill(noise_.begin(), noise_.end(), false);
  }
  for (size_t i = 0; i < noise_.size(); ++i) {
    if (focus_.names_file(i)) noise_[i] = false;
  }
}

// Each piece with the heading in front of it; not the numbers of its header, which any number of a
// question could meet.
std::vector<std::string_view> DiffExcerpt::PieceTexts() const {
  std::vector<std::string_view> texts;
  texts.reserve(pieces_.size());
  for (const Piece& piece : pieces_) {
    const DiffHunk& hunk = diff_.hunks[piece.hunk];
    const char* begin = source_.lines[piece.begin].data();
    if (piece.begin == hunk.begin() && !hunk.heading.empty()) begin = hunk.heading.data();
    const std::string_view last = source_.lines[piece.end - 1];
    texts.emplace_back(begin, static_cast<size_t>(last.data() + last.size() - begin));
  }
  return texts;
}

void DiffExcerpt::KeepAsked(const Relevance& relevance) {
  std::vector<bool> pointed_files(diff_.files.size());
  for (const Piece& piece : pieces_) {
    if (focus_.points_at(piece.hunk)) pointed_files[piece.file] = true;
  }
  for (size_t i = 0; i < pieces_.size(); ++i) {
    Piece& piece = pieces_[i];
    const bool named = relevance.named(i) && !noise_[piece.file];
    anything_named_ = anything_named_ || named;
    const bool whole_file = focus_.names_file(piece.file) && !pointed_files[piece.file];
    if (focus_.points_at(piece.hunk) || named || whole_file) piece.keep = Keep::kWide;
  }
}

bool DiffExcerpt::WantsWhole() const {
  if (in_.query.exhaustive()) return true;
  if (focus_.points()) return false;
  return focus_.whole_change() || !(focus_.names_files() || anything_named_);
}

void DiffExcerpt::KeepWhole() {
  for (Piece& piece : pieces_) {
    if (!noise_[piece.file]) piece.keep = Keep::kWide;
  }
}

void DiffExcerpt::SampleFiles(const Relevance& relevance) {
  std::vector<size_t> best(diff_.files.size(), pieces_.size());
  std::vector<bool> shown(diff_.files.size());
  for (size_t i = 0; i < pieces_.size(); ++i) {
    const Piece& piece = pieces_[i];
    if (piece.changed == 0 || noise_[piece.file]) continue;
    if (piece.keep != Keep::kNone) shown[piece.file] = true;
    size_t& so_far = best[piece.file];
    const auto better = [&](size_t other) {
      if (relevance.score(i) != relevance.score(other)) return relevance.score(i) > relevance.score(other);
      return piece.tokens < pieces_[other].tokens;
    };
    if (so_far == pieces_.size() || better(so_far)) so_far = i;
  }
  for (size_t file = 0; file < best.size(); ++file) {
    if (!shown[file] && best[file] != pieces_.size()) pieces_[best[file]].keep = Keep::kSample;
  }
}

// How much a piece that nothing asks for by name may be worth reading.
double DiffExcerpt::Worth(const Piece& piece, double relevance) const {
  if (piece.changed == 0 || noise_[piece.file]) return 0;
  const double small = 0.25 / (1.0 + static_cast<double>(piece.changed) / 6.0);
  if (!focus_.points()) return relevance + small;
  // Beside what was pointed at.
  const DiffFile& file = diff_.files[piece.file];
  size_t nearest = kFar;
  for (size_t away = 1; away < kFar && nearest == kFar; ++away) {
    const bool behind = piece.hunk >= file.first_hunk + away && focus_.points_at(piece.hunk - away);
    const bool ahead = piece.hunk + away < file.last_hunk && focus_.points_at(piece.hunk + away);
    if (behind || ahead) nearest = away;
  }
  return 0.5 * relevance + small + (nearest == kFar ? 0 : 0.5 / static_cast<double>(nearest));
}

// Takes pieces by their worth until the kept ones have the share of the tokens; a change only once.
void DiffExcerpt::Fill(const Relevance& relevance) {
  std::vector<std::pair<double, size_t>> order;
  std::unordered_set<uint64_t> shown;
  size_t spent = 0;
  for (size_t i = 0; i < pieces_.size(); ++i) {
    if (pieces_[i].keep == Keep::kWide) {
      spent += pieces_[i].tokens;
      shown.insert(ChangeKey(pieces_[i].hunk, pieces_[i].begin, pieces_[i].end));
    } else if (const double value = Worth(pieces_[i], relevance.score(i)); value > 0) {
      order.emplace_back(value, i);
    }
  }
  std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  const double share = in_.share * (focus_.points() ? kPointedShare : 1.0);
  const auto budget = static_cast<size_t>(share * static_cast<double>(total_tokens_));
  for (const auto& [value, i] : order) {
    Piece& piece = pieces_[i];
    if (spent + piece.tokens > budget) continue;
    if (!shown.insert(ChangeKey(piece.hunk, piece.begin, piece.end)).second) continue;
    piece.keep = Keep::kNarrow;
    spent += piece.tokens;
  }
}

// What the changed lines of [begin, end) say, wherever they stand and however they are indented.
uint64_t DiffExcerpt::ChangeKey(size_t hunk, size_t begin, size_t end) const {
  Hasher128 hasher;
  for (size_t i = begin; i < end; ++i) {
    if (distance_[i] > 0) continue;
    const std::string_view marks = source_.lines[i].substr(0, diff_.hunks[hunk].parents);
    hasher.Add(marks).Add(Trim(source_.lines[i].substr(marks.size()))).Add("\n");
  }
  return hasher.Finish().low;
}

// A change that another hunk, kept whole, shows line by line is named instead of repeated.
void DiffExcerpt::FoldRepeats() {
  std::vector<uint64_t> keys(diff_.hunks.size());
  std::vector<size_t> tokens(diff_.hunks.size());
  std::vector<bool> whole(diff_.hunks.size(), true);
  for (const Piece& piece : pieces_) {
    tokens[piece.hunk] += piece.tokens;
    if (piece.keep < Keep::kNarrow) whole[piece.hunk] = false;
  }
  for (size_t h = 0; h < keys.size(); ++h) {
    keys[h] = ChangeKey(h, diff_.hunks[h].begin(), diff_.hunks[h].end);
  }
  std::unordered_map<uint64_t, size_t> shown;
  for (const bool pointed : {true, false}) {
    for (size_t h = 0; h < keys.size(); ++h) {
      if (whole[h] && tokens[h] > kRepeatTokens && focus_.points_at(h) == pointed) shown.emplace(keys[h], h);
    }
  }
  for (Piece& piece : pieces_) {
    const auto original = shown.find(keys[piece.hunk]);
    if (original == shown.end() || original->second == piece.hunk || focus_.points_at(piece.hunk)) continue;
    originals_[piece.hunk] = original->second;
    piece.keep = Keep::kNone;
  }
}

void DiffExcerpt::Apply(const Piece& piece, DiffRenderer& renderer) const {
  size_t begin = piece.begin;
  while (begin < piece.end && distance_[begin] > 0) ++begin;
  size_t end = begin;
  if (piece.keep == Keep::kSample) {
    while (end < piece.end && distance_[end] == 0) ++end;
    if (end - begin > 2 * kSampleLines) end = begin + kSampleLines;
  }
  for (size_t i = piece.begin; i < piece.end; ++i) {
    const bool kept = (piece.keep == Keep::kSample && i >= begin && i < end) ||
                      (piece.keep == Keep::kNarrow && distance_[i] <= kNarrowContext) ||
                      (piece.keep == Keep::kWide && distance_[i] <= kWideContext);
    if (!kept) renderer.Omit(i);
  }
}

std::string DiffExcerpt::Totals() const {
  std::unordered_set<std::string_view> paths;
  size_t added = 0;
  size_t removed = 0;
  for (const DiffFile& file : diff_.files) paths.insert(file.path);
  for (const DiffHunk& hunk : diff_.hunks) {
    added += hunk.added;
    removed += hunk.removed;
  }
  const auto counted = [](size_t count, std::string_view one) {
    return std::to_string(count).append(" ").append(one).append(count == 1 ? "" : "s");
  };
  return "[" + counted(paths.size(), "file") + ", " + counted(diff_.hunks.size(), "hunk") + ", +" +
         std::to_string(added) + " -" + std::to_string(removed) + " in the whole diff]";
}

}  // namespace

std::optional<Excerpt> ExcerptDiff(const ExcerptInput& in) {
  std::string plain;
  std::string_view text = in.text;
  if (HasTerminalBytes(text)) text = plain = CleanTerminal(text, Clean::kColours);
  const LineText source = SplitLines(text);
  const ParsedDiff diff = ParseDiff(source.lines);
  if (diff.hunks.empty() || in.late() || EstimateTokens(text) < kMinTokens) return std::nullopt;
  // What the call looks at ("git diff -- lib README.md") is not what is asked.
  Input question = in.input;
  question.tool_arguments = {};
  const Query asked(question);
  const ExcerptInput asking{.input = in.input,
                            .text = in.text,
                            .first_line = in.first_line,
                            .query = asked,
                            .share = in.share,
                            .expired = in.expired};
  DiffExcerpt excerpt(asking, source, diff);
  if (!excerpt.Select()) return std::nullopt;
  return excerpt.Render();
}

}  // namespace headroom::text
