// Which lines of a program's output stay, as its reader decides.
//
//   lines (cleaned, columns squeezed)  ─►  TerminalChoice  ─►  text with gap marks
//        Keep(3)  Offer(9, 0.7)  Tag(12, kFiles)
//
//   ... lines 12-40 omitted (27 files, 1 directory) ...
//
// A reader knows one form of output. It keeps what must survive, offers what may, and
// tags lines with what they are, which the marks of gaps count. Lines have the numbers
// of the source, whatever cleaning made of them. Thread-compatible.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "text/excerpt.h"
#include "text/gaps.h"
#include "text/line_text.h"
#include "text/relevance.h"

namespace headroom::text {

// What a line of a program's output is, for the notes of gap marks.
enum class LineTag : uint8_t {
  kNone,
  kFiles,
  kDirectories,
  kCommits,
  kCalls,
  kFrames,
  kRegisters,
  kInstructions,
  kResources,
  kVariables,
  kFindings,
};
inline constexpr size_t kLineTags = static_cast<size_t>(LineTag::kFindings) + 1;

class TerminalChoice {
 public:
  // `lines` must outlive it.
  TerminalChoice(const ExcerptInput& in, const std::vector<std::string_view>& lines);

  const ExcerptInput& in() const { return in_; }
  const std::vector<std::string_view>& lines() const { return lines_; }
  size_t size() const { return lines_.size(); }
  std::string_view line(size_t i) const { return lines_[i]; }

  // How well a line fits the question, 0 to 1, and whether it holds a rare name that was asked for.
  double score(size_t i) const { return relevance_.score(i); }
  bool named(size_t i) const { return relevance_.named(i); }
  // The question has one of these words, given in lower case, in some form.
  bool Asks(std::initializer_list<std::string_view> words) const;

  void Keep(size_t i) { selection_.Keep(i); }
  void KeepRange(size_t begin, size_t end) { selection_.KeepRange(begin, end); }
  void Offer(size_t i, double score) { selection_.Offer(i, score); }
  bool kept(size_t i) const { return selection_.kept(i); }
  void Tag(size_t i, LineTag tag) { tags_[i] = tag; }

  // Keeps the first `head` and last `tail` lines that are not blank.
  void KeepEnds(size_t head, size_t tail);
  // Keeps named lines and offers those that share words with the question, those
  // with a score of at least `floor`.
  void KeepAsked(double floor = 0.08);

  // The text with offers taken up to the share of the input; nothing when no line would go.
  std::optional<Excerpt> Render(const LineText& source);

 private:
  std::string NoteOf(size_t begin, size_t end) const;

  const ExcerptInput& in_;
  const std::vector<std::string_view>& lines_;
  Relevance relevance_;
  LineSelection selection_;
  std::vector<LineTag> tags_;
};

}  // namespace headroom::text
