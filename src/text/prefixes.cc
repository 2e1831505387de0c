#include "text/prefixes.h"

#include <algorithm>
#include <array>
#include <string>

namespace headroom::text {
namespace {

constexpr std::string_view kSectionMark = "[each line below starts with \"";
constexpr std::string_view kSignMark = "[~ at the start of a line below stands for \"";
constexpr std::string_view kMarkEnd = "\"]";
constexpr std::string_view kSectionEnd = "[end of these lines]";
constexpr char kSign = '~';
constexpr size_t kSectionTokens = 16;  // a section's two marks, without the prefix itself
constexpr size_t kSignTokens = 13;
constexpr size_t kMaxCuts = 4;
constexpr size_t kMaxPrefix = 120;

// Places behind the label fields a line begins with, shortest first.
struct Cuts {
  std::array<size_t, kMaxCuts> at{};
  size_t count = 0;

  void Add(size_t position) {
    if (count < kMaxCuts) at[count++] = position;
  }
};

// "2026-01-02" or "2026/01/02" at the start.
bool IsIsoDate(std::string_view text) {
  if (text.size() < 10) return false;
  for (const size_t digit : {0, 1, 2, 3, 5, 6, 8, 9}) {
    if (!IsDigit(text[digit])) return false;
  }
  return (text[4] == '-' || text[4] == '/') && text[7] == text[4];
}

// Length of "Nov 24 " or "Mon Nov 24 " at the start, 0 when there is none.
size_t MonthDateLength(std::string_view text) {
  static constexpr std::string_view kMonths = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec ";
  static constexpr std::string_view kDays = "Mon Tue Wed Thu Fri Sat Sun ";
  const size_t weekday = text.size() > 4 && kDays.find(text.substr(0, 4)) % 4 == 0 ? 4 : 0;
  if (text.size() < weekday + 8 || kMonths.find(text.substr(weekday, 4)) % 4 != 0) return 0;
  size_t at = weekday + 4;
  if (text[at] == ' ') ++at;
  const size_t digits = LeadingDigits(text.substr(at, 3));
  if (digits == 0 || digits > 2) return 0;
  at += digits;
  return at < text.size() && text[at] == ' ' ? at + 1 : 0;
}

// Length of a date with what separates it from the time, 0 when the text starts with none.
size_t DateLength(std::string_view text) {
  const size_t bracket = !text.empty() && text[0] == '[' ? 1 : 0;
  const std::string_view date = text.substr(bracket);
  size_t length = 0;
  if (IsIsoDate(date) && date.size() > 11 && (date[10] == ' ' || date[10] == 'T')) length = 11;
  if (length == 0) length = MonthDateLength(date);
  const bool time_follows =
      length > 0 && length + 2 < date.size() && IsDigit(date[length]) && IsDigit(date[length + 1]);
  return time_follows ? bracket + length : 0;
}

bool IsNameByte(char c) {
  return IsLetter(c) || IsDigit(c) || std::string_view("_-./:@#").find(c) != std::string_view::npos;
}

// Length of a label field with the blanks behind it: "28126 ", "[pid 7] ", "web-1  | ".
size_t LabelLength(std::string_view text) {
  size_t at = 0;
  if (text.starts_with('[')) {
    at = text.substr(0, kMaxPrefix).find(']');
    if (at == std::string_view::npos || at == 1) return 0;
    at += 1;
    return at < text.size() && text[at] == ' ' ? at + 1 : 0;
  }
  while (at < text.size() && at < kMaxPrefix && IsNameByte(text[at])) ++at;
  if (at == 0) return 0;
  const bool number = LeadingDigits(text) == at && at >= 2;
  const size_t name_end = at;
  while (at < text.size() && text[at] == ' ') ++at;
  if (at > name_end && text.substr(at).starts_with("| ")) return at + 2;
  return number && at == name_end + 1 ? at : 0;
}

// gh and other tools put tab-separated labels before the timestamp.
size_t TabbedLabelsLength(std::string_view text) {
  const std::string_view head = text.substr(0, kMaxPrefix);
  for (size_t tab = head.find('\t'); tab != std::string_view::npos; tab = head.find('\t', tab + 1)) {
    if (IsIsoDate(text.substr(tab + 1))) return tab + 1;
  }
  return 0;
}

Cuts FindCuts(std::string_view line) {
  Cuts cuts;
  size_t at = 0;
  if (const size_t tabbed = TabbedLabelsLength(line); tabbed > 0) {
    cuts.Add(at = tabbed);
  } else if (DateLength(line) == 0) {
    if (const size_t label = LabelLength(line); label > 0) cuts.Add(at = label);
  }
  const size_t date = DateLength(line.substr(at));
  if (date > 0) cuts.Add(at + date);
  return cuts;
}

bool CanStandInMark(std::string_view prefix) {
  return std::none_of(prefix.begin(), prefix.end(),
                      [](char c) { return c == '"' || (static_cast<unsigned char>(c) < 0x20 && c != '\t'); });
}

class Factorer {
 public:
  Factorer(const std::vector<OutputLine>& lines, const Expired& expired, LineArena* arena)
      : lines_(lines), expired_(expired), arena_(arena) {}

  // Nothing when no prefix pays.
  std::vector<OutputLine> Run() {
    cuts_.reserve(lines_.size());
    for (const OutputLine& line : lines_) cuts_.push_back(line.is_mark ? Cuts() : FindCuts(line.text));
    if (AnyStartsWithSign()) return {};
    out_.reserve(lines_.size() + 8);
    size_t i = 0;
    while (i < lines_.size()) {
      if ((i & 0xfff) == 0 && expired_ && expired_()) return {};
      const Section section = BestSection(i);
      if (section.gain <= 0) {
        EmitPlain(i++);
        continue;
      }
      Emit(i, section);
      i = section.end;
    }
    return changed_ ? std::move(out_) : std::vector<OutputLine>();
  }

 private:
  enum class Style { kEachLine, kSignPerLine };

  struct Section {
    std::string_view prefix;
    Style style = Style::kEachLine;
    size_t end = 0;  // one past the last line that has the prefix
    ptrdiff_t gain = 0;
  };

  bool AnyStartsWithSign() const {
    for (size_t i = 0; i < lines_.size(); ++i) {
      const std::string_view text = lines_[i].text;
      if (text.starts_with(kSign)) return true;
      for (size_t k = 0; k < cuts_[i].count; ++k) {
        if (text.substr(cuts_[i].at[k]).starts_with(kSign)) return true;
      }
    }
    return false;
  }

  bool PassesOver(size_t i) const { return lines_[i].is_mark || lines_[i].text.empty(); }

  Section BestSection(size_t begin) {
    Section best;
    if (lines_[begin].is_mark || lines_[begin].in_block) return best;
    for (size_t k = 0; k < cuts_[begin].count; ++k) {
      const std::string_view prefix = lines_[begin].text.substr(0, cuts_[begin].at[k]);
      if (!CanStandInMark(prefix)) continue;
      const Section each = EachLineSection(begin, prefix);
      if (each.gain > best.gain) best = each;
      if (begin < unsigned_until_) continue;  // looked at before, and better said run by run
      const Section sign = SignSection(begin, prefix);
      if (sign.gain > best.gain) best = sign;
      if (sign.gain == 0 && k + 1 == cuts_[begin].count) unsigned_until_ = sign.end;
    }
    return best;
  }

  bool Has(size_t i, std::string_view prefix) const {
    return lines_[i].text.size() > prefix.size() && lines_[i].text.starts_with(prefix);
  }

  bool InsideBlock(size_t i) const { return i < lines_.size() && lines_[i].in_block; }

  // Up to the first line that lacks the prefix, or in front of the block that has this line.
  Section EachLineSection(size_t begin, std::string_view prefix) const {
    Section section{prefix, Style::kEachLine, begin, 0};
    size_t count = 0;
    size_t counted = 0;
    for (size_t i = begin; i < lines_.size() && (PassesOver(i) || Has(i, prefix)); ++i) {
      if (PassesOver(i)) continue;
      ++count;
      if (InsideBlock(i + 1)) continue;
      counted = count;
      section.end = i + 1;
    }
    section.gain = EachLineGain(counted, EstimateTokens(prefix));
    return section;
  }

  static ptrdiff_t EachLineGain(size_t count, size_t tokens) {
    return static_cast<ptrdiff_t>(count * tokens) - static_cast<ptrdiff_t>(kSectionTokens + tokens);
  }

  // Over lines without a label of their own, up to one with another label. No
  // gain where several each-line sections would save as much.
  Section SignSection(size_t begin, std::string_view prefix) const {
    Section section{prefix, Style::kSignPerLine, begin, 0};
    const size_t tokens = EstimateTokens(prefix);
    if (tokens < 2) return section;
    size_t count = 0;
    size_t run = 0;
    size_t without = 0;
    ptrdiff_t by_runs = 0;
    for (size_t i = begin; i < lines_.size(); ++i) {
      if (PassesOver(i)) continue;
      if (Has(i, prefix)) {
        ++count;
        ++run;
        section.end = i + 1;
        without = 0;
        continue;
      }
      if (cuts_[i].count > 0 || ++without > kMaxLinesWithout) break;
      by_runs += std::max<ptrdiff_t>(0, EachLineGain(run, tokens));
      run = 0;
    }
    by_runs += std::max<ptrdiff_t>(0, EachLineGain(run, tokens));
    section.gain = static_cast<ptrdiff_t>(count * (tokens - 1)) - static_cast<ptrdiff_t>(kSignTokens + tokens);
    if (by_runs >= section.gain) section.gain = 0;
    return section;
  }

  void EmitPlain(size_t i) {
    if (!lines_[i].text.empty()) CloseSection();
    out_.push_back(lines_[i]);
  }

  void CloseSection() {
    if (open_.empty()) return;
    open_ = {};
    out_.push_back({kSectionEnd, true});
  }

  void Emit(size_t begin, const Section& section) {
    changed_ = true;
    const bool each = section.style == Style::kEachLine;
    if (!(each && open_ == section.prefix)) {
      if (!each) CloseSection();
      const std::string_view mark = each ? kSectionMark : kSignMark;
      out_.push_back({arena_->Keep(std::string(mark).append(section.prefix).append(kMarkEnd)), true});
    }
    open_ = each ? section.prefix : std::string_view();
    for (size_t i = begin; i < section.end; ++i) {
      if (PassesOver(i) || !Has(i, section.prefix)) {
        out_.push_back(lines_[i]);
        continue;
      }
      const std::string_view rest = lines_[i].text.substr(section.prefix.size());
      out_.push_back({each ? rest : arena_->Keep(std::string(1, kSign).append(rest))});
    }
  }

  static constexpr size_t kMaxLinesWithout = 200;

  const std::vector<OutputLine>& lines_;
  const Expired& expired_;
  LineArena* const arena_;
  std::vector<Cuts> cuts_;
  std::vector<OutputLine> out_;
  std::string_view open_;  // the prefix of the each-line section that is open
  size_t unsigned_until_ = 0;
  bool changed_ = false;
};

}  // namespace

bool ImitatesPrefixMarks(std::string_view text) {
  return text.find("below starts with \"") != std::string_view::npos ||
         text.find("below stands for \"") != std::string_view::npos || text.find(kSectionEnd) != std::string_view::npos;
}

void FactorPrefixes(std::vector<OutputLine>* lines, const Expired& expired, LineArena* arena) {
  std::vector<OutputLine> factored = Factorer(*lines, expired, arena).Run();
  if (!factored.empty()) *lines = std::move(factored);
}

}  // namespace headroom::text
