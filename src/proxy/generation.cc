#include "proxy/generation.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <utility>

#include "text/detect.h"

namespace headroom::proxy {

bool MatchesGlob(std::string_view pattern, std::string_view name) {
  const auto lower = [](char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); };
  // On a mismatch, let the last star take one more character.
  size_t p = 0;
  size_t n = 0;
  size_t star = std::string_view::npos;
  size_t taken = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      taken = n;
    } else if (p < pattern.size() && lower(pattern[p]) == lower(name[n])) {
      ++p;
      ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++taken;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

std::string Policy::ToText() const {
  std::string text = "compressors=" + std::to_string(compressors) + "\n";
  text.append("group_hits=").append(group_hits ? "1" : "0").append("\n");
  text.append("gaps=").append(GapsName(gaps)).append("\n");
  text.append("fold_reads=").append(fold_reads ? "1" : "0").append("\n");
  if (logins != Logins::kFull) text.append("oauth=").append(LoginsName(logins)).append("\n");
  for (const std::string& tool : protect_tools) text.append("protect_tool=").append(tool).append("\n");
  for (const ToolProfile& profile : tool_profiles) {
    text.append("tool_profile=").append(LevelName(profile.level)).append(" ").append(profile.tool).append("\n");
  }
  if (!learned.empty()) text.append("learned=").append(learned).append("\n");
  return text;
}

Policy Policy::FromText(std::string_view text) {
  Policy policy;
  policy.compressors = 1;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const size_t equals = line.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view name = line.substr(0, equals);
    const std::string_view value = line.substr(equals + 1);
    if (name == "compressors") std::from_chars(value.data(), value.data() + value.size(), policy.compressors);
    if (name == "gaps") policy.gaps = ParseGaps(value).value_or(Gaps::kOff);
    if (name == "oauth") policy.logins = ParseLogins(value).value_or(Logins::kOff);
    if (name == "fold_reads") policy.fold_reads = value == "1";
    if (name == "tool_profile") {
      const size_t blank = value.find(' ');
      const std::optional<text::Level> level = ParseLevel(value.substr(0, blank));
      if (level.has_value()) policy.tool_profiles.push_back({std::string(value.substr(blank + 1)), *level});
    }
    if (name == "group_hits") policy.group_hits = value == "1";
    if (name == "learned") policy.learned = value;
    if (name == "protect_tool") policy.protect_tools.emplace_back(value);
  }
  return policy;
}

bool Policy::Protects(std::string_view tool_name) const {
  return std::any_of(protect_tools.begin(), protect_tools.end(),
                     [&](const std::string& pattern) { return MatchesGlob(pattern, tool_name); });
}

text::Level Policy::LevelOf(std::string_view tool_name) const {
  for (const ToolProfile& profile : tool_profiles) {
    if (MatchesGlob(profile.tool, tool_name)) return profile.level;
  }
  return DefaultLevel(tool_name);
}

namespace {

constexpr std::array<std::pair<std::string_view, text::Level>, 4> kLevels = {
    {{"off", text::Level::kOff},
     {"conservative", text::Level::kConservative},
     {"moderate", text::Level::kModerate},
     {"aggressive", text::Level::kAggressive}}};
constexpr std::array<std::pair<std::string_view, Gaps>, 3> kGaps = {
    {{"off", Gaps::kOff}, {"auto", Gaps::kAuto}, {"on", Gaps::kOn}}};
constexpr std::array<std::pair<std::string_view, Logins>, 3> kLogins = {
    {{"full", Logins::kFull}, {"lossless", Logins::kLossless}, {"off", Logins::kOff}}};

template <typename Value, size_t kSize>
std::string_view NameIn(const std::array<std::pair<std::string_view, Value>, kSize>& table, Value value) {
  for (const auto& [name, candidate] : table) {
    if (candidate == value) return name;
  }
  return "";
}

template <typename Value, size_t kSize>
std::optional<Value> ValueIn(const std::array<std::pair<std::string_view, Value>, kSize>& table,
                             std::string_view name) {
  for (const auto& [candidate, value] : table) {
    if (candidate == name) return value;
  }
  return std::nullopt;
}

}  // namespace

std::string_view LevelName(text::Level level) { return NameIn(kLevels, level); }
std::optional<text::Level> ParseLevel(std::string_view name) { return ValueIn(kLevels, name); }

std::string_view LoginsName(Logins logins) { return NameIn(kLogins, logins); }
std::optional<Logins> ParseLogins(std::string_view name) { return ValueIn(kLogins, name); }

std::string_view GapsName(Gaps gaps) { return NameIn(kGaps, gaps); }
std::optional<Gaps> ParseGaps(std::string_view name) { return ValueIn(kGaps, name); }

text::Level DefaultLevel(std::string_view tool_name) {
  // Claude Code, Codex, Cursor, opencode, Qwen Code and the file servers of MCP; bare names, lower case.
  static constexpr std::array<std::string_view, 17> kCareful = {"agent",
                                                                "codebase_search",
                                                                "dispatch_agent",
                                                                "file_search",
                                                                "find",
                                                                "glob",
                                                                "glob_file_search",
                                                                "grep",
                                                                "grep_search",
                                                                "list",
                                                                "list_dir",
                                                                "list_directory",
                                                                "ls",
                                                                "search_file_content",
                                                                "search_files",
                                                                "skill",
                                                                "task"};
  static constexpr std::array<std::string_view, 8> kFree = {"browser_snapshot", "fetch",    "fetch_html", "web_fetch",
                                                            "web_search",       "webfetch", "websearch",  "webpage"};
  const std::string_view bare = text::BareToolName(tool_name);
  std::string name(bare);
  for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (std::find(kCareful.begin(), kCareful.end(), name) != kCareful.end()) return text::Level::kConservative;
  if (std::find(kFree.begin(), kFree.end(), name) != kFree.end()) return text::Level::kAggressive;
  return text::Level::kModerate;
}

}  // namespace headroom::proxy
