#include "proxy/volatile_spans.h"

#include <algorithm>
#include <array>

namespace headroom::proxy {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsHex(char c) { return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

constexpr std::array<bool, 256> MakeWordTable() {
  std::array<bool, 256> table{};
  for (int c = '0'; c <= '9'; ++c) table[static_cast<size_t>(c)] = true;
  for (int c = 'a'; c <= 'z'; ++c) table[static_cast<size_t>(c)] = true;
  for (int c = 'A'; c <= 'Z'; ++c) table[static_cast<size_t>(c)] = true;
  table['_'] = true;
  return table;
}
constexpr std::array<bool, 256> kWord = MakeWordTable();
bool IsWord(char c) { return kWord[static_cast<unsigned char>(c)]; }

constexpr std::string_view kMonths[] = {"jan", "feb", "mar", "apr", "may", "jun",
                                        "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::string_view kMonthNames[] = {"january", "february", "march",     "april",   "may",      "june",
                                            "july",    "august",   "september", "october", "november", "december"};

// A capital, then the rest of a month or of its first three letters.
bool IsMonth(std::string_view word) {
  if (word.size() < 3 || word.size() > 9 || word[0] < 'A' || word[0] > 'Z') return false;
  std::string lower(word);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return std::find(std::begin(kMonths), std::end(kMonths), lower) != std::end(kMonths) || lower == "sept" ||
         std::find(std::begin(kMonthNames), std::end(kMonthNames), lower) != std::end(kMonthNames);
}

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  std::vector<VolatileSpan> Run() {
    while (at_ < text_.size()) {
      if (!IsWord(text_[at_])) {
        ++at_;
        continue;
      }
      const size_t begin = at_;
      bool digits = false;
      while (at_ < text_.size() && IsWord(text_[at_])) digits |= IsDigit(text_[at_++]);
      Take(begin, digits);
    }
    return std::move(spans_);
  }

 private:
  // A word from `begin` to at_.
  void Take(size_t begin, bool digits) {
    if (begin < skip_until_) return;
    const std::string_view word = text_.substr(begin, at_ - begin);
    if (word.size() == 8 && IsUuid(begin)) return Add(begin, begin + 36, VolatileKind::kUuid);
    if (!digits) {
      if (IsMonth(word)) TakeMonth(begin);
      return;
    }
    if (const size_t end = DateEnd(begin); end > 0) {
      const size_t time = end < text_.size() && (text_[end] == 'T' || text_[end] == ' ') ? TimeEnd(end + 1) : 0;
      return Add(begin, std::max(end, time), time > 0 ? VolatileKind::kTime : VolatileKind::kDate);
    }
    const bool in_path = begin > 0 && (text_[begin - 1] == ':' || text_[begin - 1] == '.');
    if (const size_t end = TimeEnd(begin); end > 0 && !in_path) return Add(begin, end, VolatileKind::kTime);
    if (std::all_of(word.begin(), word.end(), IsDigit)) return Add(begin, at_, VolatileKind::kNumber);
    if (IsId(word)) Add(begin, at_, VolatileKind::kId);
  }

  void Add(size_t begin, size_t end, VolatileKind kind) {
    spans_.push_back({begin, end, kind});
    skip_until_ = end;
  }

  // Digits from `at`, at most `max`, not followed by another.
  size_t Digits(size_t at, size_t max) const {
    size_t count = 0;
    while (at + count < text_.size() && IsDigit(text_[at + count])) {
      if (++count > max) return 0;
    }
    return count;
  }

  int Value(size_t at, size_t count) const {
    int value = 0;
    for (size_t i = at; i < at + count; ++i) value = value * 10 + (text_[i] - '0');
    return value;
  }

  bool IsUuid(size_t at) const {
    if (at + 36 > text_.size() || (at + 36 < text_.size() && IsWord(text_[at + 36]))) return false;
    for (size_t i = 0; i < 36; ++i) {
      const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
      if (dash ? text_[at + i] != '-' : !IsHex(text_[at + i])) return false;
    }
    return true;
  }

  // Three numbers with one separator twice, the year first or last; or the year,
  // month and day in eight digits. 0 where there is no date.
  size_t DateEnd(size_t at) const {
    const size_t first = Digits(at, 8);
    if (first == 8) return IsDay(Value(at, 4), Value(at + 4, 2), Value(at + 6, 2)) ? Ended(at + 8) : 0;
    if (first != 4 && first != 2 && first != 1) return 0;
    const size_t second = at + first + 1;
    if (second >= text_.size()) return 0;
    const char separator = text_[second - 1];
    if (separator != '-' && separator != '/' && separator != '.') return 0;
    const size_t middle = Digits(second, 2);
    const size_t third = second + middle + 1;
    if (middle == 0 || third >= text_.size() || text_[third - 1] != separator) return 0;
    const size_t last = Digits(third, first == 4 ? 2 : 4);
    if (last == 0 || (first != 4 && last != 4)) return 0;
    const int a = Value(at, first);
    const int b = Value(second, middle);
    const int c = Value(third, last);
    const bool date = first == 4 ? IsDay(a, b, c) : IsDay(c, a, b) || IsDay(c, b, a);
    // The T of a time follows at once.
    const size_t end = third + last;
    return date && (end == text_.size() || text_[end] == 'T' || !IsWord(text_[end])) ? end : 0;
  }

  static bool IsDay(int year, int month, int day) {
    return year >= 1900 && year < 2200 && month >= 1 && month <= 12 && day >= 1 && day <= 31;
  }

  size_t Ended(size_t end) const { return end < text_.size() && IsWord(text_[end]) ? 0 : end; }

  // h:mm, with seconds, their fraction, AM or PM, and an offset. 0 where there is none.
  size_t TimeEnd(size_t at) const {
    const size_t hours = Digits(at, 2);
    size_t end = at + hours;
    if (hours == 0 || Value(at, hours) > 23 || !Minutes(end)) return 0;
    end += 3;
    if (Minutes(end)) end += 3;
    if (end + 1 < text_.size() && (text_[end] == '.' || text_[end] == ',') && IsDigit(text_[end + 1])) {
      end += 1 + Digits(end + 1, 9);
    }
    if (end < text_.size() && text_[end] == ':') return 0;  // an address
    const size_t half = end < text_.size() && text_[end] == ' ' ? end + 1 : end;
    if (IsHalfOfDay(half)) return half + 2;
    if (end < text_.size() && text_[end] == 'Z') return Ended(end + 1);
    const bool offset = end < text_.size() && (text_[end] == '+' || text_[end] == '-') && Digits(end + 1, 4) >= 2;
    if (offset) {
      const size_t digits = Digits(end + 1, 4);
      end += 1 + digits;
      if (digits == 2 && Minutes(end)) end += 3;
    }
    return Ended(end);
  }

  // AM or PM.
  bool IsHalfOfDay(size_t at) const {
    if (at + 1 >= text_.size() || Ended(at + 2) == 0) return false;
    const char first = text_[at];
    return (first == 'a' || first == 'A' || first == 'p' || first == 'P') &&
           (text_[at + 1] == 'm' || text_[at + 1] == 'M');
  }

  bool Minutes(size_t colon) const {
    return colon + 2 < text_.size() && text_[colon] == ':' && Digits(colon + 1, 2) == 2 && Value(colon + 1, 2) < 60;
  }

  // "November 24, 2026", "24 November 2026", "Nov 2026"; `month` to at_ is the month.
  void TakeMonth(size_t month) {
    size_t end = at_;
    if (end >= text_.size() || text_[end] != ' ') return;
    size_t next = end + 1;
    const size_t day = Digits(next, 2);
    if (day > 0) {
      next += day;
      if (next + 1 < text_.size() && IsLetter(text_[next]) && IsLetter(text_[next + 1])) next += 2;  // 24th
      if (next < text_.size() && text_[next] == ',') ++next;
      if (next >= text_.size() || text_[next] != ' ' || Digits(next + 1, 4) != 4) return;
      ++next;
    } else if (Digits(next, 4) != 4) {
      return;
    }
    end = next + 4;
    size_t begin = month;
    const bool day_before = !spans_.empty() && spans_.back().kind == VolatileKind::kNumber &&
                            spans_.back().end + 1 == month && spans_.back().end - spans_.back().begin <= 2;
    if (day_before) {
      begin = spans_.back().begin;
      spans_.pop_back();
    }
    Add(begin, end, VolatileKind::kDate);
  }

  static bool IsId(std::string_view word) {
    const auto digits = static_cast<size_t>(std::count_if(word.begin(), word.end(), IsDigit));
    if (word.size() >= 16 && std::all_of(word.begin(), word.end(), IsHex)) return true;
    const size_t underscore = word.find('_');
    if (underscore != std::string_view::npos) {
      const std::string_view rest = word.substr(underscore + 1);
      return underscore >= 2 && underscore <= 8 && rest.size() >= 12 && digits >= 3 &&
             rest.find('_') == std::string_view::npos;
    }
    return word.size() >= 20 && digits >= 4;
  }

  const std::string_view text_;
  size_t at_ = 0;
  size_t skip_until_ = 0;
  std::vector<VolatileSpan> spans_;
};

}  // namespace

std::string_view VolatileKindName(VolatileKind kind) {
  switch (kind) {
    case VolatileKind::kDate:
      return "date";
    case VolatileKind::kTime:
      return "time";
    case VolatileKind::kUuid:
      return "uuid";
    case VolatileKind::kId:
      return "id";
    case VolatileKind::kNumber:
      break;
  }
  return "number";
}

std::vector<VolatileSpan> FindVolatileSpans(std::string_view text) { return Scanner(text).Run(); }

}  // namespace headroom::proxy
