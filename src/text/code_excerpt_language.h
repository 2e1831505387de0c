// The programming languages whose structure is known: which grammar reads a
// file, and which nodes of its tree are functions, types and comments.
//
// A grammar's node names are looked up once and kept as a table by symbol, so
// that a walk over a tree compares no strings. Thread-safe.

#pragma once

#include <tree_sitter/api.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::text {

// What a node is to an outline.
enum class CodeRole : uint8_t {
  kOther,
  kFunction,  // has a body that can be folded: a function, a method, a closure
  kType,      // a class, struct, trait, interface, enum, impl
  kComment,
  kAttribute,     // stands on rows between a comment and what it belongs to
  kInitializers,  // a constructor's initial values, between its signature and its body
  kTable,         // a list or map of values written out
  kWrapper,       // a declaration around a function: its decorators, `export`, `const f =`
};

struct CodeLanguage {
  std::string_view name;
  const TSLanguage* grammar;
  std::vector<CodeRole> roles;  // by symbol
  bool has_docstrings = false;  // a string as first statement documents

  CodeRole role(TSSymbol symbol) const { return symbol < roles.size() ? roles[symbol] : CodeRole::kOther; }
};

// True for the ending of a source file: "js", "rs". Case is ignored.
bool IsCodeEnding(std::string_view ending);

// Languages that may read `text`, likeliest first, at most three: by the names
// of its files where they say so, else by what stands in it. Names of other
// kinds (configuration, prose) give none. `by_name` is set to whether names said it. Cost: O(first lines).
std::vector<const CodeLanguage*> CodeLanguagesOf(const std::vector<std::string>& files, std::string_view text,
                                                 bool* by_name);

}  // namespace headroom::text
