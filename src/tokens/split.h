// Cuts text into pieces, the way each vocabulary was trained on: tokens never
// cross the end of a piece.
//
//   o200k    I've| set| up| the| get|HTTPServer|!\n
//   cl100k   I|'ve| set| up| the| getHTTPServer|!\n
//
// The rules are published as regular expressions with look-ahead and
// backtracking. Here each is written out as a scan that looks at every character
// a fixed number of times, so cost is linear on any text: bench/tokens split/*.
// The pieces equal npm tiktoken 1.0.22's (encoders/*.json, pat_str).

#pragma once

namespace headroom::tokens {

// The end of the piece that starts at `begin`; requires begin < end. Consecutive
// calls cover the text: a piece is never empty and never leaves [begin, end).
using PieceEndFn = const char* (*)(const char* begin, const char* end);

// [^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?
// |[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?
// |\p{N}{1,3}
// | ?[^\s\p{L}\p{N}]+[\r\n/]*
// |\s*[\r\n]+
// |\s+(?!\S)
// |\s+
const char* O200kPieceEnd(const char* begin, const char* end);

// (?i:'s|'t|'re|'ve|'m|'ll|'d)
// |[^\r\n\p{L}\p{N}]?\p{L}+
// |\p{N}{1,3}
// | ?[^\s\p{L}\p{N}]+[\r\n]*
// |\s*[\r\n]+
// |\s+(?!\S)
// |\s+
const char* Cl100kPieceEnd(const char* begin, const char* end);

}  // namespace headroom::tokens
