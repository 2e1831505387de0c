// Bodies of functions folded in place.
//
//   class Retry:
//       """How often and how long."""
//       limit = 5
//
//       def delay(self, attempt):
//           """Seconds before the next attempt."""
//           ... lines 12-31 omitted ...
//       def run(self, call):                        <- asked for: whole
//           ...
//
// What is kept: everything outside functions (imports, constants, types and
// their fields, decorators), every signature with the first line of its
// docstring, and whole the functions that the question names, what it describes
// where it names none, and the short helpers that these call. Counter-example: a
// function shorter than a gap mark stays; so does one that did not parse, and a
// range of a file up to 200 lines: the call has named what it wants.
//
// How much goes follows the share aimed at, in three steps: bodies; comments
// before folded functions but for their first line; these comments altogether,
// with the brackets that stand between two gaps. Where the model can open gaps
// there is a fourth: with the body its initial values, the bracket that closes it
// and the blank lines behind it; other long comments; long tables of values.
//
// Cost: 5 MB/s and more (bench/code_excerpt_bench.cc); nearly all of it the parser's.

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "text/code_excerpt_language.h"
#include "text/code_excerpt_minified.h"
#include "text/code_excerpt_outline.h"
#include "text/code_excerpt_selection.h"
#include "text/code_excerpt_source.h"
#include "text/excerpt.h"
#include "text/gaps.h"
#include "text/line_text.h"
#include "text/protected_read.h"

namespace headroom::text {
namespace {

constexpr size_t kMinBytes = 1200;
// What a gap must cost as text. Of a single line the reader has more than of its mark.
constexpr size_t kMinGapTokens = kGapMarkTokens + 2;
constexpr size_t kMinLineTokens = 3 * kGapMarkTokens;
// A part of a file up to this many lines was asked for as it is.
constexpr size_t kMaxAskedPart = 200;
constexpr size_t kMaxAskedPartOpening = 120;
// Without a name to go by, functions this near to the best one are what is described.
constexpr double kDescribed = 0.5;
constexpr double kDescribedShare = 0.25;
constexpr double kMinSaved = 0.1;
constexpr double kTraceOfErrors = 0.02;  // of the bytes

constexpr double kDescribedShareOpening = 0.02;
constexpr size_t kLongComment = 4;  // rows
constexpr size_t kLongTable = 12;   // rows
constexpr size_t kTableHead = 3;    // rows of it that stay

enum Step { kBodies, kSummaries, kSignatures, kOutline };

class Folding {
 public:
  Folding(const CodeOutline& outline, const CodeSource& source, CodeSelection selection, bool opens_gaps)
      : outline_(outline),
        source_(source),
        selection_(std::move(selection)),
        last_step_(opens_gaps ? kOutline : kSignatures),
        described_share_(opens_gaps ? kDescribedShareOpening : kDescribedShare),
        cost_(source.rows()) {
    for (size_t row = 0; row < cost_.size(); ++row) {
      cost_[row] = EstimateTokens(source.text.lines[source.begin + row]) + 1;
      total_ += cost_[row];
    }
  }

  // Chooses the step and what else there is room for.
  void Fit(double share) {
    const auto room = static_cast<size_t>(share * static_cast<double>(total_));
    Step step = kBodies;
    for (; step < last_step_; step = static_cast<Step>(step + 1)) {
      Fold(step);
      if (tokens() <= room) break;
    }
    Fold(step);
    if (selection_.scores.empty()) return;
    Fill(step, room);
  }

  size_t tokens() const {
    size_t sum = 0;
    for (size_t row = 0; row < kept_.size(); ++row) {
      if (kept_[row]) {
        sum += cost_[row];
      } else if (row == 0 || kept_[row - 1]) {
        sum += kGapMarkTokens;
      }
    }
    return sum;
  }
  size_t total() const { return total_; }
  size_t kept_rows() const { return static_cast<size_t>(std::count(kept_.begin(), kept_.end(), true)); }

  std::string Render() const {
    const LineText& text = source_.text;
    LineText out{.lines = {}, .ending = text.ending, .ends_with_newline = text.ends_with_newline};
    LineArena arena;
    out.lines.assign(text.lines.begin(), text.lines.begin() + static_cast<ptrdiff_t>(source_.begin));
    for (size_t row = 0; row < kept_.size();) {
      if (kept_[row]) {
        out.lines.push_back(text.lines[source_.begin + row++]);
        continue;
      }
      size_t end = row;
      while (end < kept_.size() && !kept_[end]) ++end;
      out.lines.push_back(arena.Keep(Mark(row, end)));
      row = end;
    }
    out.lines.insert(out.lines.end(), text.lines.begin() + static_cast<ptrdiff_t>(source_.end), text.lines.end());
    return out.Join();
  }

 private:
  enum class State : uint8_t { kOpen, kFolded, kWhole };

  std::string Mark(size_t begin, size_t end) const {
    std::string_view first;
    for (size_t row = begin; row < end && first.empty(); ++row) {
      if (!Trim(source_.row(row)).empty()) first = source_.row(row);
    }
    std::string mark(first.substr(0, std::min(first.find_first_not_of(" \t"), first.size())));
    return mark.append(
        GapMark("lines", source_.first_number + begin, source_.first_number + end - 1, source_.gap_note));
  }

  void Fold(Step step) {
    kept_.assign(cost_.size(), true);
    if (step == kOutline) FoldLong();
    if (step != kBodies) FoldTypeDocs();
    std::vector<State> states(outline_.functions.size());
    for (size_t i = 0; i < outline_.functions.size(); ++i) {
      const CodeFunction& function = outline_.functions[i];
      const State around = function.parent == kNoIndex ? State::kOpen : states[function.parent];
      if (selection_.whole[i] || around == State::kWhole) {
        states[i] = State::kWhole;
        std::fill(At(function.doc_row), At(function.end_row), true);
      } else if (around == State::kFolded) {
        states[i] = State::kFolded;
      } else if (!function.is_container) {
        states[i] = Pays(function.fold_begin, function.fold_end) ? State::kFolded : State::kOpen;
        if (states[i] == State::kFolded) FoldBody(function, step);
        FoldDoc(function.doc_row, function.row, DocStep(step, i));
      }
    }
    if (step >= kSignatures) JoinGaps();
    CloseSmallGaps();
  }

  void FoldBody(const CodeFunction& function, Step step) {
    if (step < kOutline) return std::fill(At(function.fold_begin), At(function.fold_end), false);
    size_t end = function.outer_end;
    while (end < kept_.size() && Trim(source_.row(end)).empty()) ++end;
    std::fill(At(function.outer_begin), At(end), false);
  }

  // What is long and no function, before functions are looked at: one that stays whole takes its rows back.
  void FoldLong() {
    for (size_t row = 0; row < kept_.size();) {
      size_t end = row;
      while (end < kept_.size() && outline_.is_comment[end]) ++end;
      if (end - row >= kLongComment) FoldDoc(row, end, kSummaries);
      row = end + 1;
    }
    for (const CodeTable& table : outline_.tables) {
      if (table.end_row - table.row < kLongTable) continue;
      std::fill(At(table.row + kTableHead), At(table.end_row - 1), false);
    }
  }

  Step DocStep(Step step, size_t function) const {
    return step >= kSignatures && selection_.related[function] ? kSummaries : step;
  }

  void FoldTypeDocs() {
    for (size_t i = 0; i < outline_.types.size(); ++i) {
      const CodeType& type = outline_.types[i];
      if (selection_.asked_type[i]) continue;
      FoldDoc(type.doc_row, type.row, kSummaries);
      if (type.docstring_begin < type.docstring_end) {
        std::fill(At(type.docstring_begin), At(type.docstring_end), false);
      }
    }
  }

  // The comment before a declaration: all of it goes, or what follows its first words.
  void FoldDoc(size_t begin, size_t end, Step step) {
    if (step == kBodies) return;
    bool summary = step == kSummaries;
    for (size_t row = begin; row < end; ++row) {
      if (!outline_.is_comment[row]) continue;
      const std::string_view line = source_.row(row);
      if (!summary) kept_[row] = false;
      if (std::any_of(line.begin(), line.end(), [](char c) { return IsLetter(c) || IsDigit(c); })) summary = false;
    }
  }

  // Rows between two gaps that only close something do not pay for a second mark.
  void JoinGaps() {
    size_t gap_end = 0;
    bool only_closes = false;  // since the last gap
    for (size_t row = 0; row < kept_.size(); ++row) {
      if (kept_[row]) {
        only_closes = only_closes && OnlyCloses(source_.row(row));
        continue;
      }
      if (only_closes) std::fill(At(gap_end), At(row), false);
      gap_end = row + 1;
      only_closes = true;
    }
  }

  static bool OnlyCloses(std::string_view line) {
    line = Trim(line);
    return line == "end" || line.find_first_not_of("{}()[];,") == std::string_view::npos;
  }

  void CloseSmallGaps() {
    for (size_t begin = 0; begin < kept_.size();) {
      size_t end = begin;
      while (end < kept_.size() && !kept_[end]) ++end;
      if (!Pays(begin, end)) std::fill(At(begin), At(end), true);
      begin = end + 1;
    }
  }

  // Where no name is given: what fits the question best, then more while there is room.
  void Fill(Step step, size_t room) {
    std::vector<size_t> order;
    for (size_t i = 0; i < selection_.scores.size(); ++i) {
      const CodeFunction& function = outline_.functions[i];
      const bool is_inner = function.parent != kNoIndex && !outline_.functions[function.parent].is_container;
      if (selection_.scores[i] > 0 && !function.is_container && !is_inner) order.push_back(i);
    }
    std::stable_sort(order.begin(), order.end(),
                     [&](size_t a, size_t b) { return selection_.scores[a] > selection_.scores[b]; });
    size_t spent = tokens();
    const size_t described =
        std::max(room, spent + static_cast<size_t>(described_share_ * static_cast<double>(total_)));
    for (const size_t i : order) {
      const CodeFunction& function = outline_.functions[i];
      const size_t cost = Cost(function.fold_begin, function.fold_end);
      if (spent + cost > (selection_.scores[i] >= kDescribed ? described : room)) continue;
      selection_.whole[i] = true;
      spent += cost;
    }
    Fold(step);
  }

  bool Pays(size_t begin, size_t end) const {
    return Cost(begin, end) > (end > begin + 1 ? kMinGapTokens : kMinLineTokens);
  }

  size_t Cost(size_t begin, size_t end) const {
    size_t sum = 0;
    for (size_t row = begin; row < end; ++row) sum += cost_[row];
    return sum;
  }

  std::vector<bool>::iterator At(size_t row) { return kept_.begin() + static_cast<ptrdiff_t>(row); }

  const CodeOutline& outline_;
  const CodeSource& source_;
  CodeSelection selection_;
  Step last_step_;
  double described_share_;
  std::vector<size_t> cost_;
  std::vector<bool> kept_;
  size_t total_ = 0;
};

// The files that a call names; else the one in the heading of an editor's window: "[File: a.py (80 lines total)]".
std::vector<std::string> FilesOf(const CodeSource& source, const ExcerptInput& in) {
  std::vector<std::string> files = FindFileAccess(in.input).files;
  if (!files.empty()) return files;
  static constexpr std::string_view kHeading = "[File: ";
  for (size_t i = 0; i < source.begin; ++i) {
    const std::string_view line = source.text.lines[i];
    const size_t end = line.find(" (");
    if (line.starts_with(kHeading) && end != std::string_view::npos) {
      files.emplace_back(line.substr(kHeading.size(), end - kHeading.size()));
      break;
    }
  }
  return files;
}

// The language that reads the source with least errors. Where only the content speaks for it, more than a trace of
// them says that it is another one.
std::optional<CodeOutline> Outline(const CodeSource& source, const ExcerptInput& in) {
  bool by_name = false;
  std::optional<CodeOutline> best;
  for (const CodeLanguage* language : CodeLanguagesOf(FilesOf(source, in), source.code, &by_name)) {
    std::optional<CodeOutline> outline = OutlineCode(*language, source, in);
    if (!outline.has_value()) return std::nullopt;
    if (!best.has_value() || outline->error_share < best->error_share) best = std::move(outline);
    if (best->error_share <= kTraceOfErrors) return best;
  }
  return by_name ? std::move(best) : std::nullopt;
}

}  // namespace

std::optional<Excerpt> ExcerptCode(const ExcerptInput& in) {
  if (in.text.size() < kMinBytes || in.text.size() > 2 * kMaxCodeBytes) return std::nullopt;
  if (ImitatesGapMarks(in.text) || IsMinifiedCode(in.text)) return std::nullopt;
  CodeSource source;
  ReadCodeSource(in, &source);
  const bool opens_gaps = in.input.opens_gaps;
  const size_t asked_part = opens_gaps ? kMaxAskedPartOpening : kMaxAskedPart;
  if (source.is_part() && source.rows() <= asked_part) return std::nullopt;
  const std::optional<CodeOutline> outline = Outline(source, in);
  if (!outline.has_value() || (outline->functions.empty() && !opens_gaps)) return std::nullopt;
  if (outline->starts_in_error) source.CountInOutput(in);
  CodeSelection selection = SelectFunctions(*outline, source, in);
  if (in.query.exhaustive() && !selection.is_named && !opens_gaps) return std::nullopt;
  Folding folding(*outline, source, std::move(selection), opens_gaps);
  folding.Fit(in.share);
  if (static_cast<double>(folding.tokens()) > (1 - kMinSaved) * static_cast<double>(folding.total())) {
    return std::nullopt;
  }
  if (in.late()) return std::nullopt;
  const size_t around = source.text.lines.size() - source.rows();
  return Excerpt{.text = folding.Render(),
                 .kind = Kind::kCode,
                 .rule = "code_excerpt",
                 .omitted = {"lines", source.text.lines.size(), folding.kept_rows() + around}};
}

}  // namespace headroom::text
