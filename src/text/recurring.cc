// Idea: read the lines once, as LZ77 would read bytes. A window of four lines
// that stood before starts a copy, which grows as long as the lines agree; its
// source is always text that is itself no copy. The ends of all sources cut the
// text into pieces, so that two copies that share half their lines share a piece.
// A piece that pays gets a number.

#include "text/recurring.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <functional>
#include <string>

namespace headroom::text {
namespace {

constexpr std::string_view kDefinitionEnd = ", comes again below:]";
constexpr std::string_view kAgain = " again, ";
constexpr size_t kDefinitionTokens = 14;
constexpr size_t kAgainTokens = 9;
constexpr size_t kMinCopyTokens = 40;
constexpr size_t kMinPieceLines = 3;
constexpr size_t kMaxPlaces = size_t{1} << 17;
constexpr uint32_t kNowhere = UINT32_MAX;

struct Copy {
  size_t begin = 0;
  size_t source = 0;
  size_t length = 0;
};

// "SC2164 (warning): ...", "E   ValueError: x", "error[E0308]": what went wrong.
bool NamesAFault(std::string_view line) {
  static constexpr std::array<std::string_view, 8> kWords = {"error", "warning", "exception", "failed",
                                                             "panic", "failure", "fatal",     "critical"};
  for (size_t end = 0; end <= line.size(); ++end) {
    const bool closes = end == line.size() || std::string_view(":)[]").find(line[end]) != std::string_view::npos;
    if (!closes || end == 0 || !IsLetter(line[end - 1])) continue;
    const std::string tail = LowerCase(line.substr(end < 9 ? 0 : end - 9, std::min<size_t>(end, 9)));
    if (std::any_of(kWords.begin(), kWords.end(), [&](std::string_view word) { return tail.ends_with(word); }))
      return true;
  }
  return false;
}

// Lines between two neighbouring ends of sources, and how often they are copied.
struct Piece {
  size_t begin = 0;
  size_t end = 0;
  size_t copies = 0;
  size_t number = 0;  // 0 when it gets none
};

class Namer {
 public:
  Namer(const std::vector<OutputLine>& lines, LineArena* arena) : lines_(lines), arena_(arena) {
    hashes_.reserve(lines.size());
    for (const OutputLine& line : lines) hashes_.push_back(std::hash<std::string_view>()(line.text));
  }

  // False once expired.
  bool FindCopies(const Expired& expired) {
    std::vector<uint32_t> places(std::min(std::bit_ceil(lines_.size()), kMaxPlaces), kNowhere);
    std::vector<char> literal(lines_.size(), 0);
    size_t i = 0;
    while (i < lines_.size()) {
      if ((i & 0xfff) == 0 && expired && expired()) return false;
      if (!CanStart(i)) {
        literal[i] = IsBarrier(i) ? 0 : 1;
        ++i;
        continue;
      }
      uint32_t& place = places[WindowHash(i) & (places.size() - 1)];
      const size_t length = place == kNowhere ? 0 : Common(place, i, literal);
      if (length >= kMinRecurringLines && Tokens(i, i + length) >= kMinCopyTokens) {
        copies_.push_back({i, place, length});
        i += length;
        continue;
      }
      if (place == kNowhere) place = static_cast<uint32_t>(i);
      literal[i++] = 1;
    }
    return true;
  }

  // The lines with their marks; nothing when no piece pays.
  std::vector<OutputLine> Write() {
    CutPieces();
    if (!NumberPieces()) return {};
    std::vector<OutputLine> out;
    out.reserve(lines_.size());
    size_t copy = 0;
    size_t piece = 0;
    for (size_t i = 0; i < lines_.size();) {
      if (copy < copies_.size() && copies_[copy].begin == i) {
        WriteCopy(copies_[copy], &out);
        i += copies_[copy++].length;
        continue;
      }
      while (piece < pieces_.size() && pieces_[piece].end <= i) ++piece;
      const bool inside = piece < pieces_.size() && pieces_[piece].number > 0 && pieces_[piece].begin <= i;
      if (inside && pieces_[piece].begin == i) out.push_back(Mark(pieces_[piece], true));
      OutputLine line = lines_[i++];
      line.in_block = line.in_block || inside;
      out.push_back(line);
    }
    return out;
  }

 private:
  bool IsBarrier(size_t i) const { return lines_[i].is_mark || lines_[i].in_block; }

  bool CanStart(size_t i) const {
    if (i + kMinRecurringLines > lines_.size()) return false;
    for (size_t k = 0; k < kMinRecurringLines; ++k) {
      if (IsBarrier(i + k)) return false;
    }
    return true;
  }

  size_t WindowHash(size_t i) const {
    uint64_t hash = 0;
    for (size_t k = 0; k < kMinRecurringLines; ++k) hash = (hash ^ hashes_[i + k]) * 0x9e3779b97f4a7c15u;
    return static_cast<size_t>(hash ^ (hash >> 32));
  }

  // Lines from `source` on that equal those from `at` on.
  size_t Common(size_t source, size_t at, const std::vector<char>& literal) const {
    size_t length = 0;
    while (at + length < lines_.size() && source + length < at && literal[source + length] != 0 &&
           !IsBarrier(at + length) && hashes_[source + length] == hashes_[at + length] &&
           lines_[source + length].text == lines_[at + length].text && !NamesAFault(lines_[at + length].text)) {
      ++length;
    }
    return length;
  }

  size_t Tokens(size_t begin, size_t end) const {
    size_t tokens = 0;
    for (size_t i = begin; i < end && tokens < 10 * kMinCopyTokens; ++i) tokens += EstimateTokens(lines_[i].text) + 1;
    return tokens;
  }

  void CutPieces() {
    std::vector<size_t> ends;
    for (const Copy& copy : copies_) {
      ends.push_back(copy.source);
      ends.push_back(copy.source + copy.length);
    }
    std::sort(ends.begin(), ends.end());
    ends.erase(std::unique(ends.begin(), ends.end()), ends.end());
    for (size_t i = 0; i + 1 < ends.size(); ++i) pieces_.push_back({ends[i], ends[i + 1]});
    for (const Copy& copy : copies_) {
      for (size_t k = FirstPiece(copy); k < pieces_.size() && pieces_[k].end <= copy.source + copy.length; ++k) {
        ++pieces_[k].copies;
      }
    }
  }

  size_t FirstPiece(const Copy& copy) const {
    const auto found = std::lower_bound(pieces_.begin(), pieces_.end(), copy.source,
                                        [](const Piece& piece, size_t begin) { return piece.begin < begin; });
    return static_cast<size_t>(found - pieces_.begin());
  }

  bool NumberPieces() {
    size_t number = 0;
    for (Piece& piece : pieces_) {
      if (piece.copies == 0 || piece.end - piece.begin < kMinPieceLines) continue;
      const size_t tokens = Tokens(piece.begin, piece.end);
      if (tokens > kAgainTokens && piece.copies * (tokens - kAgainTokens) > kDefinitionTokens) piece.number = ++number;
    }
    return number > 0;
  }

  OutputLine Mark(const Piece& piece, bool first) {
    std::string text = "[block " + std::to_string(piece.number);
    text.append(first ? ", " : kAgain).append(std::to_string(piece.end - piece.begin)).append(" lines");
    text.append(first ? kDefinitionEnd : "]");
    return {arena_->Keep(std::move(text)), true};
  }

  void WriteCopy(const Copy& copy, std::vector<OutputLine>* out) {
    size_t done = copy.source;
    for (size_t k = FirstPiece(copy); k < pieces_.size() && done < copy.source + copy.length; ++k) {
      const Piece& piece = pieces_[k];
      if (piece.number > 0) {
        out->push_back(Mark(piece, false));
      } else {
        const auto first = lines_.begin() + static_cast<ptrdiff_t>(piece.begin);
        out->insert(out->end(), first, first + static_cast<ptrdiff_t>(piece.end - piece.begin));
      }
      done = piece.end;
    }
  }

  const std::vector<OutputLine>& lines_;
  LineArena* const arena_;
  std::vector<size_t> hashes_;
  std::vector<Copy> copies_;
  std::vector<Piece> pieces_;
};

}  // namespace

bool ImitatesRecurringMarks(std::string_view text) {
  if (text.find(kDefinitionEnd) != std::string_view::npos) return true;
  for (size_t at = text.find("[block "); at != std::string_view::npos; at = text.find("[block ", at + 1)) {
    const std::string_view number = text.substr(at + 7, 20);
    if (number.substr(LeadingDigits(number)).starts_with(kAgain)) return true;
  }
  return false;
}

void NameRecurring(std::vector<OutputLine>* lines, const Expired& expired, LineArena* arena) {
  if (lines->size() < 2 * kMinRecurringLines || lines->size() >= kNowhere) return;
  Namer namer(*lines, arena);
  if (!namer.FindCopies(expired)) return;
  std::vector<OutputLine> named = namer.Write();
  if (!named.empty()) *lines = std::move(named);
}

}  // namespace headroom::text
