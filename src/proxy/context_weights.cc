#include "proxy/context_weights.h"

#include <algorithm>
#include <numeric>

#include "proxy/request_size.h"
#include "text/line_text.h"

namespace headroom::proxy {
namespace {

constexpr size_t kBytesPerToken = 4;

}  // namespace

ContextWeights::ContextWeights(const ContextManager::Request& request, const ContextUnits& units)
    : request_(request),
      raw_(request.messages.size()),
      gone_(request.messages.size()),
      results_(request.messages.size()) {
  for (size_t m = 0; m < raw_.size(); ++m) raw_[m] = CountOf(m, units.newest_user);
  weight_ = raw_;
  AddRenditions();
  AddHidden();
  TakeOffEarlierEpochs();
  const std::string_view body = request.document.body();
  total_ = text::EstimateTokens(body.substr(0, request.messages.front().span.begin)) +
           text::EstimateTokens(body.substr(request.messages.back().span.end));
  for (size_t m = 0; m < weight_.size(); ++m) total_ += gone_[m] ? 0 : weight_[m];
  scale_ = static_cast<double>(request.tokens) / static_cast<double>(std::max<size_t>(total_, 1));
}

size_t ContextWeights::CountOf(size_t message, uint32_t newest_user) const {
  return RequestSizer::CountValue(request_.document, request_.messages[message], request_.view.model,
                                  /*with_thinking=*/message >= newest_user) +
         RequestSizer::kMessageTokens;
}

size_t ContextWeights::SavingOf(size_t block) const {
  const Decision& decision = request_.plan[block];
  return decision.tokens_before - decision.tokens_after;
}

void ContextWeights::AddRenditions() {
  for (size_t i = 0; i < request_.view.blocks.size(); ++i) {
    const Block& block = request_.view.blocks[i];
    if (block.kind != BlockKind::kToolResult || block.message >= weight_.size()) continue;
    results_[block.message].push_back(i);
    weight_[block.message] -= std::min(weight_[block.message], SavingOf(i));
    const Hash128& anchor = request_.plan[i].anchor;
    if (anchor != Hash128{}) referring_[anchor].push_back(i);
  }
}

// Our tool's calls and their results, which the client's messages do not show.
void ContextWeights::AddHidden() {
  const std::vector<json::Token>& messages = request_.messages;
  const auto begin_of = [&](size_t m) {
    return request_.edits.PositionOf(m < messages.size() ? messages[m].span.begin : messages.back().span.end);
  };
  std::vector<int64_t> expected(weight_.size());
  for (size_t i = 0; i < request_.view.blocks.size(); ++i) {
    const Block& block = request_.view.blocks[i];
    for (const Replacement& replacement : request_.plan[i].replacements) {
      expected[block.message] += static_cast<int64_t>(replacement.literal.size()) -
                                 static_cast<int64_t>(block.pieces[replacement.piece].span.size());
    }
  }
  for (size_t m = 0; m < weight_.size(); ++m) {
    const size_t next = m + 1 < messages.size() ? messages[m + 1].span.begin : messages[m].span.end;
    const int64_t own = static_cast<int64_t>(next - messages[m].span.begin) + expected[m];
    const int64_t forwarded = static_cast<int64_t>(begin_of(m + 1)) - static_cast<int64_t>(begin_of(m));
    if (forwarded > own) weight_[m] += static_cast<size_t>(forwarded - own) / kBytesPerToken;
  }
}

void ContextWeights::TakeOffEarlierEpochs() {
  if (request_.current == nullptr) return;
  for (const auto& [first, end] : request_.current->places.gone) {
    std::fill(gone_.begin() + first, gone_.begin() + end, true);
  }
}

size_t ContextWeights::of(const ContextUnit& unit) const {
  return std::accumulate(weight_.begin() + unit.begin, weight_.begin() + unit.end, size_t{0});
}

size_t ContextWeights::Losing(size_t block) const {
  const auto referring = referring_.find(request_.lineage[block]);
  if (referring == referring_.end()) return 0;
  size_t cost = 0;
  for (const size_t i : referring->second) cost += gone_[request_.view.blocks[i].message] ? 0 : SavingOf(i);
  return cost;
}

void ContextWeights::Lose(size_t block) {
  total_ += Losing(block);
  const auto referring = referring_.find(request_.lineage[block]);
  if (referring == referring_.end()) return;
  for (const size_t i : referring->second) weight_[request_.view.blocks[i].message] += SavingOf(i);
  referring_.erase(referring);
}

void ContextWeights::Lighten(size_t block, size_t tokens) {
  size_t& weight = weight_[request_.view.blocks[block].message];
  tokens = std::min(weight, tokens);
  weight -= tokens;
  total_ -= tokens;
}

void ContextWeights::Drop(const ContextUnit& unit) {
  total_ -= std::min(total_, of(unit));
  std::fill(gone_.begin() + unit.begin, gone_.begin() + unit.end, true);
  for (uint32_t m = unit.begin; m < unit.end; ++m) {
    for (const size_t i : results_[m]) Lose(i);
  }
}

}  // namespace headroom::proxy
