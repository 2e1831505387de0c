// A text as lines, and the cheap measures the rules of this room share.
//
//   "a\r\nb\r\n"  ─►  lines {"a", "b"}, ending "\r\n", ends_with_newline
//
// CRLF counts as the ending only when every line has it; in a mixed text a '\r'
// stays at the end of its line as content, so that joining gives back the bytes.
// Thread-compatible.

#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::text {

struct LineText {
  std::vector<std::string_view> lines;  // views into the text that was split
  std::string_view ending = "\n";
  bool ends_with_newline = false;

  // The lines joined again: the bytes that were split while `lines` is unchanged.
  std::string Join() const;
};

// Cost: O(bytes). An empty text has no lines.
LineText SplitLines(std::string_view text);

// Strings made while lines are rewritten; a view stays valid for the arena's life.
class LineArena {
 public:
  std::string_view Keep(std::string line) { return kept_.emplace_back(std::move(line)); }

 private:
  std::deque<std::string> kept_;
};

constexpr bool IsDigit(char c) { return c >= '0' && c <= '9'; }
constexpr bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
constexpr bool IsBlank(char c) { return c == ' ' || c == '\t'; }
constexpr char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

// Digits at the start of `text`.
inline size_t LeadingDigits(std::string_view text) {
  size_t count = 0;
  while (count < text.size() && IsDigit(text[count])) ++count;
  return count;
}

// `text` without spaces and tabs at its end, or at both ends.
std::string_view TrimRight(std::string_view text);
std::string_view Trim(std::string_view text);

std::string LowerCase(std::string_view text);

// A rough count of BPE tokens, for choosing between renditions of one text. It
// errs alike on both, and the caller of the room counts exactly. Cost: O(bytes).
size_t EstimateTokens(std::string_view text);

}  // namespace headroom::text
