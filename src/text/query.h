// What is asked, as weighted terms.
//
//   "Why does setProxy() in http.js fail with 'bad port 70000'?"
//     exact   setproxy  http.js  bad port 70000  70000       identifiers, paths, numbers, quoted strings
//     words   set proxy fail port ...                         identifiers split, plain words reduced
//
// Terms come from the last user text (weight 1), the words of the model just
// before the call, and the call's arguments, which weigh less; and from what such
// results were asked for before. Nothing that
// comes after the result is known here (docs/invariants.md, I2).
// Thread-compatible; const use is thread-safe.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "text/compressor.h"

namespace headroom::text {

struct Term {
  std::string text;  // lower case
  double weight = 0;
  bool exact = false;  // identifier, path, number, UUID or quoted string: its mere presence tells
};

class Query {
 public:
  // At most this many terms, heaviest first.
  static constexpr size_t kMaxTerms = 128;

  Query() = default;
  explicit Query(const Input& input);

  const std::vector<Term>& terms() const { return terms_; }
  bool empty() const { return terms_.empty(); }

  // The question wants all there is: "all", "every", "list each", counts, sums,
  // differences between two states. What is left out could change the answer.
  bool exhaustive() const { return exhaustive_; }
  // It wants every error ("list all errors", "fix every warning"), not one of each kind.
  bool every_error() const { return every_error_; }

 private:
  std::vector<Term> terms_;
  bool exhaustive_ = false;
  bool every_error_ = false;
};

}  // namespace headroom::text
