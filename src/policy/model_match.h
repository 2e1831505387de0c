// The match clauses of the price list over model names.
//
// Regular expressions are compiled once, in the constructor (60 of them, about
// 2 ms). Thread-safe.

#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "policy/price_tables.h"

namespace re2 {
class RE2;
}

namespace headroom::policy {

class ModelMatcher {
 public:
  // `nodes` must outlive the matcher.
  explicit ModelMatcher(std::span<const MatchNode> nodes);
  ~ModelMatcher();

  // Whether the tree that begins at `node` matches `name`, which is in lower
  // case. Cost: O(nodes of the tree * bytes).
  bool Matches(uint32_t node, std::string_view name) const;

 private:
  // Evaluates the tree at `node` and moves it past the tree.
  bool Evaluate(uint32_t& node, std::string_view name) const;

  const std::span<const MatchNode> nodes_;
  std::vector<std::unique_ptr<re2::RE2>> patterns_;  // by node; null where there is none
};

}  // namespace headroom::policy
