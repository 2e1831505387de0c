#include "text/reads_excerpt.h"

#include <charconv>
#include <optional>

#include "text/line_text.h"
#include "text/shell_words.h"
#include "text/tool_arguments.h"

namespace headroom::text {
namespace {

constexpr size_t kMaxReads = 64;

struct Printed {
  std::string command;
  size_t lines = 0;
};

std::string CommandOf(const Input& input) {
  for (const Argument& argument : ReadArguments(input.tool_arguments)) {
    const std::string name = LowerCase(argument.name);
    if (name != "command" && name != "cmd" && name != "script" && !name.empty()) continue;
    if (!argument.is_list) return argument.values.empty() ? "" : argument.values[0];
    return argument.values.size() > 2 ? argument.values.back() : "";  // bash -lc "..."
  }
  return "";
}

// Rows of "40,80p"; 0 for another script.
size_t RowsOfRange(std::string_view script) {
  size_t first = 0;
  size_t last = 0;
  const char* end = script.data() + script.size();
  const auto from = std::from_chars(script.data(), end, first);
  if (from.ec != std::errc() || from.ptr == end || *from.ptr != ',') return 0;
  const auto to = std::from_chars(from.ptr + 1, end, last);
  if (to.ec != std::errc() || to.ptr + 1 != end || *to.ptr != 'p') return 0;
  return first > 0 && last >= first && last - first < 1'000'000 ? last - first + 1 : 0;
}

std::string Quoted(const Pipeline& pipeline) {
  std::string line;
  for (const SimpleCommand& command : pipeline) {
    if (!line.empty()) line.append("| ");
    for (const std::string& word : command.words) {
      line.push_back('\'');
      for (const char c : word) c == '\'' ? line.append("'\\''") : line.append(1, c);
      line.append("' ");
    }
  }
  return line;
}

// What a pipeline prints: a range of one file (`sed -n '1,9p' f`, `nl -ba f | sed -n '1,9p'`) or a line of `echo`.
std::optional<Printed> PrintedBy(const Pipeline& pipeline) {
  const std::vector<std::string>& words = pipeline.back().words;
  if (pipeline.back().writes_file) return std::nullopt;
  if (words[0] == "echo" && pipeline.size() == 1) {
    const bool plain = words.size() < 2 || (words[1].rfind('-', 0) != 0 || words[1].size() != 2);
    return plain ? std::optional<Printed>({"", 1}) : std::nullopt;
  }
  const bool numbered = pipeline.size() == 2 && pipeline[0].words[0] == "nl" && words.size() == 3;
  const bool plain = pipeline.size() == 1 && words.size() == 4;
  if (words[0] != "sed" || !(numbered || plain) || words[1] != "-n") return std::nullopt;
  const size_t rows = RowsOfRange(words[2]);
  return rows > 0 ? std::optional<Printed>({Quoted(pipeline), rows}) : std::nullopt;
}

}  // namespace

std::vector<ReadPart> SplitReads(const Input& input) {
  std::vector<Printed> printed;
  for (const Pipeline& pipeline : ParseShell(CommandOf(input))) {
    if (pipeline.front().words[0] == "cd") continue;
    std::optional<Printed> one = PrintedBy(pipeline);
    if (!one.has_value() || printed.size() == kMaxReads) return {};
    printed.push_back(std::move(*one));
  }
  if (printed.size() < 2) return {};
  std::vector<ReadPart> parts;
  size_t at = 0;
  for (Printed& one : printed) {
    const size_t begin = at;
    for (size_t row = 0; row < one.lines; ++row) {
      if (at >= input.text.size()) return {};
      const size_t newline = input.text.find('\n', at);
      at = newline == std::string_view::npos ? input.text.size() : newline + 1;
    }
    parts.push_back({std::move(one.command), input.text.substr(begin, at - begin)});
  }
  if (at != input.text.size()) return {};
  return parts;
}

}  // namespace headroom::text
