// The spellings under which one model is asked for.
//
//   "openrouter/anthropic/claude-opus-4.5:thinking", "claude-opus-5@20260801",
//   "us.anthropic.claude-sonnet-4-5-20250929-v1:0", "claude-sonnet-4-6[1m]",
//   "gpt-5.5-2026-04-23", "chatgpt-4o-latest"
//
// Thread-safe.

#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace headroom::policy {

// `model` without surrounding blanks, in lower case (ASCII).
std::string LowerName(std::string_view model);

// Spellings to try, best first, the name itself first, without repetition. At
// most eight. Requires lower case.
std::vector<std::string> Spellings(std::string_view name);

// The bare name: without vendors before it, dates, versions and options after
// it. "us.anthropic.claude-sonnet-4-5-20250929-v1:0" -> "claude-sonnet-4-5".
std::string BareName(std::string_view name);

// The name's last part taken off, at - . : _ or @; "" when there was one part.
std::string_view ShorterStem(std::string_view stem);

// Whether `id` is `stem` or goes on with another part: "gpt-5.5" after "gpt-5".
bool IsOfStem(std::string_view id, std::string_view stem);

}  // namespace headroom::policy
