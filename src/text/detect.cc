#include "text/detect.h"

#include <algorithm>
#include <array>
#include <vector>

#include "text/compressor.h"
#include "text/html_pieces.h"
#include "text/line_text.h"
#include "text/log_lines.h"
#include "text/log_roles.h"
#include "text/path_list.h"
#include "text/search_excerpt_hits.h"
#include "text/search_hits.h"

namespace headroom::text {
namespace {

constexpr size_t kSampleLines = 200;
constexpr size_t kSampleBytes = 64 * 1024;
constexpr size_t kDiffLines = 50;

// The first lines of a text; a line longer than the sample is cut.
LineText Sample(std::string_view text) {
  LineText sample = SplitLines(text.substr(0, kSampleBytes));
  if (text.size() > kSampleBytes && sample.lines.size() > 1) sample.lines.pop_back();
  if (sample.lines.size() > kSampleLines) sample.lines.resize(kSampleLines);
  return sample;
}

size_t Filled(const LineText& sample) {
  return static_cast<size_t>(std::count_if(sample.lines.begin(), sample.lines.end(),
                                           [](std::string_view line) { return !Trim(line).empty(); }));
}

bool StartsWithAny(std::string_view line, const auto& starts) {
  return std::any_of(std::begin(starts), std::end(starts),
                     [&](std::string_view start) { return line.starts_with(start); });
}

// JSON by its first bytes and what its lines begin and end with; nothing is parsed.
bool LooksLikeJson(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r\n");
  const size_t last = text.find_last_not_of(" \t\r\n");
  if (first == std::string_view::npos || last == first) return false;
  const char open = text[first];
  const char close = text[last];
  if (!(open == '{' && close == '}') && !(open == '[' && close == ']')) return false;
  const size_t inner = text.find_first_not_of(" \t\r\n", first + 1);
  const char next = text[inner];
  if (open == '{') return next == '"' || next == '}';
  return std::string_view("{[\"]-tfn").find(next) != std::string_view::npos || IsDigit(next);
}

bool IsHunkHeader(std::string_view line) {
  if (!line.starts_with("@@ -")) return false;
  const size_t plus = line.find(" +", 4);
  return plus != std::string_view::npos && line.find(" @@", plus) != std::string_view::npos;
}

std::string_view WithoutColour(std::string_view line) {
  while (line.starts_with("\x1b[")) {
    const size_t end = line.find('m');
    if (end == std::string_view::npos || end > 12) break;
    line.remove_prefix(end + 1);
  }
  return line;
}

bool LooksLikeDiff(const LineText& sample) {
  static constexpr std::array<std::string_view, 4> kHeaders = {"diff --git ", "diff --cc ", "--- a/", "Index: "};
  size_t headers = 0;
  size_t changes = 0;
  for (size_t i = 0; i < std::min(sample.lines.size(), kDiffLines); ++i) {
    const std::string_view line = WithoutColour(sample.lines[i]);
    const bool pair = line.starts_with("--- ") && i + 1 < sample.lines.size() &&
                      WithoutColour(sample.lines[i + 1]).starts_with("+++ ");
    if (StartsWithAny(line, kHeaders) || pair || IsHunkHeader(line)) {
      ++headers;
    } else if (line.size() > 1 && (line[0] == '+' || line[0] == '-') && line[1] != line[0]) {
      ++changes;
    }
  }
  return headers > 0 && 10 + 4 * headers + changes >= 14;
}

// Words of a severity, as programs write them.
bool HasLevel(std::string_view line) {
  static constexpr std::array<std::string_view, 12> kLevels = {
      "ERROR",  "WARN",     "INFO",   "DEBUG",  "FATAL",  "TRACE",
      "error:", "warning:", "error[", "PASSED", "FAILED", "SKIPPED"};
  const std::string_view head = line.substr(0, 160);
  return std::any_of(kLevels.begin(), kLevels.end(),
                     [&](std::string_view level) { return head.find(level) != std::string_view::npos; });
}

// "12:34:56" within the first bytes: nearly every timestamp has it.
bool HasTime(std::string_view line) {
  const std::string_view head = line.substr(0, 48);
  for (size_t at = head.find(':'); at != std::string_view::npos && at + 5 < head.size(); at = head.find(':', at + 1)) {
    if (at >= 2 && IsDigit(head[at - 1]) && IsDigit(head[at - 2]) && IsDigit(head[at + 1]) && IsDigit(head[at + 2]) &&
        head[at + 3] == ':' && IsDigit(head[at + 4]) && IsDigit(head[at + 5])) {
      return true;
    }
  }
  return false;
}

// "12:5: error: ..." behind a path: a compiler or linter speaks, nothing was searched.
bool IsDiagnostic(std::string_view rest) {
  const std::string_view head = rest.substr(0, 32);
  for (const std::string_view word :
       {": error", ": warning", ": note", ": fatal", ": remark", ": Error", ": Warning"}) {
    if (head.find(word) != std::string_view::npos) return true;
  }
  return false;
}

bool IsLogLine(std::string_view line) {
  static constexpr std::array<std::string_view, 14> kStarts = {
      "===", "---",     "npm ERR!", "npm WARN", "Traceback (most recent", "[INFO]", "[ERROR]", "[WARN", "test ",
      "ok ", "not ok ", "--- FAIL", "-- ",      "   Compiling "};
  if (HasTime(line) || HasLevel(line) || StartsWithAny(line, kStarts)) return true;
  if (const SearchHit hit = ReadMatchLine(line); hit.is_hit() && IsDiagnostic(hit.rest)) return true;
  const std::string_view trimmed = Trim(line);
  return trimmed.starts_with("at ") && trimmed.ends_with(')');
}

bool LooksLikeSearch(const LineText& sample, size_t filled) {
  size_t hits = 0;
  size_t diagnostics = 0;
  const std::vector<SearchHit> read = ReadSearchHits(sample.lines);
  for (const SearchHit& hit : read) {
    hits += hit.is_hit() ? 1 : 0;
    diagnostics += hit.is_hit() && IsDiagnostic(hit.rest) ? 1 : 0;
  }
  return hits >= 2 && hits * 10 >= filled * 3 && diagnostics * 2 < hits;
}

bool LooksLikeLog(const LineText& sample, size_t filled) {
  const auto hits = static_cast<size_t>(std::count_if(sample.lines.begin(), sample.lines.end(), IsLogLine));
  return hits >= 2 && hits * 10 >= filled;
}

// A compiler's diagnostics: the source lines it quotes below them make no file of code.
bool LooksLikeDiagnostics(const LineText& sample, size_t filled) {
  const auto is_one = [](std::string_view line) { return DiagnosticMessage(line) != std::string_view::npos; };
  const auto found = static_cast<size_t>(std::count_if(sample.lines.begin(), sample.lines.end(), is_one));
  return found >= 2 && found * 10 >= filled;
}

// The report of a test run, or a trace: verdicts, titles between rulers, frames. The code it quotes makes no
// file of code, the docstrings it shows no prose.
bool LooksLikeTestReport(const LineText& sample, size_t filled) {
  size_t titles = 0;
  size_t verdicts = 0;
  size_t progress = 0;
  size_t frames = 0;
  for (const std::string_view line : sample.lines) {
    const LogRole role = RoleOf(line);
    titles += role == LogRole::kTitle && (line[0] == '=' || line[0] == '_') ? 1 : 0;
    verdicts += role == LogRole::kPassed || role == LogRole::kFailedTest ? 1 : 0;
    progress += role == LogRole::kProgress ? 1 : 0;
    frames += Trim(line).starts_with("File \"") && line.find("\", line ") != std::string_view::npos ? 1 : 0;
  }
  return titles >= 2 || (verdicts >= 3 && verdicts * 10 >= filled) || (progress >= 5 && progress * 3 >= filled) ||
         (frames >= 3 && frames * 5 >= filled);
}

// Lines that only source code has: declarations at the start, or statement ends. Code in fences is part of a
// text about it.
bool LooksLikeCode(const LineText& sample, size_t filled) {
  static constexpr std::array<std::string_view, 30> kStarts = {
      "import ",  "from ",      "def ",    "class ",   "func ",     "fn ",        "pub ",      "package ",
      "#include", "#define",    "#ifdef",  "#ifndef",  "using ",    "namespace ", "template<", "template <",
      "export ",  "const ",     "let ",    "var ",     "function ", "async ",     "static ",   "struct ",
      "impl ",    "interface ", "public ", "private ", "return ",   "if ("};
  size_t declarations = 0;
  size_t endings = 0;
  bool fenced = false;
  for (const std::string_view line : sample.lines) {
    const std::string_view code = Trim(line);
    if (code.starts_with("```")) fenced = !fenced;
    if (code.empty() || fenced) continue;
    declarations += StartsWithAny(code, kStarts) ? 1 : 0;
    const char last = code.back();
    const bool python =
        last == ':' && (code.starts_with("if ") || code.starts_with("for ") || code.starts_with("def ") ||
                        code.starts_with("class ") || code.starts_with("else"));
    endings += last == ';' || last == '{' || last == '}' || python || code.starts_with("//") ? 1 : 0;
  }
  return declarations >= 3 && (declarations + endings) * 10 >= filled * 3;
}

// Rows with equally many delimiters, or many gaps of two and more blanks.
bool LooksLikeTable(const LineText& sample, size_t filled) {
  for (const char delimiter : {'\t', '|', ','}) {
    size_t rows = 0;
    ptrdiff_t columns = 0;
    for (const std::string_view line : sample.lines) {
      const ptrdiff_t count = std::count(line.begin(), line.end(), delimiter);
      if (rows == 0) columns = count;
      rows += count > 0 && count == columns ? 1 : 0;
    }
    if (rows >= 3 && rows * 10 >= filled * 7) return true;
  }
  size_t gaps = 0;
  for (const std::string_view line : sample.lines) {
    const std::string_view row = Trim(line);
    const size_t gap = row.find("  ");
    gaps += gap != std::string_view::npos && row.find("  ", row.find_first_not_of(' ', gap)) != std::string_view::npos
                ? 1
                : 0;
  }
  return gaps >= 3 && gaps * 10 >= filled * 7;
}

}  // namespace

std::string_view BareToolName(std::string_view tool_name) {
  for (const std::string_view divider : {"__", ".", "/", ":"}) {
    const size_t at = tool_name.rfind(divider);
    if (at != std::string_view::npos && at + divider.size() < tool_name.size())
      tool_name.remove_prefix(at + divider.size());
  }
  return tool_name;
}

bool IsShellTool(std::string_view tool_name) {
  static constexpr std::array<std::string_view, 18> kNames = {"bash",
                                                              "shell",
                                                              "sh",
                                                              "zsh",
                                                              "powershell",
                                                              "pwsh",
                                                              "cmd",
                                                              "terminal",
                                                              "exec",
                                                              "exec_command",
                                                              "local_shell",
                                                              "run_shell_command",
                                                              "run_terminal_cmd",
                                                              "run_terminal_command",
                                                              "execute_command",
                                                              "run_command",
                                                              "execute_bash",
                                                              "shell_command"};
  const std::string name = LowerCase(BareToolName(tool_name).substr(0, 64));
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

Kind DetectKind(const Input& input) {
  if (LooksLikeJson(input.text)) return Kind::kJson;
  if (LooksLikeHtml(input.text)) return Kind::kHtml;
  const LineText sample = Sample(input.text);
  const size_t filled = Filled(sample);
  if (filled == 0) return Kind::kPlain;
  if (LooksLikeDiff(sample)) return Kind::kDiff;
  if (LooksLikeSearch(sample, filled) || LooksLikeHeadedSearch(sample.lines) || LooksLikePathList(sample)) {
    return Kind::kSearch;
  }
  if (LooksLikeDiagnostics(sample, filled) || LooksLikeTestReport(sample, filled)) return Kind::kLog;
  if (LooksLikeCode(sample, filled)) return Kind::kCode;
  if (LooksLikeLog(sample, filled)) return Kind::kLog;
  if (LooksLikeTable(sample, filled)) return Kind::kTable;
  return Kind::kPlain;
}

std::string_view KindName(Kind kind) {
  switch (kind) {
    case Kind::kPlain:
      return "plain";
    case Kind::kJson:
      return "json";
    case Kind::kSearch:
      return "search";
    case Kind::kLog:
      return "log";
    case Kind::kDiff:
      return "diff";
    case Kind::kCode:
      return "code";
    case Kind::kTable:
      return "table";
    case Kind::kHtml:
      return "html";
  }
  return "plain";
}

}  // namespace headroom::text
