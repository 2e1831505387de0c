// What of a JSON document a question names: its keys, and texts in it.
//
//   "What is the node_id of ..."     asks for the key node_id
//   "... fails with E2041"           asks for texts with e2041
//
// Thread-compatible; const use is thread-safe.

#pragma once

#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "text/excerpt.h"
#include "text/query.h"

namespace headroom::text {

class JsonAsked {
 public:
  explicit JsonAsked(const ExcerptInput& in);

  // What the question alone asks for: what the tool was called with holds for all of its result.
  const Query& question() const { return question_; }

  // A part of the key is a word of the question. Cost: O(key).
  bool Key(std::string_view key) const;

  // The text has something that was asked for by name, or tells of an error. Cost: O(bytes).
  bool Text(std::string_view text) const;

 private:
  Query question_;
  std::unordered_set<std::string> words_;
  std::vector<std::string> exact_;
};

}  // namespace headroom::text
