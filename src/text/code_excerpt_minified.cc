#include "text/code_excerpt_minified.h"

#include <algorithm>
#include <string>
#include <vector>

#include "text/code_excerpt_names.h"
#include "text/gaps.h"
#include "text/line_text.h"
#include "text/relevance.h"
#include "text/words.h"

namespace headroom::text {
namespace {

constexpr size_t kMinBytes = 4096;
constexpr size_t kMeanLine = 250;
constexpr double kMinSigns = 0.10;   // of ( ) { } [ ] ; , = : . in code
constexpr double kMaxBlanks = 0.10;  // minifiers leave few
constexpr size_t kPiece = 160;       // bytes at least
constexpr size_t kMaxPiece = 4 * kPiece;
constexpr size_t kWholeLine = 640;     // a line up to this is one piece
constexpr size_t kMaxBanner = 20;      // lines
constexpr size_t kMaxVersions = 4;     // pieces
constexpr size_t kMaxNamed = 12;       // pieces with a name asked for
constexpr double kFittingShare = 0.1;  // of the text, for what only fits the question
constexpr double kFitting = 0.5;
constexpr size_t kPolledPieces = 4096;

struct Piece {
  size_t line;
  size_t begin, end;  // bytes of the line
};

bool IsCut(char c) { return c == ';' || c == '}' || c == ','; }

std::vector<Piece> Cut(const std::vector<std::string_view>& lines) {
  std::vector<Piece> pieces;
  for (size_t i = 0; i < lines.size(); ++i) {
    const std::string_view line = lines[i];
    size_t begin = 0;
    for (size_t at = 0; at < line.size() && line.size() > kWholeLine; ++at) {
      const bool is_cut = IsCut(line[at]) || (at - begin >= kMaxPiece && static_cast<unsigned char>(line[at]) < 0x80);
      if (!is_cut || at + 1 - begin < kPiece || at + 1 == line.size()) continue;
      pieces.push_back({i, begin, at + 1});
      begin = at + 1;
    }
    pieces.push_back({i, begin, line.size()});
  }
  return pieces;
}

// "1.2.3" or 'v1.2.3' in quotes, or behind an '@' or a "v".
bool HasVersion(std::string_view text) {
  for (size_t at = 1; at + 4 < text.size(); ++at) {
    if (!IsDigit(text[at]) || std::string_view("\"'`v@").find(text[at - 1]) == std::string_view::npos) continue;
    size_t end = at;
    size_t dots = 0;
    while (end < text.size() && (IsDigit(text[end]) || text[end] == '.')) dots += text[end++] == '.' ? 1 : 0;
    if (dots == 2 && text[end - 1] != '.') return true;
    at = end;
  }
  return false;
}

// The name as a word of the piece.
bool Mentions(std::string_view text, std::string_view name) {
  for (size_t at = text.find(name); at != std::string_view::npos; at = text.find(name, at + 1)) {
    const size_t end = at + name.size();
    if ((at == 0 || !IsWordByte(text[at - 1])) && (end == text.size() || !IsWordByte(text[end]))) return true;
  }
  return false;
}

class Minified {
 public:
  Minified(const ExcerptInput& in, const LineText& text)
      : in_(in), text_(text), pieces_(Cut(text.lines)), kept_(pieces_.size()) {
    for (const Piece& piece : pieces_) {
      views_.push_back(text.lines[piece.line].substr(piece.begin, piece.end - piece.begin));
    }
  }

  bool Choose() {
    KeepBanner();
    kept_.back() = true;
    size_t versions = 0;
    for (size_t i = 0; i < views_.size(); ++i) {
      if (i % kPolledPieces == 0 && in_.late()) return false;
      if (versions < kMaxVersions && HasVersion(views_[i])) kept_[i] = true, ++versions;
    }
    KeepNamed();
    KeepFitting();
    return true;
  }

  std::string Render() const {
    LineText out{.lines = {}, .ending = text_.ending, .ends_with_newline = text_.ends_with_newline};
    LineArena arena;
    for (size_t i = 0; i < pieces_.size();) {
      if (kept_[i]) {
        out.lines.push_back(views_[i++]);
        continue;
      }
      size_t end = i;
      while (end < pieces_.size() && !kept_[end]) ++end;
      for (std::string& mark : Marks(i, end)) out.lines.push_back(arena.Keep(std::move(mark)));
      i = end;
    }
    return out.Join();
  }

  // Lines that stand in the excerpt from end to end.
  size_t whole_lines() const {
    std::vector<bool> whole(text_.lines.size(), true);
    for (size_t i = 0; i < pieces_.size(); ++i) {
      if (!kept_[i]) whole[pieces_[i].line] = false;
    }
    return static_cast<size_t>(std::count(whole.begin(), whole.end(), true));
  }

 private:
  // Short lines at the start: a comment with name, version and licence.
  void KeepBanner() {
    for (size_t i = 0; i < std::min(pieces_.size(), kMaxBanner); ++i) {
      if (text_.lines[pieces_[i].line].size() > kPiece * 2) break;
      kept_[i] = true;
    }
    // A banner on the same line as the code.
    if (views_[0].starts_with("/*")) kept_[0] = true;
  }

  // What a name asked for is defined and used in; the next piece has the rest of the definition.
  void KeepNamed() {
    const AskedNames names = FindAskedNames(in_.input);
    for (const AskedName& name : names.strong) {
      size_t found = 0;
      for (size_t i = 0; i < views_.size() && found < kMaxNamed; ++i) {
        if (name.name.size() < 3 || !Mentions(views_[i], name.name)) continue;
        kept_[i] = true;
        if (i + 1 < views_.size()) kept_[i + 1] = true;
        ++found;
      }
    }
  }

  void KeepFitting() {
    const Relevance relevance(in_.query, views_);
    std::vector<size_t> order;
    for (size_t i = 0; i < views_.size(); ++i) {
      if (relevance.score(i) >= kFitting || relevance.named(i)) order.push_back(i);
    }
    std::stable_sort(order.begin(), order.end(),
                     [&](size_t a, size_t b) { return relevance.score(a) > relevance.score(b); });
    auto room = static_cast<size_t>(kFittingShare * static_cast<double>(in_.text.size()));
    for (const size_t i : order) {
      if (kept_[i] || views_[i].size() > room) continue;
      room -= views_[i].size();
      kept_[i] = true;
    }
  }

  bool StartsLine(size_t piece) const { return pieces_[piece].begin == 0; }
  bool EndsLine(size_t piece) const { return pieces_[piece].end == text_.lines[pieces_[piece].line].size(); }

  // A gap in marks: the rest of a line, whole lines, the start of a line.
  std::vector<std::string> Marks(size_t begin, size_t end) const {
    std::vector<std::string> marks;
    for (size_t i = begin; i < end;) {
      size_t stop = i + 1;
      while (stop < end && pieces_[stop].line == pieces_[i].line) ++stop;
      if (!StartsLine(i) || !EndsLine(stop - 1)) {
        const std::string note = "of line " + std::to_string(in_.first_line + pieces_[i].line);
        marks.push_back(GapMark("bytes", pieces_[i].begin + 1, pieces_[stop - 1].end, note));
        i = stop;
        continue;
      }
      const size_t first = pieces_[i].line;
      size_t last = first;
      while (stop < end) {
        size_t next = stop;
        while (next < end && pieces_[next].line == pieces_[stop].line) ++next;
        if (!EndsLine(next - 1)) break;
        last = pieces_[stop].line;
        stop = next;
      }
      marks.push_back(GapMark("lines", in_.first_line + first, in_.first_line + last));
      i = stop;
    }
    return marks;
  }

  const ExcerptInput& in_;
  const LineText& text_;
  std::vector<Piece> pieces_;
  std::vector<std::string_view> views_;
  std::vector<bool> kept_;
};

}  // namespace

bool IsMinifiedCode(std::string_view text) {
  if (text.size() < kMinBytes) return false;
  size_t lines = 1;
  size_t signs = 0;
  size_t blanks = 0;
  for (const char c : text) {
    lines += c == '\n' ? 1 : 0;
    signs += std::string_view("(){}[];,=:.").find(c) != std::string_view::npos ? 1 : 0;
    blanks += IsBlank(c) ? 1 : 0;
  }
  const auto size = static_cast<double>(text.size());
  if (text.size() / lines < kMeanLine) return false;
  if (static_cast<double>(signs) < kMinSigns * size || static_cast<double>(blanks) > kMaxBlanks * size) return false;
  // Code calls and assigns; lists of data do neither much.
  const auto calls = static_cast<size_t>(std::count(text.begin(), text.end(), '('));
  const auto braces = static_cast<size_t>(std::count(text.begin(), text.end(), '{'));
  return calls * 200 > text.size() || braces * 200 > text.size();
}

std::optional<Excerpt> ExcerptMinified(const ExcerptInput& in) {
  const size_t first = in.text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos || std::string_view("{[<").find(in.text[first]) != std::string_view::npos) {
    return std::nullopt;  // JSON, HTML
  }
  if (!IsMinifiedCode(in.text) || ImitatesGapMarks(in.text) || in.query.exhaustive()) return std::nullopt;
  const LineText text = SplitLines(in.text);
  Minified minified(in, text);
  if (!minified.Choose() || in.late()) return std::nullopt;
  return Excerpt{.text = minified.Render(),
                 .kind = Kind::kCode,
                 .rule = "minified_excerpt",
                 .omitted = {"lines", text.lines.size(), minified.whole_lines()}};
}

}  // namespace headroom::text
