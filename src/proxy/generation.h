// A generation is one state of policy: version of the compressors and the
// settings that decide. Conversations under way keep theirs, new ones get the
// newest, so that a changed setting never changes bytes already sent.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::proxy {

struct Policy {
  // Raised whenever a compressor may give other bytes for the same input.
  static constexpr uint32_t kCompressors = 1;

  uint32_t compressors = kCompressors;
  bool group_hits = false;                 // search hits under one path per file
  std::vector<std::string> protect_tools;  // names or globs with '*', case ignored

  bool operator==(const Policy&) const = default;

  // One line per setting. FromText ignores lines it does not know: they come
  // from another version.
  std::string ToText() const;
  static Policy FromText(std::string_view text);

  bool Protects(std::string_view tool_name) const;
};

// "mcp__*__write" matches "mcp__fs__write"; case ignored. Cost: O(name * pattern).
bool MatchesGlob(std::string_view pattern, std::string_view name);

}  // namespace headroom::proxy
