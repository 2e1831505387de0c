// Patterns as JSON: the file that outlives the process, exports and imports.
//
//   { "version": "1.0", "export_timestamp": 1764000000, "instance_id": "<16 hex>",
//     "patterns": { "<signature>": { "total_compressions": 12, ... } },
//     "tenants": { "<tenant>": { "<signature>": { ... } } } }
//
// Ids, names, words and queries stand in it as hashes under the installation's
// key, of which instance_id tells; strategies are the compressors' rules. A file
// made under another key is refused: none of its hashes would ever be met again.
//
// Thread-safe; several processes may use one path.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "learning/keyed_hash.h"
#include "learning/patterns.h"

namespace headroom::learning {

inline constexpr size_t kMaxPatternFileBytes = size_t{32} << 20;

// Of who contributed to a pattern: their ids, or how many they are.
enum class Contributors { kNamed, kCounted };

// One pattern as a JSON object, derived figures included (rates, confidence, recommendation).
std::string PatternJson(const PatternKey& key, const Pattern& pattern, Contributors contributors);

// Rows or lines that an excerpt would show, on average; 0 where none was made.
uint64_t ItemsToKeep(const Pattern& pattern);

std::string InstanceId(const KeyedHash& hash);

std::string WritePatterns(const Patterns& patterns, const KeyedHash& hash, int64_t unix_seconds);

// Unknown members are ignored, derived ones not read. More patterns than `limits` admit: those used longest ago go.
// Errors: kDataLoss            not such a file, or one of more than 65,536 patterns
//         kFailedPrecondition  made under another key
//         kResourceExhausted   larger than kMaxPatternFileBytes
// Cost: O(bytes).
Result<Patterns> ReadPatterns(std::string_view text, const KeyedHash& hash, Patterns::Limits limits = {});

// The file at `path`; no patterns where there is none. Errors: as ReadPatterns, kUnavailable.
Result<Patterns> LoadPatterns(const std::string& path, const KeyedHash& hash, Patterns::Limits limits = {});

// Changes the file at `path` under a lock that other processes heed: reads it, lets `change` work on what it has,
// and puts the new file in its place whole, mode 0600. What cannot be read is kept as "<path>.unreadable".
// Returns what the file has now. Errors: kUnavailable; then the file is as it was.
Result<Patterns> ChangePatterns(const std::string& path, const KeyedHash& hash, int64_t unix_seconds,
                                const std::function<void(Patterns&)>& change, Patterns::Limits limits = {});

// Whole files, for export and import. Errors: kUnavailable, kResourceExhausted (larger than kMaxPatternFileBytes).
Result<std::string> ReadWholeFile(const std::string& path);
Status ReplaceFile(const std::string& path, std::string_view text);

}  // namespace headroom::learning
