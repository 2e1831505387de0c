// Words that tell of errors, and what their neighbours make of them, for severity.h.
//
// Thread-safe.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace headroom::text {

enum class Tone : uint8_t { kNeutral, kWarning, kError };

// What the word at [begin, end) of `text` tells where it stands: its own tone, unless a
// count of zero, a negation, a name it is part of, or its value says otherwise.
// Requires a maximal run of word bytes. Cost: O(word).
Tone ToneOf(std::string_view text, size_t begin, size_t end);

}  // namespace headroom::text
