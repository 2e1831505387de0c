#include "text/prose_excerpt_lines.h"

#include <algorithm>

#include "text/line_text.h"
#include "text/words.h"

namespace headroom::text {
namespace {

constexpr size_t kSentenceWords = 6;
constexpr size_t kBytesPerUnspacedWord = 6;  // two characters of three bytes

}  // namespace

size_t IndentColumns(std::string_view line) {
  size_t indent = 0;
  for (const char c : line) {
    if (!IsBlank(c)) break;
    indent = c == '\t' ? (indent / 8 + 1) * 8 : indent + 1;
  }
  return indent;
}

bool IsEmptyLine(std::string_view line) {
  return std::all_of(line.begin(), line.end(), [](char c) { return IsBlank(c) || c == '\r'; });
}

size_t WordsIn(std::string_view line) {
  size_t words = 0;
  ForEachWord(line, [&](const Word& word) {
    words += word.shape == WordShape::kUnspaced ? std::max<size_t>(1, word.text.size() / kBytesPerUnspacedWord) : 1;
  });
  return words;
}

bool IsUnderline(std::string_view line) {
  line = TrimRight(line);
  if (line.size() < 3 || std::string_view("=-~^\"#*+").find(line[0]) == std::string_view::npos) return false;
  return std::all_of(line.begin(), line.end(), [&](char c) { return c == line[0]; });
}

bool IsFence(std::string_view line) {
  line = Trim(line);
  return line.starts_with("```") || line.starts_with("~~~");
}

bool IsItem(std::string_view line) {
  line = Trim(line);
  if (line.size() < 2) return false;
  if ((line[0] == '-' || line[0] == '*' || line[0] == '+') && IsBlank(line[1])) return true;
  if (line.starts_with("•") || line.starts_with("·")) return true;
  if (line[0] == '-' && (line[1] == '-' || IsLetter(line[1]) || IsDigit(line[1]))) return true;
  const size_t digits = LeadingDigits(line);
  const size_t at = digits > 0 ? digits : 1;
  return (digits > 0 || IsLetter(line[0])) && at + 1 < line.size() && (line[at] == '.' || line[at] == ')') &&
         IsBlank(line[at + 1]) && digits <= 3;
}

bool IsOption(std::string_view line) {
  line = Trim(line);
  return line.size() > 2 && line[0] == '-' && (line[1] == '-' || IsLetter(line[1]));
}

uint8_t SignsOf(std::string_view line) {
  size_t signs = 0;
  while (signs < line.size() && line[signs] == '#') ++signs;
  return signs >= 1 && signs <= 6 && signs < line.size() && line[signs] == ' ' ? static_cast<uint8_t>(signs) : 0;
}

uint8_t NumberDepth(std::string_view line) {
  size_t depth = 0;
  size_t at = 0;
  while (LeadingDigits(line.substr(at)) > 0 && LeadingDigits(line.substr(at)) <= 3) {
    at += LeadingDigits(line.substr(at));
    ++depth;
    if (at < line.size() && line[at] == '.') ++at;
  }
  if (depth == 0 || at + 2 >= line.size() || line[at] != ' ') return 0;
  const char first = line[std::min(line.find_first_not_of(' ', at), line.size() - 1)];
  if (!(first >= 'A' && first <= 'Z') && static_cast<unsigned char>(first) < 0x80) return 0;
  return static_cast<uint8_t>(std::min<size_t>(depth, 5));
}

bool EndsLikeSentence(std::string_view line) {
  line = TrimRight(line);
  return line.ends_with('.') || line.ends_with(',') || line.ends_with(';') || line.ends_with('!') ||
         line.ends_with("。") || line.ends_with("，");
}

bool IsCapitals(std::string_view line) {
  size_t letters = 0;
  for (const char c : line) {
    if (c >= 'a' && c <= 'z') return false;
    letters += c >= 'A' && c <= 'Z' ? 1 : 0;
  }
  return letters >= 3;
}

bool IsWrapper(std::string_view line) {
  line = Trim(line);
  if (line.starts_with("===") && line.ends_with("===")) return std::any_of(line.begin(), line.end(), IsLetter);
  if (!line.starts_with('<') || !line.ends_with('>') || line.starts_with("</")) return false;
  for (const std::string_view name :
       {"result", "document", "doc", "passage", "chunk", "source", "page", "search_result"}) {
    if (line.substr(1).starts_with(name) && (line[name.size() + 1] == ' ' || line[name.size() + 1] == '>')) return true;
  }
  return false;
}

bool IsVersionLine(std::string_view line) {
  if (line.starts_with('[')) line.remove_prefix(1);
  if (line.starts_with('v') || line.starts_with('V')) line.remove_prefix(1);
  const size_t digits = LeadingDigits(line);
  return digits > 0 && digits < 4 && line.substr(digits).starts_with('.') && LeadingDigits(line.substr(digits + 1)) > 0;
}

bool IsOfSentence(std::string_view line) {
  if (WordsIn(line) < kSentenceWords) return false;
  const auto letters = std::count_if(line.begin(), line.end(), [](char c) {
    return IsLetter(c) || c == ' ' || c == ',' || static_cast<unsigned char>(c) >= 0x80;
  });
  return static_cast<size_t>(letters) * 10 >= Trim(line).size() * 8;
}

}  // namespace headroom::text
