// What commands say and how they end. Thread-safe.

#pragma once

#include <string>
#include <string_view>

namespace headroom::cli {

// Exit statuses that mean the same for every command.
inline constexpr int kFailed = 1;      // a file, the network or the output failed
inline constexpr int kUsageError = 2;  // an option or a setting cannot be read

// "headroom: SENTENCE" on stderr. Returns `exit_status`.
int Fail(int exit_status, const std::string& sentence);

// `text` on stdout, flushed. Returns 0, or kFailed with a sentence on stderr.
int Print(std::string_view text);

// A mistake in how `command` was called. Returns kUsageError.
int FailUsage(const std::string& sentence, std::string_view command);
// The sentence that FailUsage prints; without a command ("") it points to the list of commands.
std::string UsageSentence(std::string sentence, std::string_view command);

}  // namespace headroom::cli
