#include "proxy/generation.h"

#include <algorithm>
#include <cctype>

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
  for (const std::string& tool : protect_tools) text.append("protect_tool=").append(tool).append("\n");
  return text;
}

Policy Policy::FromText(std::string_view text) {
  Policy policy;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const size_t equals = line.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view name = line.substr(0, equals);
    const std::string_view value = line.substr(equals + 1);
    if (name == "group_hits") policy.group_hits = value == "1";
    if (name == "protect_tool") policy.protect_tools.emplace_back(value);
  }
  return policy;
}

bool Policy::Protects(std::string_view tool_name) const {
  return std::any_of(protect_tools.begin(), protect_tools.end(),
                     [&](const std::string& pattern) { return MatchesGlob(pattern, tool_name); });
}

}  // namespace headroom::proxy
