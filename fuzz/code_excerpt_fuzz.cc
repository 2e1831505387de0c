// ExcerptCode and ExcerptMinified over arbitrary bytes. The first byte chooses
// the language by a file's name, the first line is the question. No byte is read
// past the input, the same bytes give the same bytes, what is kept are lines of
// the source in order, and the marks stand for exactly the lines between them.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "text/code_excerpt_minified.h"
#include "text/excerpt.h"
#include "text/gaps.h"
#include "text/line_text.h"
#include "text/query.h"

namespace {

using headroom::text::LineText;

void Check(bool condition) {
  if (!condition) std::abort();
}

// "  ... lines 3-9 omitted ...": how many lines; 0 for any other line.
size_t LinesOfMark(std::string_view line) {
  line = headroom::text::Trim(line);
  if (!headroom::text::ImitatesGapMarks(line)) return 0;
  const size_t space = line.find(' ', 4);
  const std::string numbers(line.substr(space + 1));
  char* end = nullptr;
  const unsigned long first = std::strtoul(numbers.c_str(), &end, 10);
  const unsigned long last = *end == '-' ? std::strtoul(end + 1, nullptr, 10) : first;
  Check(last >= first);
  return last - first + 1;
}

void CheckCovers(std::string_view excerpt, std::string_view source) {
  const LineText kept = headroom::text::SplitLines(excerpt);
  const LineText all = headroom::text::SplitLines(source);
  size_t at = 0;
  for (const std::string_view line : kept.lines) {
    if (const size_t omitted = LinesOfMark(line); omitted > 0) {
      at += omitted;
      continue;
    }
    Check(at < all.lines.size() && all.lines[at] == line);
    ++at;
  }
  Check(at == all.lines.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace headroom::text;
  static constexpr const char* kFiles[] = {"a.py", "a.js", "a.ts", "a.tsx", "a.go", "a.rs", "a.java", "a.c",
                                           "a.h",  "a.cc", "a.rb", "a.php", "a.cs", "a.sh", ""};
  if (size == 0) return 0;
  const std::string arguments = std::string(R"({"command": "cat )") + kFiles[data[0] % std::size(kFiles)] + "\"}";
  const std::unique_ptr<char[]> exact(new char[size - 1]);
  if (size > 1) std::memcpy(exact.get(), data + 1, size - 1);
  const std::string_view all(exact.get(), size - 1);
  const size_t newline = std::min(all.find('\n'), all.size());
  const std::string_view text = all.substr(std::min(newline + 1, all.size()));
  if (text.find('\0') != std::string_view::npos) return 0;  // Compress leaves such text alone

  Input input{.text = text, .tool_name = "Bash", .tool_arguments = arguments};
  input.question = all.substr(0, newline);
  input.gaps = input.fold_reads = true;
  const Query query(input);
  // Bounded work: a parser may look at a hostile text for long.
  size_t polls = 0;
  const Expired expired = [&] { return ++polls > 20'000; };
  const ExcerptInput in{.input = input, .text = text, .query = query, .expired = expired};
  const std::optional<Excerpt> once = ExcerptCode(in);
  polls = 0;
  const std::optional<Excerpt> again = ExcerptCode(in);
  Check(once.has_value() == again.has_value());
  if (once.has_value()) {
    Check(once->text == again->text && !once->text.empty());
    CheckCovers(once->text, text);
  }
  polls = 0;
  if (const std::optional<Excerpt> minified = ExcerptMinified(in); minified.has_value()) Check(!minified->text.empty());
  return 0;
}
