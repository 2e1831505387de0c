#include "text/code_excerpt_names.h"

#include <algorithm>
#include <string_view>

#include "text/code_excerpt_language.h"
#include "text/words.h"

namespace headroom::text {
namespace {

constexpr size_t kMaxBytes = 16 * 1024;  // of each source
constexpr size_t kMaxNames = 256;
constexpr size_t kMinPlainBytes = 3;

bool IsNameByte(char c) { return IsWordByte(c) || c == '$'; }

// "http.js", "src/a", "a\b": a file, whatever it is called.
bool IsPath(std::string_view word, bool is_called) {
  if (word.find_first_of("/\\") != std::string_view::npos) return true;
  const size_t dot = word.rfind('.');
  return dot != std::string_view::npos && !is_called && IsCodeEnding(word.substr(dot + 1));
}

// One past the run of names joined by ".", "::", "#", "->" that starts at `begin`.
size_t EndOfQualified(std::string_view text, size_t begin) {
  size_t at = begin;
  while (at < text.size()) {
    if (IsNameByte(text[at])) {
      ++at;
      continue;
    }
    size_t joint = 1;
    if (text.substr(at, 2) == "::" || text.substr(at, 2) == "->") joint = 2;
    if (joint == 1 && std::string_view(".#/\\-").find(text[at]) == std::string_view::npos) break;
    if (at + joint >= text.size() || !IsNameByte(text[at + joint])) break;
    at += joint;
  }
  return at;
}

void AddNames(std::string_view text, AskedNames* names) {
  text = text.substr(0, kMaxBytes);
  for (size_t at = 0; at < text.size() && names->strong.size() + names->plain.size() < kMaxNames;) {
    if (!IsNameByte(text[at])) {
      ++at;
      continue;
    }
    const size_t end = EndOfQualified(text, at);
    const std::string_view word = text.substr(at, end - at);
    const bool is_called = end < text.size() && text[end] == '(';
    const bool is_quoted =
        at > 0 && text[at - 1] == '`' && end < text.size() && (text[end] == '`' || text.substr(end, 3) == "()`");
    at = end;
    if (IsPath(word, is_called)) continue;
    size_t begin = word.size();
    while (begin > 0 && IsNameByte(word[begin - 1])) --begin;
    std::string owner;
    if (begin > 1) {
      size_t stop = begin - 1;
      while (stop > 0 && !IsNameByte(word[stop - 1])) --stop;
      size_t start = stop;
      while (start > 0 && IsNameByte(word[start - 1])) --start;
      owner = word.substr(start, stop - start);
    }
    const std::string_view name = word.substr(begin);
    const bool joined_by_dash = begin > 0 && word[begin - 1] == '-';
    const bool is_strong =
        is_called || is_quoted || (!owner.empty() && !joined_by_dash) || ShapeOf(name) == WordShape::kIdentifier;
    if (joined_by_dash) names->plain.push_back({std::string(word), ""});  // a shell function's name
    if (is_strong) {
      names->strong.push_back({std::string(name), owner});
    } else if (name.size() >= kMinPlainBytes && !IsStopWord(LowerCase(name))) {
      names->plain.push_back({std::string(name), ""});
    }
  }
}

}  // namespace

AskedNames FindAskedNames(const Input& input) {
  AskedNames names;
  AddNames(WithoutInjectedBlocks(input.question), &names);
  AddNames(input.preamble, &names);
  return names;
}

}  // namespace headroom::text
