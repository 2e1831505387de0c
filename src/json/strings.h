// JSON string literals, decoded and encoded.
//
// Decoding is total over what JSON text can hold in UTF-8, lone surrogate
// escapes included ("\ud83d" alone, common in truncated emoji): they decode to
// the three WTF-8 bytes of the surrogate and encode back to the same escape.
// Thread-safe.

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace headroom::json {

// Decodes the inside of a literal (without its quotes). Nothing on a malformed
// escape or a raw control character. Cost: O(bytes), one copy.
std::optional<std::string> Unescape(std::string_view inside);

// True when every escape in `inside` is well-formed, so that Unescape succeeds.
// Requires that it has no raw control characters.
bool HasValidEscapes(std::string_view inside);

// True when `inside` has no escape, so that it is its own decoded text.
bool IsPlain(std::string_view inside);

// Appends the literal of `text` with its quotes: \" \\ \b \f \n \r \t, other
// control characters and lone surrogates as \u00xx (lower case), all else as is.
void AppendQuoted(std::string_view text, std::string& out);
std::string Quote(std::string_view text);

}  // namespace headroom::json
