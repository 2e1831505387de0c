#include "text/log_roles.h"

#include <algorithm>
#include <array>

namespace headroom::text {
namespace {

// The first and last bytes tell most lines apart without a call.
bool StartsWithAny(std::string_view line, const auto& starts) {
  return !line.empty() && std::any_of(starts.begin(), starts.end(), [&](std::string_view start) {
    return line[0] == start[0] && line.starts_with(start);
  });
}

bool EndsWithAny(std::string_view line, const auto& ends) {
  return !line.empty() && std::any_of(ends.begin(), ends.end(), [&](std::string_view end) {
    return line.back() == end.back() && line.ends_with(end);
  });
}

bool IsRulerByte(char c) { return c == '-' || c == '=' || c == '_' || c == '*' || c == '~' || c == '#' || c == '+'; }

// "=====", "_ _ _ _", "-----+-----".
bool IsRuler(std::string_view trimmed) {
  return trimmed.size() >= 3 && IsRulerByte(trimmed[0]) &&
         std::all_of(trimmed.begin(), trimmed.end(), [](char c) { return IsRulerByte(c) || c == ' ' || c == '|'; });
}

// "=== FAILURES ===", "____ test_a ____", "---- a::b stdout ----".
bool IsTitle(std::string_view trimmed) {
  if (trimmed.size() < 8) return false;
  const char c = trimmed[0];
  if (c != '=' && c != '_' && c != '-' && c != '*') return false;
  return trimmed[1] == c && trimmed[2] == c && trimmed.ends_with(std::string(3, c));
}

// "12%", "[ 12%]", "12/300" at the start.
bool CountsUp(std::string_view trimmed) {
  size_t at = 0;
  const bool open = trimmed[0] == '[' || trimmed[0] == '(';
  if (open) ++at;
  while (at < trimmed.size() && trimmed[at] == ' ') ++at;
  const size_t digits = LeadingDigits(trimmed.substr(at));
  if (digits == 0 || digits > 7) return false;
  at += digits;
  if (at >= trimmed.size()) return false;
  if (trimmed[at] == '%') return true;
  if (!open || trimmed[at] != '/') return false;
  const size_t total = LeadingDigits(trimmed.substr(at + 1));
  at += 1 + total;
  return total > 0 && at < trimmed.size() && (trimmed[at] == ']' || trimmed[at] == ')');
}

bool IsProgress(std::string_view trimmed) {
  static constexpr std::array<std::string_view, 40> kStarts = {"Compiling ",
                                                               "Downloading ",
                                                               "Downloaded ",
                                                               "Fetching ",
                                                               "Fetched ",
                                                               "Unpacking ",
                                                               "Checking ",
                                                               "Fresh ",
                                                               "Collecting ",
                                                               "Using cached",
                                                               "Get:",
                                                               "Preparing to unpack ",
                                                               "Selecting previously ",
                                                               "Setting up ",
                                                               "Processing triggers ",
                                                               "Receiving objects:",
                                                               "Resolving deltas:",
                                                               "remote: Counting ",
                                                               "remote: Compressing ",
                                                               "Counting objects:",
                                                               "Compressing objects:",
                                                               "Writing objects:",
                                                               "Updating files:",
                                                               "Requirement already satisfied",
                                                               "Pulling fs layer",
                                                               "npm http ",
                                                               "CC ",
                                                               "CXX ",
                                                               "AR ",
                                                               "LD ",
                                                               "Building CXX object ",
                                                               "Building C object ",
                                                               "Scanning dependencies",
                                                               "=== RUN ",
                                                               "=== CONT ",
                                                               "=== PAUSE ",
                                                               "[ RUN      ]",
                                                               "Extracting ",
                                                               "Linking ",
                                                               "Installing "};
  static constexpr std::array<std::string_view, 6> kLayers = {
      "Pulling fs layer", "Waiting", "Verifying Checksum", "Download complete", "Pull complete", "Already exists"};
  if (StartsWithAny(trimmed, kStarts) || CountsUp(trimmed)) return true;
  // docker pull: "3b9a0c4f: Pull complete"
  if (trimmed.size() > 14 && trimmed[12] == ':') {
    const std::string_view rest = Trim(trimmed.substr(13));
    return std::any_of(kLayers.begin(), kLayers.end(), [&](std::string_view end) { return rest.starts_with(end); });
  }
  // ctest: "      Start  3: name"
  return trimmed.starts_with("Start ") && trimmed.find(": ") != std::string_view::npos &&
         IsDigit(Trim(trimmed.substr(6))[0]);
}

bool NamesATest(std::string_view rest) {
  return rest.find("::") != std::string_view::npos || rest.find('/') != std::string_view::npos ||
         rest.find(".py") != std::string_view::npos;
}

// "[ 12%]" and "(0.3s)" behind a verdict.
std::string_view WithoutTail(std::string_view line) {
  if (line.ends_with("%]")) {
    const size_t open = line.rfind('[');
    if (open != std::string_view::npos) return TrimRight(line.substr(0, open));
  }
  return line;
}

bool IsFailedTest(std::string_view trimmed) {
  static constexpr std::array<std::string_view, 13> kStarts = {
      "FAIL: ",        "FAIL ",         "FAIL\t",    "--- FAIL:",     "not ok ",       "[  FAILED  ]", "\xe2\x9c\x95 ",
      "\xe2\x9c\x97 ", "\xe2\x9c\x98 ", "\xc3\x97 ", "\xe2\x97\x8f ", "\xe2\x9d\x8c ", "Error: Test "};
  static constexpr std::array<std::string_view, 7> kEnds = {"... FAILED", "... FAIL",     "... ERROR", " FAILED",
                                                            "(Failed)",   "<<< FAILURE!", "<<< ERROR!"};
  static constexpr std::array<std::string_view, 3> kVerdicts = {"***Failed", "***Exception", "***Timeout"};
  if (StartsWithAny(trimmed, kStarts)) return true;
  if (trimmed.starts_with("FAILED ") || trimmed.starts_with("ERROR ")) return NamesATest(trimmed);
  if (trimmed.starts_with("ERROR: ") && trimmed.ends_with(')')) return true;  // unittest: "ERROR: test_a (mod.Class)"
  const std::string_view line = WithoutTail(trimmed);
  if (EndsWithAny(line, kEnds)) return true;
  // ctest: "60/60 Test #60: a ....***Failed    0.31 sec"
  const size_t stars = line.ends_with(" sec") ? line.find("***") : std::string_view::npos;
  return stars != std::string_view::npos && StartsWithAny(line.substr(stars), kVerdicts);
}

bool IsDetail(std::string_view line, std::string_view trimmed) {
  static constexpr std::array<std::string_view, 14> kStarts = {
      "Expected:", "Received:", "Expected ", "Received ", "expected:", "actual:", "Actual:",
      "left: ",    "right: ",   "got: ",     "want: ",    "got ",      "want ",   "expect("};
  if (line.starts_with("E   ") || line == "E") return true;
  return StartsWithAny(trimmed, kStarts);
}

}  // namespace

LogRole RoleOf(std::string_view line) {
  const std::string_view trimmed = Trim(line);
  if (trimmed.empty()) return LogRole::kBlank;
  if (IsRuler(trimmed)) return LogRole::kRuler;
  if (IsTitle(trimmed)) return LogRole::kTitle;
  if (SaysPassed(line)) return LogRole::kPassed;
  if (IsFailedTest(trimmed)) return LogRole::kFailedTest;
  if (IsProgress(trimmed)) return LogRole::kProgress;
  if (IsDetail(line, trimmed)) return LogRole::kDetail;
  const size_t message = DiagnosticMessage(line);
  if (message == std::string_view::npos) return LogRole::kPlain;
  return line.substr(message).starts_with("note") ? LogRole::kNote : LogRole::kDiagnostic;
}

}  // namespace headroom::text
