// MakeDelta over two arbitrary texts, the input cut at its first unit separator. The
// hunks give the new text when they are applied to the old one, by a reader that
// knows nothing but unified diffs; texts of numbered lines must at least be
// decided alike twice.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "text/delta.h"

namespace {

void Check(bool condition) {
  if (!condition) std::abort();
}

std::vector<std::string_view> Lines(std::string_view text) {
  std::vector<std::string_view> lines;
  for (size_t begin = 0; begin < text.size();) {
    const size_t newline = text.find('\n', begin);
    const size_t end = newline == std::string_view::npos ? text.size() : newline + 1;
    lines.push_back(text.substr(begin, end - begin));
    begin = end;
  }
  return lines;
}

// The first number behind `sign` in a hunk's header; of an empty range the line behind it.
size_t Start(std::string_view header, char sign) {
  const size_t at = header.find(sign);
  char* rest = nullptr;
  const size_t number = std::strtoull(header.data() + at + 1, &rest, 10);
  return std::string_view(rest).starts_with(",0 ") ? number : number - 1;
}

std::string Apply(std::string_view before, const std::string& hunks) {
  const std::vector<std::string_view> old_lines = Lines(before);
  const std::string all = hunks + "\n";
  const std::vector<std::string_view> lines = Lines(all);
  std::string out;
  size_t at = 0;
  for (size_t i = 0; i < lines.size(); ++i) {
    if (lines[i][0] == '@') {
      for (const size_t begin = Start(std::string(lines[i]).c_str(), '-'); at < begin; ++at) out += old_lines.at(at);
      continue;
    }
    if (lines[i][0] == '\\') continue;
    std::string_view line = lines[i].substr(1);
    if (i + 1 < lines.size() && lines[i + 1][0] == '\\') line.remove_suffix(1);
    if (lines[i][0] != '+') Check(old_lines.at(at++) == line);
    if (lines[i][0] != '-') out += line;
  }
  for (; at < old_lines.size(); ++at) out += old_lines[at];
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::unique_ptr<char[]> exact(new char[size]);
  if (size > 0) std::memcpy(exact.get(), data, size);
  const std::string_view all(exact.get(), size);
  const size_t cut = all.find('\x1f');
  const std::string_view before = all.substr(0, cut);
  const std::string_view after = cut == std::string_view::npos ? std::string_view() : all.substr(cut + 1);

  const std::optional<headroom::text::Delta> delta = headroom::text::MakeDelta(before, after, SIZE_MAX, {});
  const std::optional<headroom::text::Delta> again = headroom::text::MakeDelta(before, after, SIZE_MAX, {});
  Check(delta.has_value() == (before != after));
  if (delta.has_value()) {
    Check(delta->hunks == again->hunks && delta->numbered == again->numbered);
    if (!delta->numbered) Check(Apply(before, delta->hunks) == after);
  }
  const headroom::text::LineSketch old_sketch(before);
  const headroom::text::LineSketch new_sketch(after);
  Check(old_sketch.SharedBytes(new_sketch) == new_sketch.SharedBytes(old_sketch));
  Check(old_sketch.SharedBytes(old_sketch) == old_sketch.bytes());
  return 0;
}
