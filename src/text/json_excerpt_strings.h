// Long strings of a JSON document, cut.
//
//   "iVBORw0KGgoAAAANSUhEUgAAA... bytes 33-48210 omitted ..."
//
// Bytes are counted inside of the quotes as the source spells them, from 1. The cut
// stands between characters and outside of escapes. Thread-safe.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace headroom::text {

inline constexpr size_t kMinOpaqueBytes = 200;  // shorter ids, hashes and addresses stay
inline constexpr size_t kMinLongBytes = 700;    // of prose

// Base64, hexadecimal digits and the like: long, without blanks, of their alphabet only.
// Cost: O(bytes) for those, O(1) for most others.
bool IsOpaque(std::string_view inside);

// Appends the string with its first `head` bytes or a few less and a mark, in quotes.
// Nothing is written of its first `skip` bytes. Requires skip + head < inside.size().
// Returns how many bytes were left out.
size_t AppendCutString(std::string_view inside, size_t skip, size_t head, std::string& out);

}  // namespace headroom::text
