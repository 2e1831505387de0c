// A generation is one state of policy: version of the compressors and the
// settings that decide. Conversations under way keep theirs, new ones get the
// newest, so that a changed setting never changes bytes already sent.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "text/compressor.h"

namespace headroom::proxy {

// How far the results of some tools are shortened.
struct ToolProfile {
  std::string tool;  // name or glob with '*', case ignored
  text::Level level = text::Level::kModerate;

  bool operator==(const ToolProfile&) const = default;
};

// Where parts of a result may be left out: kAuto where the model can fetch the
// original in the conversation.
enum class Gaps : uint8_t { kOff, kAuto, kOn };

// What is done to requests of logins (OAuth bearers of subscriptions): as with keys, only what loses nothing, or
// nothing at all.
enum class Logins : uint8_t { kFull, kLossless, kOff };

struct Policy {
  // Raised whenever a compressor may give other bytes for the same input.
  static constexpr uint32_t kCompressors = 4;

  uint32_t compressors = kCompressors;
  bool group_hits = false;  // search hits under one path per file
  Gaps gaps = Gaps::kOff;
  Logins logins = Logins::kFull;
  bool fold_reads = false;                 // with gaps: also in file reads
  std::vector<std::string> protect_tools;  // names or globs with '*', case ignored
  std::vector<ToolProfile> tool_profiles;  // the first that matches; else DefaultLevel
  std::string learned;                     // digest of the recommendations that decide, "" for none

  bool operator==(const Policy&) const = default;

  // One line per setting. FromText ignores lines it does not know: they come
  // from another version.
  std::string ToText() const;
  static Policy FromText(std::string_view text);

  bool Protects(std::string_view tool_name) const;
  text::Level LevelOf(std::string_view tool_name) const;
};

// "off", "auto", "on".
std::string_view GapsName(Gaps gaps);
std::optional<Gaps> ParseGaps(std::string_view name);

// "full", "lossless", "off".
std::string_view LoginsName(Logins logins);
std::optional<Logins> ParseLogins(std::string_view name);

// "conservative", "moderate", "aggressive", "off".
std::string_view LevelName(text::Level level);
std::optional<text::Level> ParseLevel(std::string_view name);

// What the tools of common agents deserve: what a search found and what another agent
// reports is cut with care, a page from the web freely. Cost: O(name).
text::Level DefaultLevel(std::string_view tool_name);

// "mcp__*__write" matches "mcp__fs__write"; case ignored. Cost: O(name * pattern).
bool MatchesGlob(std::string_view pattern, std::string_view name);

}  // namespace headroom::proxy
