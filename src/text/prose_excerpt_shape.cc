#include "text/prose_excerpt_shape.h"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "text/line_text.h"
#include "text/prose_excerpt_lines.h"
#include "text/words.h"

namespace headroom::text {
namespace {

constexpr size_t kMinHeadings = 2;
// One line in so many (and two at least) that only programs write makes the text theirs.
constexpr size_t kMessageShare = 50;
constexpr size_t kMinMessages = 2;
// Messages repeat how they begin ("npm warn deprecated ..."), paragraphs do not: at most one line in so many.
constexpr size_t kSameStartShare = 4;
constexpr size_t kMinSentences = 10;
constexpr size_t kUsageLines = 10;  // a help text says "Usage:" in its first lines

bool BeginsWithAny(std::string_view line, const auto& starts) {
  return std::any_of(starts.begin(), starts.end(), [&](std::string_view start) { return line.starts_with(start); });
}

// "^--^ SC2086", "   | ^^^^", "~~~^~~": points at a column of the line above.
bool IsPointer(std::string_view line) {
  line = line.substr(std::min(line.find_first_not_of("| \t"), line.size()));
  const std::string_view marks = line.substr(0, std::min(line.find_first_not_of("^~-"), line.size()));
  return marks.find('^') != std::string_view::npos && (marks.size() == line.size() || line[marks.size()] == ' ');
}

// "src/a.cc:12: ...", "In a.sh line 2:", "  File "x.py", line 3", "--> src/main.rs:4:5".
bool BeginsWithPlace(std::string_view line) {
  if (line.starts_with("--> ")) line.remove_prefix(4);
  const std::string_view head = line.substr(0, line.find_first_of(" \t"));
  const size_t colon = head.find(':');
  if (colon != std::string_view::npos && head.substr(0, colon).find('.') != std::string_view::npos &&
      LeadingDigits(head.substr(colon + 1)) > 0) {
    return true;
  }
  if (line.starts_with("File \"")) return line.find("\", line ") != std::string_view::npos;
  if (line.starts_with("at ") && line.ends_with(')')) {
    const size_t last = line.rfind(':');
    return last != std::string_view::npos && LeadingDigits(line.substr(last + 1)) > 0;
  }
  const size_t number = line.rfind(" line ");
  return line.starts_with("In ") && number != std::string_view::npos && line.ends_with(':') &&
         LeadingDigits(line.substr(number + 6)) > 0;
}

// "error: ...", "warning[E0382]", "fatal: ...": a word for how bad it is, then what.
bool BeginsWithSeverity(std::string_view line) {
  static constexpr std::array<std::string_view, 9> kWords = {"error", "warning", "fatal",     "panic", "ERROR",
                                                             "WARN",  "FATAL",   "Traceback", "Error"};
  for (const std::string_view word : kWords) {
    if (!line.starts_with(word)) continue;
    const std::string_view rest = line.substr(word.size());
    if (rest.starts_with(':') || rest.starts_with('[') || rest.starts_with(" (") || rest.starts_with(" TS"))
      return true;
  }
  return false;
}

// "$ make", "user@host:~$ make", ">>> x", at the margin.
bool IsPrompt(std::string_view line) {
  static constexpr std::array<std::string_view, 4> kPrompts = {"$ ", ">>> ", "PS C:", "In ["};
  if (BeginsWithAny(line, kPrompts)) return true;
  const std::string_view head = line.substr(0, line.find(' '));
  return head.find('@') != std::string_view::npos && (head.ends_with('$') || head.ends_with('#'));
}

// "2024-05-06T07:08:09", "07:08:09.123", "[12:00]", "[INFO]": stamped as logs are.
bool IsStamped(std::string_view line) {
  if (line.starts_with('[')) line.remove_prefix(1);
  static constexpr std::array<std::string_view, 6> kLevels = {"INFO", "DEBUG", "WARN", "ERROR", "TRACE", "FATAL"};
  for (const std::string_view level : kLevels) {
    if (line.starts_with(level) && line.find_first_of("]: ") == level.size()) return true;
  }
  const auto is_time = [](std::string_view text) {
    return LeadingDigits(text) == 2 && text.size() >= 5 && text[2] == ':' && LeadingDigits(text.substr(3)) == 2;
  };
  const bool dated = LeadingDigits(line) == 4 && line.size() > 11 && (line[4] == '-' || line[4] == '/');
  return is_time(dated ? line.substr(11) : line);
}

bool IsMessage(std::string_view line) {
  const std::string_view text = Trim(line);
  return IsPointer(text) || BeginsWithPlace(text) || BeginsWithSeverity(text) || IsStamped(text) || IsPrompt(line);
}

// What the lines outside of fences are.
struct LineCounts {
  size_t filled = 0;
  size_t sentences = 0;
  size_t options = 0;
  size_t messages = 0;
  size_t same_start = 0;  // sentences that begin with the word that most begin with
  bool usage = false;
  bool coloured = false;
};

LineCounts CountLines(const std::vector<std::string_view>& lines) {
  LineCounts counts;
  std::unordered_map<std::string_view, size_t> starts;
  bool fenced = false;
  for (const std::string_view line : lines) {
    counts.coloured = counts.coloured || line.find('\x1b') != std::string_view::npos;
    if (IsFence(line)) fenced = !fenced;
    if (fenced || IsEmptyLine(line)) continue;
    const std::string_view text = Trim(line);
    ++counts.filled;
    counts.usage =
        counts.usage || (counts.filled <= kUsageLines &&
                         (text.starts_with("Usage") || text.starts_with("usage") || text.starts_with("USAGE")));
    counts.options += IsOption(text) ? 1 : 0;
    counts.messages += IsMessage(line) ? 1 : 0;
    if (!IsOfSentence(line)) continue;
    ++counts.sentences;
    counts.same_start = std::max(counts.same_start, ++starts[text.substr(0, text.find(' '))]);
  }
  return counts;
}

// A heading by what stands in its line or below it, as documents have them and the output of programs has not.
bool IsHeadingByForm(const std::vector<std::string_view>& lines, const ProseUnit& unit) {
  if (unit.heading == 0) return false;
  const std::string_view line = lines[unit.begin];
  return SignsOf(line) > 0 || IsVersionLine(line) || IsWrapper(line) ||
         (IsCapitals(line) && IndentColumns(line) == 0) ||
         (unit.begin + 1 < unit.end && IsUnderline(lines[unit.begin + 1]));
}

}  // namespace

bool ReadsAsProse(const std::vector<std::string_view>& lines, const std::vector<ProseUnit>& units, bool from_command) {
  const LineCounts counts = CountLines(lines);
  if (counts.filled == 0 || counts.coloured) return false;
  if (counts.messages >= kMinMessages && counts.messages * kMessageShare >= counts.filled) return false;
  const auto count_units = [&](const auto& is) {
    return static_cast<size_t>(std::count_if(units.begin(), units.end(), is));
  };
  const bool options = counts.options * 10 >= counts.filled * 4;
  if (!from_command) {
    const size_t headings = count_units([](const ProseUnit& unit) { return unit.heading > 0; });
    if (headings >= kMinHeadings && (counts.sentences + counts.options) * 10 >= counts.filled) return true;
    return counts.sentences * 10 >= counts.filled * 4 || options;
  }
  if (options || (counts.usage && counts.options * 10 >= counts.filled)) return true;
  const size_t headings = count_units([&](const ProseUnit& unit) { return IsHeadingByForm(lines, unit); });
  if (headings >= kMinHeadings && (counts.sentences + counts.options) * 10 >= counts.filled) return true;
  return counts.sentences >= kMinSentences && counts.sentences * 10 >= counts.filled * 6 &&
         counts.same_start * kSameStartShare <= counts.sentences;
}

}  // namespace headroom::text
