// Spans of a text that tend to differ from one request to the next: dates,
// times, UUIDs, ids, counters.
//
//   Today is 2026-11-24, session 9f1c2ab44e0d77aa, turn 17.
//            ^date               ^id                    ^number
//
// By shape alone: a word is never one, whatever stands before it, so prose such
// as "provide valid code and keep the user informed" has none. That a span can
// change does not say that it does; cache_aligner.h compares.
//
// Pure; thread-safe.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::proxy {

enum class VolatileKind : uint8_t {
  kDate,    // 2026-11-24, 24.11.2026, 11/24/2026, November 24, 2026
  kTime,    // 14:05, 2:05:09 PM, also together with a date: 2026-11-24T14:05:09Z
  kUuid,    // 8-4-4-4-12 hexadecimal digits
  kId,      // hexadecimal of 16 or more, prefix_ and 12 or more, 20 or more letters and digits mixed
  kNumber,  // any other run of digits that stands alone
};

// "date", "time", "uuid", "id", "number".
std::string_view VolatileKindName(VolatileKind kind);

struct VolatileSpan {
  size_t begin = 0;
  size_t end = 0;
  VolatileKind kind = VolatileKind::kNumber;
};

// In the order of the text, not overlapping. Cost: O(bytes); bench/proxy:
// VolatileSpansOf50KB.
std::vector<VolatileSpan> FindVolatileSpans(std::string_view text);

}  // namespace headroom::proxy
