#include "text/line_text.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace headroom::text {
namespace {

enum class Class : uint8_t { kLetter, kDigit, kSpace, kNewline, kMark, kOther };

constexpr std::array<Class, 256> Classes() {
  std::array<Class, 256> classes{};
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    Class kind = Class::kMark;
    if (byte >= 0x80) kind = Class::kOther;
    if (IsLetter(c)) kind = Class::kLetter;
    if (IsDigit(c)) kind = Class::kDigit;
    if (c == ' ' || c == '\t') kind = Class::kSpace;
    if (c == '\n' || c == '\r') kind = Class::kNewline;
    classes[static_cast<size_t>(byte)] = kind;
  }
  return classes;
}

constexpr std::array<Class, 256> kClasses = Classes();

Class ClassOf(char c) { return kClasses[static_cast<unsigned char>(c)]; }

size_t TokensOfRun(Class kind, size_t length, bool digit_follows) {
  switch (kind) {
    case Class::kLetter:
      return (length + 6) / 7;
    case Class::kDigit:
      return (length + 2) / 3;
    case Class::kMark:
      return (length + 2) / 3;
    case Class::kOther:
      return (length + 2) / 3;
    case Class::kNewline:
      return 1;
    case Class::kSpace:
      // One blank belongs to the word behind it, never to a number.
      return (length > 1 ? 1 : 0) + (digit_follows ? 1 : 0);
  }
  return 1;
}

}  // namespace

std::string LineText::Join() const {
  std::string joined;
  size_t bytes = 0;
  for (const std::string_view line : lines) bytes += line.size() + ending.size();
  joined.reserve(bytes);
  for (size_t i = 0; i < lines.size(); ++i) {
    joined += lines[i];
    if (i + 1 < lines.size() || ends_with_newline) joined += ending;
  }
  return joined;
}

LineText SplitLines(std::string_view text) {
  LineText split;
  if (text.empty()) return split;
  split.lines.reserve(static_cast<size_t>(std::count(text.begin(), text.end(), '\n')) + 1);
  bool all_crlf = true;
  size_t begin = 0;
  while (begin < text.size()) {
    const size_t end = text.find('\n', begin);
    if (end == std::string_view::npos) break;
    all_crlf = all_crlf && end > begin && text[end - 1] == '\r';
    split.lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  split.ends_with_newline = begin == text.size();
  const size_t ended = split.lines.size();
  if (!split.ends_with_newline) split.lines.push_back(text.substr(begin));
  if (all_crlf && ended > 0) {
    split.ending = "\r\n";
    for (size_t i = 0; i < ended; ++i) split.lines[i].remove_suffix(1);
  }
  return split;
}

std::string_view TrimRight(std::string_view text) {
  while (!text.empty() && IsBlank(text.back())) text.remove_suffix(1);
  return text;
}

std::string_view Trim(std::string_view text) {
  text = TrimRight(text);
  while (!text.empty() && IsBlank(text.front())) text.remove_prefix(1);
  return text;
}

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = Lower(c);
  return lower;
}

size_t EstimateTokens(std::string_view text) {
  size_t tokens = 0;
  size_t i = 0;
  while (i < text.size()) {
    const Class kind = ClassOf(text[i]);
    size_t end = i + 1;
    while (end < text.size() && ClassOf(text[end]) == kind) ++end;
    tokens += TokensOfRun(kind, end - i, end < text.size() && ClassOf(text[end]) == Class::kDigit);
    i = end;
  }
  return tokens;
}

}  // namespace headroom::text
