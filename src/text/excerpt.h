// The gaps step: what is left out of a result when the original can be fetched.
//
//   query (what is asked) ─┐
//   salience (what stands  ├─► which units to keep ─► text with gap marks ─► lossless step ─► closing marker
//   out by itself)        ─┘
//
// Each kind parses the text into its units (lines, rows, hunks, sections), keeps
// what must survive, fills up to a share of the tokens with what scores best,
// and marks every gap where it is, in the source's units. It leaves nothing out
// by guessing: where the units do not tell important from unimportant, or a
// gap would save little, it returns nothing.
//
// Pure functions: no clock, no randomness, no unordered iteration in the output.
// Cost of each: O(bytes) or O(n log n). Thread-safe.

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "text/compressor.h"
#include "text/query.h"

namespace headroom::text {

struct ExcerptInput {
  const Input& input;     // the tool call, settings; input.text is the whole result
  std::string_view text;  // what to excerpt: input.text or a part of it
  size_t first_line = 1;  // the number of text's first line in the result
  bool is_part = false;   // other text follows: nothing may be said that holds "for each line below"
  const Query& query;
  double share = 0.35;  // of the text's tokens that filling up may reach; what must survive may exceed it
  const Expired& expired;

  bool late() const { return expired && expired(); }
};

struct Excerpt {
  // With gap marks, without the closing marker. Empty where the form is known and all of it should stay: no
  // other reader of lines is then asked.
  std::string text;
  Kind kind = Kind::kPlain;
  std::string_view rule;  // static: "log_excerpt", "json_excerpt", ...
  Omission omitted;
};

// Each returns nothing for text that is not of its shape, below its floor, dense
// throughout, or when the deadline passed.
std::optional<Excerpt> ExcerptJson(const ExcerptInput& in);      // JSON, JSON Lines, documents in text
std::optional<Excerpt> ExcerptLog(const ExcerptInput& in);       // logs, builds, tests, terminal output
std::optional<Excerpt> ExcerptSearch(const ExcerptInput& in);    // hits and listed paths
std::optional<Excerpt> ExcerptDiff(const ExcerptInput& in);      // unified, git, combined
std::optional<Excerpt> ExcerptCode(const ExcerptInput& in);      // bodies folded in place
std::optional<Excerpt> ExcerptHtml(const ExcerptInput& in);      // main content as Markdown
std::optional<Excerpt> ExcerptTable(const ExcerptInput& in);     // aligned, delimited and drawn tables
std::optional<Excerpt> ExcerptProse(const ExcerptInput& in);     // prose, Markdown, man pages
std::optional<Excerpt> ExcerptTerminal(const ExcerptInput& in);  // listings, traces, plans of known tools

// A result of several parts (fenced blocks, stdout/stderr envelopes, tool
// wrappers, output of several commands): each part by its kind, joined
// byte-exactly where untouched. Nothing where the text is of one part.
std::optional<Excerpt> ExcerptParts(const ExcerptInput& in);

// The excerpt of `text` as `kind`, by one of the above. What ExcerptParts calls for a part.
std::optional<Excerpt> ExcerptKind(const ExcerptInput& in, Kind kind);

}  // namespace headroom::text
