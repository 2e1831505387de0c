#include "policy/model_match.h"

#include <re2/re2.h>

#include <string>

namespace headroom::policy {

using Op = MatchNode::Op;

ModelMatcher::ModelMatcher(std::span<const MatchNode> nodes) : nodes_(nodes), patterns_(nodes.size()) {
  RE2::Options quiet;
  quiet.set_log_errors(false);
  for (size_t i = 0; i < nodes.size(); ++i) {
    if (nodes[i].op != Op::kRegex) continue;
    patterns_[i] = std::make_unique<RE2>(std::string(nodes[i].text), quiet);
  }
}

ModelMatcher::~ModelMatcher() = default;

bool ModelMatcher::Matches(uint32_t node, std::string_view name) const { return Evaluate(node, name); }

bool ModelMatcher::Evaluate(uint32_t& node, std::string_view name) const {
  const uint32_t at = node++;
  const MatchNode& clause = nodes_[at];
  switch (clause.op) {
    case Op::kEquals:
      return name == clause.text;
    case Op::kStartsWith:
      return name.starts_with(clause.text);
    case Op::kEndsWith:
      return name.ends_with(clause.text);
    case Op::kContains:
      return name.find(clause.text) != std::string_view::npos;
    case Op::kRegex:
      return RE2::PartialMatch(re2::StringPiece(name.data(), name.size()), *patterns_[at]);
    case Op::kOr:
    case Op::kAnd:
    case Op::kNot:
      break;
  }
  bool any = false;
  bool all = true;
  for (uint16_t child = 0; child < clause.children; ++child) {
    const bool matched = Evaluate(node, name);
    any |= matched;
    all &= matched;
  }
  if (clause.op == Op::kNot) return !any;
  return clause.op == Op::kOr ? any : all;
}

}  // namespace headroom::policy
