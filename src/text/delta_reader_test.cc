#include "text/delta_reader_test.h"

#include <regex>
#include <vector>

namespace headroom::text {
namespace {

std::vector<std::string> Lines(std::string_view text) {
  std::vector<std::string> lines;
  std::string line;
  for (const char c : text) {
    line.push_back(c);
    if (c != '\n') continue;
    lines.push_back(line);
    line.clear();
  }
  if (!line.empty()) lines.push_back(line);
  return lines;
}

struct Numbered {
  std::vector<std::string> head;
  std::vector<std::string> bare;
  std::vector<std::string> tail;
  size_t first = 1;
  size_t width = 0;
  std::string separator;
};

std::string Prefix(const Numbered& text, size_t index) {
  std::string digits = std::to_string(text.first + index);
  if (digits.size() < text.width) digits.insert(0, text.width - digits.size(), ' ');
  return digits + text.separator;
}

// Takes the longest run of lines that count up, from the first place where one begins.
Numbered Unnumber(const std::vector<std::string>& lines) {
  static const std::regex kNumber("^( *)([1-9][0-9]*)(\u2192|\t|\\||: |:)");
  Numbered best;
  for (size_t begin = 0; begin < lines.size(); ++begin) {
    std::smatch match;
    if (!std::regex_search(lines[begin], match, kNumber)) continue;
    for (const std::string separator : {"\u2192", "\t", "|", ": ", ":"}) {
      Numbered text;
      text.first = std::stoul(match[2]);
      text.width = match[1].str().size() + match[2].str().size();
      text.separator = separator;
      text.head.assign(lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(begin));
      size_t at = begin;
      for (; at < lines.size(); ++at) {
        const std::string prefix = Prefix(text, at - begin);
        if (!lines[at].starts_with(prefix)) break;
        text.bare.push_back(lines[at].substr(prefix.size()));
      }
      text.tail.assign(lines.begin() + static_cast<std::ptrdiff_t>(at), lines.end());
      if (text.bare.size() > best.bare.size()) best = text;
    }
    if (best.bare.size() >= 2) break;
  }
  return best;
}

std::optional<std::vector<std::string>> Patch(const std::vector<std::string>& before, std::string_view hunks,
                                              size_t first) {
  static const std::regex kHeader("^@@ -([0-9]+)(,([0-9]+))? \\+([0-9]+)(,([0-9]+))? @@\n$");
  std::vector<std::string> lines = Lines(std::string(hunks) + "\n");
  std::vector<std::string> after;
  size_t at = 0;
  for (size_t i = 0; i < lines.size();) {
    std::smatch header;
    if (!std::regex_match(lines[i], header, kHeader)) return std::nullopt;
    const size_t old_count = header[3].matched ? std::stoul(header[3]) : 1;
    const size_t new_count = header[6].matched ? std::stoul(header[6]) : 1;
    const size_t old_begin = std::stoul(header[1]) + (old_count == 0 ? 1 : 0) - first;
    const size_t new_begin = std::stoul(header[4]) + (new_count == 0 ? 1 : 0) - first;
    if (old_begin < at || old_begin + old_count > before.size()) return std::nullopt;
    while (at < old_begin) after.push_back(before[at++]);
    if (after.size() != new_begin) return std::nullopt;
    for (++i; i < lines.size() && !lines[i].starts_with("@@ "); ++i) {
      std::string line = lines[i].substr(1);
      const char sign = lines[i][0];
      if (i + 1 < lines.size() && lines[i + 1].starts_with("\\")) line.pop_back();
      if (sign == '\\') continue;
      if (sign != '+' && (at >= before.size() || before[at++] != line)) return std::nullopt;
      if (sign != '-') after.push_back(line);
    }
    if (at != old_begin + old_count || after.size() != new_begin + new_count) return std::nullopt;
  }
  while (at < before.size()) after.push_back(before[at++]);
  return after;
}

}  // namespace

std::optional<std::string> ApplyDelta(std::string_view before, const Delta& delta) {
  Numbered text;
  text.bare = Lines(before);
  if (delta.numbered) text = Unnumber(text.bare);
  const std::optional<std::vector<std::string>> patched =
      Patch(text.bare, delta.hunks, delta.numbered ? text.first : 1);
  if (!patched.has_value()) return std::nullopt;
  std::string out;
  for (const std::string& line : text.head) out += line;
  for (size_t i = 0; i < patched->size(); ++i) out += (delta.numbered ? Prefix(text, i) : "") + (*patched)[i];
  for (const std::string& line : text.tail) out += line;
  return out;
}

}  // namespace headroom::text
