#include "proxy/context_manager.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "base/log.h"
#include "json/strings.h"
#include "proxy/content_router.h"
#include "proxy/context_marker.h"
#include "proxy/context_weights.h"
#include "proxy/thinking.h"
#include "text/compressor.h"
#include "tokens/counter.h"

namespace headroom::proxy {
namespace {

// Shortening smaller results further gains nothing.
constexpr size_t kMinDeepenedBytes = 1024;
// A unit of less than this part of what must go is left in peace while larger ones are there.
constexpr double kSmallPart = 1.0 / 200;

}  // namespace

// One overflow of one request.
class ContextManager::Pass {
 public:
  // Requires messages.
  Pass(const ContextManager& manager, const Request& request)
      : manager_(manager),
        policy_(manager.policy_.load()),
        request_(request),
        units_(UnitsOf(request.document, request.messages, request.view)),
        links_(LinksOf(request.view)),
        counter_(tokens::CounterFor(request.view.model)),
        weights_(request, units_) {
    if (request.current == nullptr) return;
    epoch_.deepened = request.current->epoch.deepened;
    for (const Epoch::Deepened& one : epoch_.deepened) deepened_.insert(one.link);
  }

  std::optional<Epoch> Run() {
    Rank();
    const size_t limit = static_cast<size_t>(static_cast<double>(request_.limit) / weights_.scale());
    target_ = static_cast<size_t>(static_cast<double>(limit) * kTargetShare);
    if (manager_.options_.compress_first && request_.can_retrieve) Deepen();
    Drop();
    if (weights_.total() > limit || !changed_) return std::nullopt;
    return Finish();
  }

  const std::vector<store::Original>& originals() const { return originals_; }

 private:
  // The units that may be touched, least wanted first.
  void Rank() {
    const Options& options = manager_.options_;
    const bool scored = options.intelligent && options.scoring;
    ToolPattern pattern;
    if (options.pattern) {
      pattern = [&](std::string_view tool) { return options.pattern(request_.tenant, tool); };
    }
    scores_ = scored ? ScoreUnits(request_.document, request_.messages, request_.view, units_, pattern)
                     : ScoreByPosition(units_.units.size());
    for (size_t u = 0; u < units_.units.size(); ++u) {
      const ContextUnit& unit = units_.units[u];
      if (!unit.is_protected && !weights_.gone(unit.begin)) order_.push_back(u);
    }
    std::stable_sort(order_.begin(), order_.end(), [&](size_t a, size_t b) {
      // The oldest calls go before the oldest words.
      if (!options.intelligent && CallsTools(a) != CallsTools(b)) return CallsTools(a);
      return scores_[a] < scores_[b];
    });
  }

  bool CallsTools(size_t u) const {
    const ContextUnit& unit = units_.units[u];
    return std::any_of(units_.kinds.begin() + unit.begin, units_.kinds.begin() + unit.end,
                       [](MessageKind kind) { return kind == MessageKind::kResult; });
  }

  void Deepen() {
    std::unordered_map<std::string_view, const Block*> calls;
    std::vector<const Block*> call_of(request_.view.blocks.size());
    for (size_t i = 0; i < request_.view.blocks.size(); ++i) {
      const Block& block = request_.view.blocks[i];
      if (block.kind == BlockKind::kToolCall) calls[block.call_id] = &block;
      const auto call = block.kind == BlockKind::kToolResult ? calls.find(block.call_id) : calls.end();
      call_of[i] = call == calls.end() ? nullptr : call->second;
    }
    const Clock::TimePoint deadline = manager_.clock_.Now() + manager_.options_.deadline;
    const text::Expired expired = [this, deadline] { return manager_.clock_.Now() >= deadline; };
    for (const size_t u : order_) {
      for (uint32_t m = units_.units[u].begin; m < units_.units[u].end; ++m) {
        for (const size_t i : weights_.results(m)) {
          if (weights_.total() <= target_ || expired()) return;
          if (call_of[i] != nullptr) DeepenResult(i, *call_of[i], expired);
        }
      }
    }
  }

  uint32_t LinkOf(size_t block) const {
    return static_cast<uint32_t>(std::lower_bound(links_.begin(), links_.end(), block) - links_.begin());
  }

  void DeepenResult(size_t i, const Block& call, const text::Expired& expired) {
    const Block& block = request_.view.blocks[i];
    if (!WhyUntouched(*policy_, block, &call).empty() || deepened_.contains(LinkOf(i))) return;
    Epoch::Deepened deeper;
    deeper.link = LinkOf(i);
    const size_t kept = originals_.size();
    size_t now = 0;
    for (uint32_t piece = 0; piece < block.pieces.size(); ++piece) now += DeepenPiece(i, piece, call, expired, deeper);
    if (deeper.replacements.empty() || deeper.tokens_after + weights_.Losing(i) >= now) {
      originals_.resize(kept);
      return;
    }
    weights_.Lighten(i, now - deeper.tokens_after);
    weights_.Lose(i);
    deepened_.insert(deeper.link);
    epoch_.deepened.push_back(std::move(deeper));
    changed_ = true;
  }

  // The text of a piece as it stands in the request so far; nothing where that is as it came.
  const Replacement* Standing(size_t i, uint32_t piece) const {
    const std::vector<Replacement>& replacements = request_.plan[i].replacements;
    const auto found = std::find_if(replacements.begin(), replacements.end(),
                                    [piece](const Replacement& one) { return one.piece == piece; });
    return found == replacements.end() ? nullptr : &*found;
  }

  // Adds a shorter text of a piece, or the one that stands. Returns the tokens of the latter.
  size_t DeepenPiece(size_t i, uint32_t piece, const Block& call, const text::Expired& expired,
                     Epoch::Deepened& deeper) {
    const std::string text = request_.document.Text(request_.view.blocks[i].pieces[piece]).value_or("");
    const size_t before = counter_.Count(text);
    size_t now = before;
    const Replacement* const standing = Standing(i, piece);
    if (standing != nullptr) {
      const std::string_view literal = standing->literal;
      now = counter_.Count(json::Unescape(literal.substr(1, literal.size() - 2)).value_or(""));
    }
    const std::optional<std::string> shorter = Shorter(i, text, call, expired);
    const size_t after = shorter.has_value() ? counter_.Count(*shorter) : now;
    deeper.tokens_before += static_cast<uint32_t>(before);
    deeper.tokens_after += static_cast<uint32_t>(std::min(after, now));
    if (after < now) {
      deeper.replacements.push_back({piece, json::Quote(*shorter)});
      store::Original original = NewOriginal(text, call.tool_name);
      original.tokens = static_cast<uint32_t>(before);
      original.tokens_after = static_cast<uint32_t>(after);
      deeper.original_ids += original.id;
      originals_.push_back(std::move(original));
    } else if (standing != nullptr) {
      deeper.replacements.push_back(*standing);
      deeper.original_ids += request_.plan[i].original_ids;
    }
    return now;
  }

  std::optional<std::string> Shorter(size_t i, const std::string& text, const Block& call,
                                     const text::Expired& expired) const {
    if (text.size() < kMinDeepenedBytes) return std::nullopt;
    const std::string arguments = ArgumentsOf(request_.document, call);
    const std::string question = request_.document.Text(request_.view.blocks[i].question).value_or("");
    std::optional<text::Rendition> rendition = text::Compress({.text = text,
                                                               .tool_name = call.tool_name,
                                                               .tool_arguments = arguments,
                                                               .group_hits = policy_->group_hits,
                                                               .question = question,
                                                               .gaps = true,
                                                               .opens_gaps = true,
                                                               .fold_reads = policy_->fold_reads,
                                                               .level = text::Level::kAggressive,
                                                               .share = kDeeperShare},
                                                              expired);
    if (!rendition.has_value() || expired()) return std::nullopt;
    return std::move(rendition->text);
  }

  store::Original NewOriginal(const std::string& text, std::string_view tool) const {
    store::Original original;
    original.id = ContentId(text);
    original.tenant = request_.tenant;
    original.text = text;
    original.tool_name = tool;
    original.project = request_.project;
    original.upstream = request_.upstream;
    return original;
  }

  void Drop() {
    const size_t excess = weights_.total() - std::min(weights_.total(), target_);
    const auto small = static_cast<size_t>(static_cast<double>(excess) * kSmallPart);
    for (const bool sparing : {true, false}) {
      for (const size_t u : order_) {
        const ContextUnit& unit = units_.units[u];
        if (weights_.total() <= target_) return;
        if (weights_.gone(unit.begin) || (sparing && manager_.options_.intelligent && weights_.of(unit) < small))
          continue;
        weights_.Drop(unit);
        changed_ = true;
      }
    }
  }

  std::optional<Epoch> Finish() {
    std::erase_if(epoch_.deepened, [this](const Epoch::Deepened& one) {
      return weights_.gone(request_.view.blocks[links_[one.link]].message);
    });
    std::sort(epoch_.deepened.begin(), epoch_.deepened.end(),
              [](const Epoch::Deepened& a, const Epoch::Deepened& b) { return a.link < b.link; });
    for (uint32_t link = 0; link < links_.size(); ++link) {
      if (!weights_.gone(request_.view.blocks[links_[link]].message)) continue;
      if (epoch_.dropped.empty() || epoch_.dropped.back().end != link) epoch_.dropped.push_back({link, link});
      epoch_.dropped.back().end = link + 1;
    }
    if (epoch_.empty()) return std::nullopt;
    epoch_.number = request_.current == nullptr ? 1 : request_.current->epoch.number + 1;
    epoch_.last_lineage = request_.lineage[links_[epoch_.last()]];
    epoch_.made_after = request_.lineage[links_[LastAnswer()]];
    epoch_.head = LinkAtMessage(units_.head_end);
    epoch_.turns = Turns();
    epoch_.asks_drop = AsksDrop();
    Describe();
    return std::move(epoch_);
  }

  // The link that requests share which go on from this one: its last answer, or what is changed behind it.
  uint32_t LastAnswer() const {
    uint32_t link = static_cast<uint32_t>(links_.size());
    while (link-- > epoch_.last() + 1) {
      if (request_.view.blocks[links_[link]].role == Role::kAssistant) return link;
    }
    return epoch_.last();
  }

  // Links before the message.
  uint32_t LinkAtMessage(uint32_t message) const {
    const auto at = std::partition_point(links_.begin(), links_.end(),
                                         [&](size_t block) { return request_.view.blocks[block].message < message; });
    return static_cast<uint32_t>(at - links_.begin());
  }

  // From the one in which the last change stands on.
  std::vector<Epoch::Turn> Turns() const {
    std::vector<Epoch::Turn> turns;
    for (uint32_t m = 0; m < units_.kinds.size() && m <= units_.newest_user; ++m) {
      const uint32_t link = units_.kinds[m] == MessageKind::kUser ? LinkAtMessage(m) : 0;
      if (link <= epoch_.first()) continue;
      if (link <= epoch_.last() + 1) turns.clear();
      turns.push_back({link, request_.lineage[links_[link - 1]]});
    }
    return turns;
  }

  // The turn that is not done yet must keep its thinking, which saw another prefix.
  bool AsksDrop() const {
    if (request_.current != nullptr && request_.current->epoch.asks_drop) return true;
    if (request_.view.api != Api::kMessages || !ChecksThinkingPrefix(request_.view.model)) return false;
    return std::any_of(request_.view.blocks.begin(), request_.view.blocks.end(), [&](const Block& block) {
      return block.signed_thinking && block.message >= units_.newest_user;
    });
  }

  void Describe() {
    MessageRanges gone;
    std::vector<double> weight(weights_.messages());
    for (size_t u = 0; u < units_.units.size(); ++u) {
      const ContextUnit& unit = units_.units[u];
      std::fill(weight.begin() + unit.begin, weight.begin() + unit.end, scores_[u]);
      if (!weights_.gone(unit.begin)) continue;
      ++epoch_.units;
      epoch_.messages += unit.end - unit.begin;
      if (!gone.empty() && gone.back().second == unit.begin) {
        gone.back().second = unit.end;
      } else {
        gone.emplace_back(unit.begin, unit.end);
      }
    }
    if (gone.empty()) return;
    for (size_t m = 0; m < weights_.messages(); ++m) epoch_.tokens += weights_.gone(m) ? weights_.raw(m) : 0;
    store::Original original =
        NewOriginal(DroppedMessages(request_.document, request_.messages, gone), kDroppedContextTool);
    original.tokens = static_cast<uint32_t>(epoch_.tokens);
    epoch_.original_id = original.id;
    epoch_.marker =
        MarkerMessage({.reason = manager_.options_.intelligent ? "intelligent_cap" : "token_cap",
                       .units = epoch_.units,
                       .messages = epoch_.messages,
                       .topics = TopicsOf(request_.document, request_.messages, request_.view, gone, weight),
                       .hash = original.id,
                       .has_tool = request_.can_retrieve});
    originals_.push_back(std::move(original));
  }

  const ContextManager& manager_;
  const std::shared_ptr<const Policy> policy_;
  const Request& request_;
  const ContextUnits units_;
  const std::vector<size_t> links_;
  const tokens::Counter& counter_;
  ContextWeights weights_;
  std::unordered_set<uint32_t> deepened_;  // links
  size_t target_ = 0;                      // by our count
  std::vector<double> scores_;             // by unit
  std::vector<size_t> order_;              // units, least wanted first
  bool changed_ = false;
  Epoch epoch_;
  std::vector<store::Original> originals_;
};

ContextManager::ContextManager(Options options, const Policy& policy, store::Store& store, const Clock& clock)
    : options_(std::move(options)),
      policy_(std::make_shared<const Policy>(policy)),
      store_(store),
      clock_(clock),
      ledger_(store) {}

std::optional<EpochLedger::Found> ContextManager::Make(const Request& request) const {
  if (request.messages.empty() || !options_.drops) return std::nullopt;
  Pass pass(*this, request);
  const std::optional<Epoch> epoch = pass.Run();
  if (!epoch.has_value()) return std::nullopt;
  for (const store::Original& original : pass.originals()) store_.PutOriginal(original);  // before any node names it
  return ledger_.Record(*epoch, request.view, request.lineage, request.messages.size(),
                        {request.tenant, request.project, request.upstream});
}

void ContextManager::Override(const EpochLedger::Found& found, Plan& plan) {
  for (size_t i = 0; i < found.places.blocks.size() && i < plan.size(); ++i) {
    if (found.places.blocks[i] != BlockFate::kGone) continue;
    plan[i] = Decision();
    plan[i].source = Decision::Source::kReplayed;
  }
  for (size_t k = 0; k < found.places.deepened.size(); ++k) {
    const Epoch::Deepened& one = found.epoch.deepened[k];
    Decision& decision = plan[found.places.deepened[k]];
    decision = Decision();
    decision.source = Decision::Source::kReplayed;
    decision.rule = kDeepenedRule;
    decision.replacements = one.replacements;
    decision.tokens_before = one.tokens_before;
    decision.tokens_after = one.tokens_after;
    decision.original_ids = one.original_ids;
    decision.recorded = true;
  }
}

}  // namespace headroom::proxy
