#include "text/code_excerpt_source.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "text/protected_read.h"
#include "text/shell_words.h"
#include "text/tool_arguments.h"

namespace headroom::text {
namespace {

constexpr size_t kMinNumbered = 4;
constexpr size_t kMaxAround = 12;   // lines before the numbered block, and a share of those after it
constexpr size_t kMaxEnvelope = 8;  // lines
constexpr std::string_view kCounted = "counted in this output";
constexpr std::string_view kSeparators[] = {"\xe2\x86\x92", "\t", "|", ":"};

struct Numbered {
  size_t number = 0;
  size_t width = 0;  // bytes before the code
  std::string_view separator;
};

// "   12→", "12:", "00012| ", "L12: ": nothing where the line is not numbered.
std::optional<Numbered> ReadNumber(std::string_view line) {
  size_t at = 0;
  while (at < line.size() && line[at] == ' ') ++at;
  if (at < line.size() && line[at] == 'L') ++at;
  const size_t digits = LeadingDigits(line.substr(at));
  if (digits == 0 || digits > 9) return std::nullopt;
  Numbered numbered;
  std::from_chars(line.data() + at, line.data() + at + digits, numbered.number);
  at += digits;
  std::string_view rest = line.substr(at);
  if (rest.starts_with(" |")) rest.remove_prefix(1), ++at;
  for (const std::string_view separator : kSeparators) {
    if (!rest.starts_with(separator)) continue;
    numbered.separator = separator;
    numbered.width = at + separator.size();
    return numbered;
  }
  return std::nullopt;
}

// The end of the block of numbered lines that starts at `begin`.
size_t EndOfBlock(const std::vector<std::string_view>& lines, size_t begin, const Numbered& first) {
  size_t end = begin + 1;
  for (; end < lines.size(); ++end) {
    const std::optional<Numbered> next = ReadNumber(lines[end]);
    if (!next || next->number != first.number + (end - begin) || next->separator != first.separator) break;
  }
  return end;
}

// After "|" and ":" a blank belongs to the number when every line has it.
bool BlankFollows(const std::vector<std::string_view>& lines, size_t begin, size_t end) {
  for (size_t i = begin; i < end; ++i) {
    const size_t width = ReadNumber(lines[i])->width;
    if (lines[i].size() > width && lines[i][width] != ' ') return false;
  }
  return true;
}

bool ReadNumberedLines(CodeSource* source) {
  const std::vector<std::string_view>& lines = source->text.lines;
  size_t begin = 0;
  std::optional<Numbered> first;
  for (; begin < std::min(lines.size(), kMaxAround); ++begin) {
    first = ReadNumber(lines[begin]);
    if (first && EndOfBlock(lines, begin, *first) - begin >= kMinNumbered) break;
    first.reset();
  }
  if (!first) return false;
  const size_t end = EndOfBlock(lines, begin, *first);
  if (lines.size() - end > kMaxAround + (end - begin) / 10) return false;
  const bool blank = first->separator.size() == 1 && first->separator != "\t" && BlankFollows(lines, begin, end);
  source->stripped.reserve(source->text.lines.size() * 32);
  for (size_t i = begin; i < end; ++i) {
    const size_t width = ReadNumber(lines[i])->width + (blank ? 1 : 0);
    source->starts.push_back(source->stripped.size());
    source->stripped.append(lines[i].substr(std::min(width, lines[i].size()))).push_back('\n');
  }
  source->begin = begin;
  source->end = end;
  source->first_number = first->number;
  source->code = source->stripped;
  return true;
}

std::optional<size_t> ToNumber(std::string_view text) {
  if (text.empty() || LeadingDigits(text) != text.size() || text.size() > 9) return std::nullopt;
  size_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// The first line that `sed -n '40,80p'` prints.
std::optional<size_t> FirstOfSed(const SimpleCommand& command) {
  for (const std::string& word : command.words) {
    if (!word.ends_with('p') || !IsDigit(word[0])) continue;
    const size_t comma = word.find(',');
    const std::string_view last = std::string_view(word).substr(comma + 1, word.size() - comma - 2);
    if (comma == std::string::npos || (last != "$" && !ToNumber(last))) return std::nullopt;
    return ToNumber(std::string_view(word).substr(0, comma));
  }
  return std::nullopt;
}

std::optional<size_t> FirstOfCommand(std::string_view line) {
  std::optional<size_t> first;
  for (const Pipeline& pipeline : ParseShell(line)) {
    const std::string_view program = pipeline.front().words[0];
    if (program == "cd" || program == "pushd") continue;
    if (first.has_value() || pipeline.size() > 2) return std::nullopt;
    if (pipeline.size() == 2 && pipeline[1].words[0] != "head") return std::nullopt;
    if (program == "sed") {
      first = FirstOfSed(pipeline.front());
    } else if (program == "cat" || program == "head" || program == "bat" || program == "git") {
      first = 1;
    }
    if (!first.has_value()) return std::nullopt;
  }
  return first;
}

// The number in its file of the first line of a read; nothing where the call does not say.
std::optional<size_t> FirstFileLine(const Input& input) {
  const FileAccess access = FindFileAccess(input);
  if (access.how != FileAccess::How::kRead || access.files.size() != 1) return std::nullopt;
  for (const Argument& argument : ReadArguments(input.tool_arguments)) {
    const std::string name = LowerCase(argument.name);
    if (name == "command" || name == "cmd" || name == "script" || name.empty()) {
      if (argument.values.empty() || argument.values[0] == "view") continue;
      if (!argument.is_list) return FirstOfCommand(argument.values[0]);
      return argument.values.size() > 2 ? FirstOfCommand(argument.values.back()) : std::nullopt;
    }
  }
  // Ranges are numbers, which ReadArguments does not give.
  for (const std::string_view range : {"offset", "start", "range", "from", "tail"}) {
    if (input.tool_arguments.find(range) != std::string_view::npos) return std::nullopt;
  }
  return 1;
}

// "output>": a name and nothing else.
bool LeadingWord(std::string_view tag) {
  return std::all_of(tag.begin(), tag.end() - 1, [](char c) { return IsLetter(c) || c == '_' || c == '-'; });
}

// What a client writes around the output of a command: "Exit code: 0", "Output:", or a tag of its own line.
void SkipEnvelope(CodeSource* source) {
  const std::vector<std::string_view>& lines = source->text.lines;
  for (size_t i = 0; i < std::min(lines.size(), kMaxEnvelope); ++i) {
    const std::string_view line = Trim(lines[i]);
    const bool is_tag = line.size() > 2 && line.front() == '<' && line.back() == '>' && LeadingWord(line.substr(1));
    if (line != "Output:" && !is_tag) continue;
    source->begin = i + 1;
    if (!is_tag) return;
    const std::string close = "</" + std::string(line.substr(1));
    for (size_t end = lines.size(); end > source->begin && lines.size() - end < kMaxEnvelope; --end) {
      if (Trim(lines[end - 1]) == close) source->end = end - 1;
    }
  }
}

void ReadPlainLines(const ExcerptInput& in, CodeSource* source) {
  source->begin = 0;
  source->end = source->text.lines.size();
  const bool is_whole = in.text.data() == in.input.text.data() && in.text.size() == in.input.text.size();
  const bool of_file = FindFileAccess(in.input).how == FileAccess::How::kRead;
  if (of_file) SkipEnvelope(source);
  size_t at = 0;
  for (size_t i = 0; i < source->end; ++i) {
    if (i >= source->begin) source->starts.push_back(at);
    at = std::min(in.text.find('\n', at), in.text.size() - 1) + 1;
  }
  const size_t begin = source->starts.empty() ? 0 : source->starts[0];
  for (size_t& start : source->starts) start -= begin;
  source->code = in.text.substr(begin, at - begin);
  const std::optional<size_t> first = is_whole ? FirstFileLine(in.input) : std::nullopt;
  source->first_number = first.value_or(in.first_line + source->begin);
  if (!first && of_file) source->gap_note = kCounted;
}

}  // namespace

std::string_view CodeSource::row(size_t r) const {
  const size_t stop = r + 1 < starts.size() ? starts[r + 1] : code.size();
  std::string_view line = code.substr(starts[r], stop - starts[r]);
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
  return line;
}

void CodeSource::CountInOutput(const ExcerptInput& in) {
  if (!stripped.empty()) return;
  first_number = in.first_line + begin;
  gap_note = kCounted;
}

void ReadCodeSource(const ExcerptInput& in, CodeSource* source) {
  source->text = SplitLines(in.text);
  if (!ReadNumberedLines(source)) ReadPlainLines(in, source);
}

}  // namespace headroom::text
