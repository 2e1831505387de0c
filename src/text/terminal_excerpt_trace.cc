// strace and ltrace: thousands of calls of which the failed ones explain the outcome.
//
// Kept: the first call of each name, calls with an error that few have, the first and the last
// few of the frequent errors (a search path tried in vain is many ENOENT and then the one that
// counts), signals, exits, new programs, what was written to stderr, calls that took much longer
// than others, and what the program itself printed in between. Counter-example: "access() = -1
// ENOENT" three hundred times is a search path, one of each call stays.

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <string>

#include "text/salience.h"
#include "text/terminal_excerpt_readers.h"

namespace headroom::text {
namespace {

struct Call {
  std::string_view name;   // "" for a line that is no call
  std::string_view error;  // "ENOENT"
  bool is_event = false;   // a signal or an end: "--- SIGSEGV ---", "+++ exited with 1 +++"
  double seconds = -1;     // "<0.000012>" at the end
};

bool IsNameByte(char c) { return IsLetter(c) || IsDigit(c) || c == '_' || c == '.' || c == '@'; }

// The line without process number and time: "[pid 77] 12:01:02.3 openat(" gives "openat(".
std::string_view WithoutStamp(std::string_view line) {
  if (line.starts_with("[pid")) {
    const size_t close = line.find(']');
    if (close != std::string_view::npos) line = Trim(line.substr(close + 1));
  }
  for (int field = 0; field < 3; ++field) {
    const size_t blank = line.find(' ');
    if (blank == std::string_view::npos || blank == 0 || !IsDigit(line[0])) break;
    const std::string_view word = line.substr(0, blank);
    if (word.find_first_not_of("0123456789:.") != std::string_view::npos) break;
    line = Trim(line.substr(blank + 1));
  }
  return line;
}

double SecondsOf(std::string_view line) {
  if (!line.ends_with('>')) return -1;
  const size_t open = line.rfind('<');
  if (open == std::string_view::npos) return -1;
  double seconds = -1;
  const char* end = line.data() + line.size() - 1;
  const auto [at, error] = std::from_chars(line.data() + open + 1, end, seconds);
  return error == std::errc() && at == end ? seconds : -1;
}

// "E" and capitals after "= -1 " or "= ? ".
std::string_view ErrorOf(std::string_view line) {
  const size_t result = line.rfind(" = ");
  if (result == std::string_view::npos) return {};
  std::string_view rest = line.substr(result + 3);
  if (!rest.starts_with("-1 ") && !rest.starts_with("? ")) return {};
  rest.remove_prefix(rest.find(' ') + 1);
  size_t length = 0;
  while (length < rest.size() && ((rest[length] >= 'A' && rest[length] <= 'Z') || IsDigit(rest[length]))) ++length;
  return rest.starts_with('E') || rest.starts_with('?') ? rest.substr(0, length) : std::string_view{};
}

Call ReadCall(std::string_view line) {
  line = WithoutStamp(line);
  Call call;
  if (line.starts_with("--- ") || line.starts_with("+++ ")) {
    call.is_event = true;
    return call;
  }
  if (line.starts_with("<... ")) {
    const size_t end = line.find(' ', 5);
    call.name = line.substr(5, end == std::string_view::npos ? 0 : end - 5);
  } else {
    size_t end = 0;
    while (end < line.size() && (IsNameByte(line[end]) || line.substr(end).starts_with("->"))) {
      end += IsNameByte(line[end]) ? 1 : 2;
    }
    if (end == 0 || end >= line.size() || line[end] != '(' || IsDigit(line[0])) return call;
    if (line.find(" = ", end) == std::string_view::npos && !line.ends_with("<unfinished ...>") &&
        !line.ends_with("<no return ...>")) {
      return call;
    }
    call.name = line.substr(0, end);
  }
  call.error = ErrorOf(line);
  call.seconds = SecondsOf(line);
  return call;
}

bool StartsProgram(std::string_view name) {
  static constexpr std::array<std::string_view, 7> kNames = {"execve", "execveat", "exit_group", "kill",
                                                             "tgkill", "abort",    "exit"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

bool WritesToStderr(std::string_view line) { return WithoutStamp(line).starts_with("write(2,"); }

constexpr size_t kFrequentError = 6;  // an error that more calls have is kept in samples
constexpr size_t kSearchPath = 30;    // one that yet more have is a search in vain: its calls are only kept as samples
constexpr size_t kErrorsKept = 2;     // of a frequent one, at either end
constexpr size_t kLastErrors = 6;     // before the end, whatever they are
constexpr size_t kEventsKept = 40;    // signals, exits, programs
constexpr size_t kPrintedKept = 40;   // lines that are no calls
constexpr size_t kSlowKept = 10;

// Keeps the first and last `each` of `lines`, all when they are at most twice as many.
void KeepBothEnds(const std::vector<size_t>& lines, size_t each, TerminalChoice* choice) {
  for (size_t i = 0; i < lines.size(); ++i) {
    if (i < each || i + each >= lines.size()) choice->Keep(lines[i]);
  }
}

void KeepSlow(const std::vector<Call>& calls, TerminalChoice* choice) {
  std::vector<double> seconds;
  std::vector<size_t> at;
  for (size_t i = 0; i < calls.size(); ++i) {
    if (calls[i].seconds < 0) continue;
    seconds.push_back(calls[i].seconds);
    at.push_back(i);
  }
  std::vector<size_t> slow = Outliers(seconds, 20);
  std::stable_sort(slow.begin(), slow.end(), [&](size_t a, size_t b) { return seconds[a] > seconds[b]; });
  if (slow.size() > kSlowKept) slow.resize(kSlowKept);
  for (const size_t i : slow) choice->Keep(at[i]);
}

}  // namespace

bool ReadsAsCallTrace(const Lines& sample) {
  size_t calls = 0;
  for (const std::string_view line : sample) {
    const Call call = ReadCall(line);
    calls += call.is_event || !call.name.empty() ? 1 : 0;
  }
  return sample.size() >= 10 && calls * 10 >= sample.size() * 7;
}

void ChooseCallTrace(TerminalChoice* choice) {
  std::vector<Call> calls(choice->size());
  std::map<std::string_view, std::vector<size_t>> by_name;
  std::map<std::pair<std::string_view, std::string_view>, std::vector<size_t>> by_error;
  std::vector<size_t> errors, events, printed, to_stderr;
  for (size_t i = 0; i < choice->size(); ++i) {
    const Call& call = calls[i] = ReadCall(choice->line(i));
    if (call.is_event || StartsProgram(call.name)) events.push_back(i);
    if (!call.name.empty() || call.is_event) choice->Tag(i, LineTag::kCalls);
    if (call.name.empty()) {
      if (!call.is_event && !Trim(choice->line(i)).empty()) printed.push_back(i);
      continue;
    }
    by_name[call.name].push_back(i);
    if (WritesToStderr(choice->line(i))) to_stderr.push_back(i);
    if (call.error.empty()) continue;
    errors.push_back(i);
    by_error[{call.name, call.error}].push_back(i);
  }
  for (const auto& [name, lines] : by_name) choice->Keep(lines.front());
  for (const auto& [key, lines] : by_error) {
    KeepBothEnds(lines, lines.size() <= kFrequentError ? lines.size() : kErrorsKept, choice);
    if (lines.size() > kSearchPath) continue;
    for (const size_t line : lines) choice->Offer(line, 0.05);
  }
  KeepBothEnds(events, kEventsKept / 2, choice);
  KeepBothEnds(printed, kPrintedKept / 2, choice);
  KeepBothEnds(to_stderr, kPrintedKept / 2, choice);
  for (size_t i = errors.size() - std::min(errors.size(), kLastErrors); i < errors.size(); ++i) {
    choice->Keep(errors[i]);
  }
  KeepSlow(calls, choice);
  choice->KeepAsked();
  choice->KeepEnds(1, 4);
}

}  // namespace headroom::text
