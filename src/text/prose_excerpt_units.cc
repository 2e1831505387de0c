#include "text/prose_excerpt_units.h"

#include <algorithm>

#include "text/line_text.h"
#include "text/prose_excerpt_lines.h"

namespace headroom::text {
namespace {

constexpr size_t kMaxHeadingBytes = 100;
constexpr size_t kMaxTitleWords = 9;
constexpr size_t kMinOutdented = 3;
constexpr size_t kListLines = 6;  // a paragraph of more lines, unequally long, is a list

// Levels of headings that are not numbered by depth or sign.
constexpr uint8_t kWrapperLevel = 1;
constexpr uint8_t kPlainLevel = 2;
constexpr uint8_t kInnerLevel = 3;

class ProseReader {
 public:
  explicit ProseReader(const std::vector<std::string_view>& lines) : lines_(lines) {}

  std::vector<ProseUnit> Run() {
    FindHeadings();
    for (size_t at = 0; at < lines_.size();) {
      ProseUnit unit;
      unit.begin = at;
      unit.heading = heading_[at];
      at = unit.heading > 0 ? at + heading_lines_[at] : EndOfUnit(at, &unit);
      unit.end = at;
      while (unit.end < lines_.size() && IsEmptyLine(lines_[unit.end])) ++unit.end;
      at = unit.end;
      units_.push_back(unit);
    }
    return std::move(units_);
  }

 private:
  bool BlankBefore(size_t i) const { return i == 0 || IsEmptyLine(lines_[i - 1]); }
  bool BlankAfter(size_t i) const { return i + 1 >= lines_.size() || IsEmptyLine(lines_[i + 1]); }

  size_t NextFilled(size_t i) const {
    for (++i; i < lines_.size() && IsEmptyLine(lines_[i]);) ++i;
    return i;
  }

  void FindHeadings() {
    heading_.resize(lines_.size());
    heading_lines_.assign(lines_.size(), 1);
    std::vector<size_t> titles;
    std::vector<size_t> outdented;
    std::vector<size_t> inner;
    bool manual = false;
    bool fenced = false;
    bool structured = false;
    for (size_t i = 0; i < lines_.size(); ++i) {
      const std::string_view line = TrimRight(lines_[i]);
      if (IsFence(line)) {
        fenced = !fenced;
        continue;
      }
      if (fenced || IsEmptyLine(line) || line.size() > kMaxHeadingBytes) continue;
      heading_[i] = SureLevel(i, line);
      if (heading_[i] > 0) {
        manual = manual || IsCapitals(line);
        structured = structured || heading_[i] != kWrapperLevel || !IsWrapper(line);
        i += heading_lines_[i] - 1;
      } else if (IsOutdented(i, line)) {
        outdented.push_back(i);
      } else if (IsTitle(i, line)) {
        titles.push_back(i);
      } else if (IsInnerTitle(i, line)) {
        inner.push_back(i);
      }
    }
    if (manual) {
      for (const size_t i : inner) heading_[i] = kPlainLevel;
    }
    if (outdented.size() >= kMinOutdented) {
      for (const size_t i : outdented) heading_[i] = kPlainLevel;
    } else if (!structured) {
      for (const size_t i : titles) heading_[i] = kPlainLevel;
    }
  }

  // The level of what is a heading by its form, 0 for others.
  uint8_t SureLevel(size_t i, std::string_view line) {
    if (IsWrapper(line)) return kWrapperLevel;
    if (const uint8_t signs = SignsOf(line);
        signs > 0 && (BlankBefore(i) || BlankAfter(i) || IsWrapper(lines_[i - 1]))) {
      if (i + 1 < lines_.size() && IsUnderline(lines_[i + 1])) heading_lines_[i] = 2;
      return signs;
    }
    if (i + 1 < lines_.size() && BlankBefore(i) && IsUnderline(lines_[i + 1]) && IndentColumns(line) < 4 &&
        !IsItem(line) && TrimRight(lines_[i + 1]).size() * 2 >= line.size() && !IsUnderline(line)) {
      heading_lines_[i] = 2;
      return lines_[i + 1][0] == '=' ? 1 : (lines_[i + 1][0] == '-' ? kPlainLevel : kInnerLevel);
    }
    if (IndentColumns(line) > 0) return 0;
    if (!BlankBefore(i) || EndsLikeSentence(line) || WordsIn(line) > kMaxTitleWords + 3) return 0;
    if (const uint8_t depth = NumberDepth(line);
        depth > 1 || (depth == 1 && BlankAfter(i) && !IsItem(lines_[std::min(NextFilled(i), lines_.size() - 1)]))) {
      return static_cast<uint8_t>(depth + 1);
    }
    if (IsVersionLine(line)) return kPlainLevel;
    const size_t next = NextFilled(i);
    const bool indented_below = next < lines_.size() && IndentColumns(lines_[next]) >= 2;
    if (IsCapitals(line) && (indented_below || BlankAfter(i))) return 1;
    return line.ends_with(':') && next == i + 1 && indented_below && WordsIn(line) <= 5 ? kPlainLevel : 0;
  }

  // A short line at the margin, with indented lines below: as in manual pages and help texts.
  bool IsOutdented(size_t i, std::string_view line) const {
    const size_t next = NextFilled(i);
    return IndentColumns(line) == 0 && BlankBefore(i) && !IsItem(line) && !EndsLikeSentence(line) &&
           next < lines_.size() && IndentColumns(lines_[next]) >= 2 && WordsIn(line) <= kMaxTitleWords;
  }

  // "   Fetching objects" of a manual page: indented a little, what is below it more.
  bool IsInnerTitle(size_t i, std::string_view line) const {
    const size_t indent = IndentColumns(line);
    const size_t next = NextFilled(i);
    return indent > 0 && indent <= 4 && BlankBefore(i) && !IsItem(line) && !EndsLikeSentence(line) &&
           next < lines_.size() && IndentColumns(lines_[next]) >= indent + 2 && WordsIn(line) <= kMaxTitleWords;
  }

  // A short line between blank ones: "Summary".
  bool IsTitle(size_t i, std::string_view line) const {
    return IndentColumns(line) == 0 && BlankBefore(i) && BlankAfter(i) && !IsItem(line) && !EndsLikeSentence(line) &&
           !line.ends_with(':') && !(line[0] >= 'a' && line[0] <= 'z') && WordsIn(line) <= kMaxTitleWords &&
           i + 1 < lines_.size();
  }

  size_t EndOfUnit(size_t begin, ProseUnit* unit) {
    if (IsFence(lines_[begin])) return EndOfFence(begin);
    const size_t indent = IndentColumns(lines_[begin]);
    const bool item = IsItem(lines_[begin]);
    unit->stands_alone = item;
    size_t end = begin + 1;
    for (; end < lines_.size() && heading_[end] == 0 && !IsFence(lines_[end]); ++end) {
      if (IsEmptyLine(lines_[end])) {
        // An item goes on below a blank line where it is indented more.
        const size_t next = NextFilled(end);
        if (!item || next >= lines_.size() || IndentColumns(lines_[next]) <= indent || IsItem(lines_[next])) break;
        continue;
      }
      if (IsItem(lines_[end])) break;
      if (item && IndentColumns(lines_[end]) < indent) break;
    }
    if (!item && IsListOfLines(begin, end)) {
      unit->stands_alone = true;
      return EndOfEntry(begin, end);
    }
    return end;
  }

  size_t EndOfFence(size_t begin) const {
    for (size_t i = begin + 1; i < lines_.size(); ++i) {
      if (IsFence(lines_[i])) return i + 1;
    }
    return lines_.size();
  }

  // Lines that are not filled up to a margin say something each: a list, an index, addresses.
  bool IsListOfLines(size_t begin, size_t end) const {
    if (end - begin < kListLines) return false;
    std::vector<size_t> sizes;
    for (size_t i = begin; i < end; ++i) sizes.push_back(lines_[i].size());
    const size_t longest = *std::max_element(sizes.begin(), sizes.end());
    const auto middle = sizes.begin() + static_cast<std::ptrdiff_t>(sizes.size() / 2);
    std::nth_element(sizes.begin(), middle, sizes.end());
    return *middle * 10 < longest * 7;
  }

  // A line of a list with those below it that are indented more.
  size_t EndOfEntry(size_t begin, size_t end) const {
    size_t at = begin + 1;
    while (at < end && IndentColumns(lines_[at]) > IndentColumns(lines_[begin])) ++at;
    return at;
  }

  const std::vector<std::string_view>& lines_;
  std::vector<uint8_t> heading_;        // level of the heading that begins at a line
  std::vector<uint8_t> heading_lines_;  // how many lines it has
  std::vector<ProseUnit> units_;
};

}  // namespace

std::vector<ProseUnit> ReadProse(const std::vector<std::string_view>& lines) { return ProseReader(lines).Run(); }

}  // namespace headroom::text
