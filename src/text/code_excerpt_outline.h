// The outline of a source text: where its functions and types are, and which
// rows a folded function leaves out.
//
//   # how many times                  doc_row
//   @cached                           row
//   def retries(policy):              ..
//       """How many times.            ..
//                                     fold_begin
//       Longer explanation."""
//       return policy.times
//                                     fold_end
//
// Rows are lines of the code, from 0; ends are exclusive. A row is folded only
// when all of it lies inside the body, so that what is kept are whole lines.
//
// Cost: O(bytes) in practice, bounded by the deadline. Memory: about twenty times
// the text while it is parsed. Thread-compatible.

#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "text/code_excerpt_language.h"
#include "text/code_excerpt_source.h"

namespace headroom::text {

inline constexpr size_t kNoIndex = static_cast<size_t>(-1);

struct CodeFunction {
  std::string_view name;     // "" when it has none
  std::string_view owner;    // the type it belongs to, "" when none
  size_t parent = kNoIndex;  // the function around it
  size_t doc_row = 0;        // first row of the comment before it, else `row`
  size_t row = 0;            // first row of the declaration, decorators included
  size_t end_row = 0;        // one past its last
  size_t fold_begin = 0;     // rows of the body that can be left out; may be none
  size_t fold_end = 0;
  // The same with initial values before the body and what closes it: may begin earlier and end later.
  size_t outer_begin = 0;
  size_t outer_end = 0;
  bool is_container = false;  // mostly other functions: its own statements stay, theirs fold
};

struct CodeType {
  std::string_view name;
  size_t doc_row = 0;
  size_t row = 0;
  size_t end_row = 0;
  size_t docstring_begin = 0;  // rows after the first line of its docstring; may be none
  size_t docstring_end = 0;
};

// Values written out outside of functions: what can be left out between its first rows and its last.
struct CodeTable {
  size_t row = 0;
  size_t end_row = 0;
};

struct CodeOutline {
  std::vector<CodeFunction> functions;  // in order of their start; a parent before its children
  std::vector<CodeType> types;
  std::vector<CodeTable> tables;  // outermost ones that parse
  bool starts_in_error = false;   // the first row does not parse: it may be no code
  double error_share = 0;         // of the bytes: what is in an error node and in no part of it that parses
  std::vector<bool> is_comment;   // by row: nothing but a comment stands on it
};

// Nothing where `source` is larger than kMaxCodeBytes or the deadline passed. What the
// parser recovers from an error is outlined, too: a file cut at either end, or with macros
// that hide what they stand for, has most of its functions whole. A function with an error
// in its body, or a header that may be a type's, has no rows to fold.
inline constexpr size_t kMaxCodeBytes = 4 << 20;
std::optional<CodeOutline> OutlineCode(const CodeLanguage& language, const CodeSource& source, const ExcerptInput& in);

}  // namespace headroom::text
