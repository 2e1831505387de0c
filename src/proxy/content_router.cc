#include "proxy/content_router.h"

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "base/log.h"
#include "json/strings.h"
#include "proxy/call_likeness.h"
#include "proxy/lineage.h"
#include "proxy/retrieve_tool.h"
#include "proxy/seen_before.h"
#include "text/compressor.h"
#include "text/gaps.h"
#include "tokens/counter.h"

namespace headroom::proxy {
namespace {

constexpr size_t kNone = SIZE_MAX;
// Below this no rendition saves a token.
constexpr size_t kMinPieceBytes = 64;

constexpr std::string_view kReferenceRule = "seen_before";
constexpr std::string_view kDeltaRule = "seen_before_delta";
constexpr std::string_view kLinesRule = "seen_before_lines";
// Compressors before this knew no diffs against earlier results.
constexpr uint32_t kDeltasSince = 2;
// Those before this left out no more where the model opens gaps than elsewhere.
constexpr uint32_t kOpeningSince = 3;
// Those before this knew no lines of earlier results.
constexpr uint32_t kLinesSince = 4;
// Of the tokens of the best lossless rendition, a diff, or what lines of earlier results leave, may have at most this
// part.
constexpr double kMaxDeltaShare = 0.6;
constexpr double kMaxLinesShare = 0.7;

// True for renditions that are read beside the very text that they refer to.
bool NeedsTextOf(std::string_view rule) { return rule == kDeltaRule || rule == kLinesRule; }

// First contact in the middle of a conversation: the blocks before the last
// assistant message that a cache mark or signed thinking follows are cached or
// signed as they are. Returns the first index that may be decided.
size_t FirstDecidable(const RequestView& view) {
  size_t last_assistant_message = kNone;
  size_t last_mark = kNone;
  for (size_t i = 0; i < view.blocks.size(); ++i) {
    const Block& block = view.blocks[i];
    if (block.role == Role::kAssistant) last_assistant_message = block.message;
    if (block.cache_mark || block.signed_thinking) last_mark = i;
  }
  if (view.message_cache_mark) last_mark = view.blocks.size();
  if (last_assistant_message == kNone || last_mark == kNone) return 0;
  size_t first = 0;
  while (first < view.blocks.size() && view.blocks[first].message < last_assistant_message && first <= last_mark) {
    ++first;
  }
  return first;
}

}  // namespace

std::string WhyUntouched(const Policy& policy, const Block& result, const Block* call) {
  if (!result.replaceable || result.pieces.empty()) return "form";
  if (call == nullptr || !call->direct_caller) return "caller";
  if (IsRetrieveTool(call->tool_name)) return "own_tool";
  if (policy.Protects(call->tool_name)) return "protected_tool";
  if (policy.LevelOf(call->tool_name) == text::Level::kOff) return "protected_tool";
  return {};
}

// One pass over one request.
class ContentRouter::Pass {
 public:
  Pass(const ContentRouter& router, const Request& request, RouterFailures& failures)
      : router_(router),
        document_(request.document),
        view_(request.view),
        lineage_(request.lineage),
        tenant_(request.tenant),
        upstream_(request.upstream),
        project_(request.project),
        login_(request.login),
        can_retrieve_(request.can_retrieve),
        mode_(request.mode),
        known_(request.known),
        fates_(request.fates),
        failures_(failures),
        plan_(view_.blocks.size()),
        seen_(document_),
        counter_(tokens::CounterFor(view_.model)),
        deadline_(router.clock_.Now() + router.options_.request_deadline) {}

  Plan Run() {
    for (const Block& call : view_.earlier_calls) calls_[call.call_id] = &call;
    FindByLineage();
    ChooseGeneration();
    FindByContent();
    for (size_t i = 0; i < view_.blocks.size(); ++i) {
      const Block& block = view_.blocks[i];
      if (block.kind == BlockKind::kToolCall) calls_[block.call_id] = &block;
      if (block.kind == BlockKind::kToolResult) DecideResult(i);
    }
    // A node that the disk did not tell of may exist: it shall stand.
    if (mode_ != Mode::kDryRun && complete_) Record();
    return std::move(plan_);
  }

 private:
  // Only tool results are ever decided, so only they have nodes: what stands
  // between them is covered by the chain.
  void FindByLineage() {
    std::vector<Hash128> keys;
    std::vector<size_t> results;
    for (size_t i = 0; i < view_.blocks.size(); ++i) {
      if (view_.blocks[i].kind != BlockKind::kToolResult) continue;
      results.push_back(i);
      keys.push_back(lineage_[i]);
    }
    nodes_.resize(view_.blocks.size());
    if (keys.empty()) return;
    std::vector<std::optional<store::Node>> found = store::FindSurely(router_.store_, keys, &complete_);
    // What the disk did not tell is decided again: the same generation gives the
    // same bytes, while taking it for a first contact would not.
    known_ = known_ || !complete_;
    for (size_t k = 0; k < results.size(); ++k) nodes_[results[k]] = std::move(found[k]);
  }

  void ChooseGeneration() {
    Generation generation = router_.Newest();
    for (size_t i = nodes_.size(); i-- > 0;) {
      if (!nodes_[i].has_value()) continue;
      known_ = true;
      if (nodes_[i]->generation != generation.number) generation = router_.Of(nodes_[i]->generation);
      break;
    }
    generation_ = generation.number;
    policy_ = std::move(generation.policy);
    snapshot_ = std::move(generation.snapshot);
    // Where we cannot follow a conversation, nothing of it is left out.
    const bool may_leave_out = policy_.gaps == Gaps::kOn || (policy_.gaps == Gaps::kAuto && can_retrieve_);
    gaps_ = may_leave_out && !view_.server_held() && !(login_ && policy_.logins != Logins::kFull);
    opens_gaps_ = gaps_ && can_retrieve_ && policy_.gaps == Gaps::kAuto && policy_.compressors >= kOpeningSince;
    if (!known_) first_decidable_ = FirstDecidable(view_);
  }

  // Looks up the second key of all unknown results at once.
  void FindByContent() {
    std::vector<Hash128> keys;
    for (size_t i = first_decidable_; i < view_.blocks.size(); ++i) {
      const Block& block = view_.blocks[i];
      if (nodes_[i].has_value() || block.kind != BlockKind::kToolResult || !block.replaceable) continue;
      by_content_[i] = keys.size();
      keys.push_back(ContentKey(tenant_, block));
    }
    if (keys.empty()) return;
    content_nodes_ = router_.store_.Find(keys);
    for (std::optional<store::Node>& node : content_nodes_) {
      if (!node.has_value()) continue;
      const bool refers = node->decision == store::Node::Decision::kSame && node->payload.size() == 16;
      node = refers ? router_.store_.Find({Hash128::FromBytes(node->payload)})[0] : std::nullopt;
    }
  }

  void DecideResult(size_t i) {
    const Block& block = view_.blocks[i];
    const auto call = calls_.find(block.call_id);
    if (FateOf(i) != BlockFate::kGone) seen_.CountResult();
    Decision& decision = plan_[i];
    if (nodes_[i].has_value()) {
      Adopt(*nodes_[i], i);
    } else {
      decision.source = Decision::Source::kNew;
      if (mode_ == Mode::kRaw || (login_ && policy_.logins == Logins::kOff)) {
        decision.rule = "off";
      } else if (i < first_decidable_) {
        decision.rule = "first_contact";
      } else {
        decision.rule = WhyUntouched(policy_, block, call == calls_.end() ? nullptr : call->second);
        if (decision.rule.empty()) DecideNew(i, *call->second);
      }
    }
    const bool anchors = decision.anchor == Hash128{} && FateOf(i) == BlockFate::kStands;
    if (call != calls_.end() && anchors) seen_.AddAnchor(i, block, *call->second, decision);
  }

  // Takes a recorded decision as it is.
  void Adopt(const store::Node& node, size_t i) {
    Decision& decision = plan_[i];
    decision = Decision{};
    decision.source = Decision::Source::kReplayed;
    decision.rule = node.rule;
    decision.recorded = true;
    if (node.decision != store::Node::Decision::kReplace) return;
    if (node.anchor != Hash128{} && !AnchorStands(node, i)) {
      decision.rule = "anchor_missing";
      return;
    }
    Result<std::vector<Replacement>> replacements = DecodeReplacements(node.payload);
    if (!replacements.ok()) {
      ++failures_.damaged;
      return;
    }
    decision.replacements = std::move(*replacements);
    decision.tokens_before = node.tokens_before;
    decision.tokens_after = node.tokens_after;
    decision.anchor = node.anchor;
    decision.original_ids = node.original_ids;
  }

  BlockFate FateOf(size_t i) const { return fates_ == nullptr ? BlockFate::kStands : (*fates_)[i]; }

  // A diff needs the very text that it was made against, a reference any text in full.
  bool AnchorStands(const store::Node& node, size_t before) const {
    if (view_.context_editing) return false;
    const auto end = lineage_.begin() + static_cast<std::ptrdiff_t>(before);
    const auto found = std::find(lineage_.begin(), end, node.anchor);
    const auto at = static_cast<size_t>(found - lineage_.begin());
    if (found == end || FateOf(at) != BlockFate::kStands) return false;
    return !NeedsTextOf(node.rule) || plan_[at].recorded;
  }

  static bool LeavesOut(const Decision& decision) {
    return std::any_of(decision.replacements.begin(), decision.replacements.end(), [](const Replacement& replacement) {
      const std::string_view literal = replacement.literal;
      return text::EndsInClosingMarker(json::Unescape(literal.substr(1, literal.size() - 2)).value_or(""));
    });
  }

  void DecideNew(size_t i, const Block& call) {
    const auto filed = by_content_.find(i);
    if (filed != by_content_.end() && content_nodes_[filed->second].has_value()) {
      Adopt(*content_nodes_[filed->second], i);
      plan_[i].source = Decision::Source::kNew;
      plan_[i].recorded = false;
      // An excerpt is for conversations that can open its gaps.
      if (plan_[i].replaced() && (gaps_ || !LeavesOut(plan_[i]))) return;
      plan_[i] = Decision{};
      plan_[i].source = Decision::Source::kNew;
    }
    try {
      if (Refer(i) || ReferNearly(i, call) || ReferToLines(i, call)) return;
      CompressPieces(i, call);
      ReferToExcerpt(i);
    } catch (const std::exception& error) {
      log::Warning("compressor failed", {{"what", error.what()}});
      ++failures_.exception;
      LeaveRaw(i, "exception");
    }
  }

  void LeaveRaw(size_t i, std::string_view why) {
    plan_[i] = Decision{};
    plan_[i].source = Decision::Source::kNew;
    plan_[i].rule = why;
  }

  // A reference to the same text earlier in this conversation, where it stands in full.
  bool Refer(size_t i) {
    const Block& block = view_.blocks[i];
    if (view_.context_editing || block.pieces.size() != 1) return false;
    const std::optional<std::string> text = document_.Text(block.pieces[0]);
    if (!text.has_value()) return false;
    const std::optional<SeenBefore::Reference> reference = seen_.Find(block, *text);
    if (!reference.has_value() || reference->excerpt || !Offer(i, 0, *text, reference->text)) return false;
    plan_[i].rule = kReferenceRule;
    plan_[i].anchor = lineage_[reference->anchor];
    return true;
  }

  // Another question may have left another excerpt of the same text: only the very same one is not repeated.
  void ReferToExcerpt(size_t i) {
    const Block& block = view_.blocks[i];
    Decision& decision = plan_[i];
    if (view_.context_editing || block.pieces.size() != 1 || !decision.replaced()) return;
    const std::optional<SeenBefore::Reference> reference = seen_.Find(block, originals_.back().text);
    if (!reference.has_value() || !reference->excerpt) return;
    if (plan_[reference->anchor].replacements[0].literal != decision.replacements[0].literal) return;
    const size_t tokens = counter_.Count(reference->text);
    if (tokens >= decision.tokens_after) return;
    decision.replacements[0].literal = json::Quote(reference->text);
    decision.tokens_after = originals_.back().tokens_after = static_cast<uint32_t>(tokens);
    decision.rule = kReferenceRule;
    decision.anchor = lineage_[reference->anchor];
  }

  // A diff against nearly the same text earlier in this conversation, where that is clearly shorter than the best
  // lossless rendition.
  bool ReferNearly(size_t i, const Block& call) {
    const Block& block = view_.blocks[i];
    if (policy_.compressors < kDeltasSince || view_.context_editing || block.pieces.size() != 1) return false;
    const std::optional<std::string> text = document_.Text(block.pieces[0]);
    if (!text.has_value()) return false;
    const text::Expired expired = BlockDeadline();
    const std::optional<SeenBefore::Near> near = seen_.FindNear(call, *text, expired);
    if (!near.has_value()) return false;
    const std::string arguments = ArgumentsOf(document_, call);
    const std::optional<text::Rendition> rendition = text::Compress(
        {.text = *text, .tool_name = call.tool_name, .tool_arguments = arguments, .group_hits = policy_.group_hits},
        expired);
    const std::string& lossless = rendition.has_value() ? rendition->text : *text;
    const std::string_view rule = rendition.has_value() ? rendition->rule : std::string_view();
    if (expired() || (!near->rule.empty() && near->rule != rule)) return false;
    const std::optional<SeenBefore::Reference> delta =
        seen_.Differences(*near, near->rule.empty() ? *text : lossless, expired);
    if (!delta.has_value()) return false;
    const double limit = kMaxDeltaShare * static_cast<double>(counter_.Count(lossless));
    if (static_cast<double>(counter_.Count(delta->text)) > limit || !Offer(i, 0, *text, delta->text)) return false;
    plan_[i].rule = kDeltaRule;
    plan_[i].anchor = lineage_[delta->anchor];
    return true;
  }

  // What an earlier text does not have of this one, where that is clearly shorter than the best lossless rendition.
  bool ReferToLines(size_t i, const Block& call) {
    const Block& block = view_.blocks[i];
    if (policy_.compressors < kLinesSince || view_.context_editing || block.pieces.size() != 1) return false;
    const std::optional<std::string> text = document_.Text(block.pieces[0]);
    if (!text.has_value()) return false;
    const text::Expired expired = BlockDeadline();
    const std::optional<SeenBefore::Reference> lines = seen_.FindLines(call, *text, expired);
    if (!lines.has_value()) return false;
    const std::string arguments = ArgumentsOf(document_, call);
    const std::optional<text::Rendition> rendition = text::Compress(
        {.text = *text, .tool_name = call.tool_name, .tool_arguments = arguments, .group_hits = policy_.group_hits},
        expired);
    const size_t lossless = counter_.Count(rendition.has_value() ? rendition->text : *text);
    const double limit = kMaxLinesShare * static_cast<double>(lossless);
    if (expired() || static_cast<double>(counter_.Count(lines->text)) > limit) return false;
    if (!Offer(i, 0, *text, lines->text)) return false;
    plan_[i].rule = kLinesRule;
    plan_[i].anchor = lineage_[lines->anchor];
    return true;
  }

  text::Expired BlockDeadline() const {
    const Clock::TimePoint deadline = std::min(deadline_, router_.clock_.Now() + router_.options_.block_deadline);
    return [this, deadline] { return router_.clock_.Now() >= deadline; };
  }

  void CompressPieces(size_t i, const Block& call) {
    const Block& block = view_.blocks[i];
    const std::string arguments = ArgumentsOf(document_, call);
    const std::string question = TextOf(block.question);
    const std::string preamble = TextOf(call.preamble);
    for (uint32_t piece = 0; piece < block.pieces.size(); ++piece) {
      const std::optional<std::string> text = document_.Text(block.pieces[piece]);
      if (!text.has_value() || text->size() < kMinPieceBytes) continue;
      const text::Expired expired = BlockDeadline();
      learning::Excerpt lesson;
      const bool teaches = gaps_ && router_.options_.lessons.on() && text->size() >= Lessons::kMinBytes;
      Lessons::Advice advice;
      if (teaches) {
        lesson.structure = router_.options_.lessons.StructureOf(*text, call.tool_name);
        advice = router_.options_.lessons.For(*snapshot_, tenant_, lesson.structure, *text);
      }
      const std::optional<text::Rendition> rendition = text::Compress({.text = *text,
                                                                       .tool_name = call.tool_name,
                                                                       .tool_arguments = arguments,
                                                                       .group_hits = policy_.group_hits,
                                                                       .question = question,
                                                                       .preamble = preamble,
                                                                       .gaps = gaps_ && !advice.whole,
                                                                       .opens_gaps = opens_gaps_,
                                                                       .tokens_before = block.pieces[0].span.begin / 4,
                                                                       .fold_reads = policy_.fold_reads,
                                                                       .level = policy_.LevelOf(call.tool_name),
                                                                       .share_factor = advice.share_factor,
                                                                       .asked_before = advice.asked_before},
                                                                      expired);
      if (expired()) {
        ++failures_.deadline;
        if (!plan_[i].replaced()) plan_[i].rule = "deadline";
      } else if (rendition.has_value() && Offer(i, piece, *text, rendition->text)) {
        CountItems(*rendition, originals_.back());
        plan_[i].rule = rendition->rule;
        if (teaches) Teach(*rendition, lesson);
      }
      if (teaches && !expired()) lessons_.emplace_back(i, std::move(lesson));
    }
    if (plan_[i].rule.empty()) plan_[i].rule = "no_gain";
  }

  // What became of the text that was changed last.
  void Teach(const text::Rendition& rendition, learning::Excerpt& lesson) const {
    const ChangedText& changed = originals_.back();
    lesson.rule = rendition.rule;
    lesson.tokens_before = changed.tokens_before;
    lesson.tokens_after = changed.tokens_after;
    if (!rendition.omitted.has_value()) return;
    lesson.leaves_out = true;
    lesson.original = ContentId(changed.text);
    lesson.units = rendition.omitted->total;
    lesson.units_kept = rendition.omitted->kept;
    lesson.gaps = RangesLeftOut(rendition.text);
  }

  // Of the decisions that stand and are this request's own.
  void HandOnLessons() {
    std::vector<learning::Excerpt> learnt;
    for (auto& [block, lesson] : lessons_) {
      const Decision& decision = plan_[block];
      if (decision.source != Decision::Source::kNew || decision.anchor != Hash128{}) continue;
      lesson.tenant = tenant_;
      learnt.push_back(std::move(lesson));
    }
    router_.options_.lessons.Compressed(std::move(learnt));
  }

  // "" where there is no text or nobody would read it.
  std::string TextOf(const json::Token& token) const {
    if (!gaps_ || token.type != json::Type::kString) return {};
    return document_.Text(token).value_or("");
  }

  // Takes `rendition` in place of `text` if it has fewer tokens (I3).
  bool Offer(size_t i, uint32_t piece, const std::string& text, const std::string& rendition) {
    if (rendition.empty()) return false;
    const size_t before = counter_.Count(text);
    const size_t after = counter_.Count(rendition);
    if (after >= before) return false;
    Decision& decision = plan_[i];
    decision.replacements.push_back({piece, json::Quote(rendition)});
    decision.tokens_before += static_cast<uint32_t>(before);
    decision.tokens_after += static_cast<uint32_t>(after);
    decision.original_ids += ContentId(text);
    originals_.push_back({i, text, static_cast<uint32_t>(before), static_cast<uint32_t>(after)});
    return true;
  }

  void Record() {
    for (const ChangedText& changed : originals_) KeepOriginal(changed);  // before any node names it
    for (size_t i = 0; i < view_.blocks.size(); ++i) {
      if (nodes_[i].has_value() || view_.blocks[i].kind != BlockKind::kToolResult) continue;
      if (NeedsTextOf(plan_[i].rule) && overruled_.contains(plan_[i].anchor)) LeaveRaw(i, "anchor_missing");
      const store::Node mine = NodeFor(i);
      const store::Node stands = router_.store_.Insert(mine);
      plan_[i].recorded = true;
      // Another request of this conversation was first: its bytes go.
      if (stands.decision != mine.decision || stands.payload != mine.payload) {
        overruled_.insert(lineage_[i]);
        Adopt(stands, i);
      }
      if (plan_[i].replaced() && plan_[i].anchor == Hash128{}) {
        router_.store_.Insert(ReferenceTo(i));
      }
    }
    HandOnLessons();
  }

  store::Node NodeFor(size_t i) const {
    const Decision& decision = plan_[i];
    store::Node node;
    node.key = lineage_[i];
    node.tenant = tenant_;
    node.generation = generation_;
    node.project = project_;
    node.upstream = upstream_;
    node.rule = decision.rule;
    if (!decision.replaced()) return node;
    node.decision = store::Node::Decision::kReplace;
    node.payload = EncodeReplacements(decision.replacements);
    node.tokens_before = decision.tokens_before;
    node.tokens_after = decision.tokens_after;
    node.anchor = decision.anchor;
    node.original_ids = decision.original_ids;
    return node;
  }

  // Files the second key as a reference to the node at this place.
  store::Node ReferenceTo(size_t i) const {
    const auto lineage = lineage_[i].Bytes();
    store::Node node;
    node.key = ContentKey(tenant_, view_.blocks[i]);
    node.tenant = tenant_;
    node.decision = store::Node::Decision::kSame;
    node.generation = generation_;
    node.payload.assign(lineage.data(), lineage.size());
    node.project = project_;
    node.upstream = upstream_;
    return node;
  }

  struct ChangedText {
    size_t block;
    std::string text;
    uint32_t tokens_before;
    uint32_t tokens_after;
    uint32_t items = 0;
    uint32_t items_after = 0;
  };

  // What stands in a rendition without gaps is all of it.
  static void CountItems(const text::Rendition& rendition, ChangedText& changed) {
    const auto lines = std::count(changed.text.begin(), changed.text.end(), '\n') + 1;
    changed.items = static_cast<uint32_t>(rendition.omitted.has_value() ? rendition.omitted->total : lines);
    changed.items_after = static_cast<uint32_t>(rendition.omitted.has_value() ? rendition.omitted->kept : lines);
  }

  void KeepOriginal(const ChangedText& changed) const {
    const auto call = calls_.find(view_.blocks[changed.block].call_id);
    store::Original original;
    original.id = ContentId(changed.text);
    original.tenant = tenant_;
    original.text = changed.text;
    original.tool_name = call == calls_.end() ? "" : call->second->tool_name;
    original.project = project_;
    original.upstream = upstream_;
    original.generation = generation_;
    original.tokens = changed.tokens_before;
    original.tokens_after = changed.tokens_after;
    original.items = changed.items;
    original.items_after = changed.items_after;
    router_.store_.PutOriginal(std::move(original));
  }

  const ContentRouter& router_;
  const json::Document& document_;
  const RequestView& view_;
  const std::vector<Hash128>& lineage_;
  const store::TenantId tenant_;
  const std::string& upstream_;
  const std::string& project_;
  const bool login_;
  const bool can_retrieve_;
  const Mode mode_;
  bool known_;
  const std::vector<BlockFate>* const fates_;
  RouterFailures& failures_;

  std::vector<std::optional<store::Node>> nodes_;
  std::unordered_map<size_t, size_t> by_content_;  // block to its place in content_nodes_
  std::vector<std::optional<store::Node>> content_nodes_;
  Plan plan_;
  SeenBefore seen_;
  const tokens::Counter& counter_;
  Clock::TimePoint deadline_;
  Policy policy_;
  uint32_t generation_ = 0;
  std::shared_ptr<const learning::Snapshot> snapshot_;
  bool gaps_ = false;
  bool opens_gaps_ = false;  // the model can open them, and nobody asked for gaps in spite of that
  bool complete_ = true;     // the store answered for every key
  size_t first_decidable_ = 0;
  std::unordered_map<std::string, const Block*> calls_;  // by id; the latest wins
  std::vector<ChangedText> originals_;
  std::vector<std::pair<size_t, learning::Excerpt>> lessons_;  // with the blocks they are about
  std::unordered_set<Hash128, Hash128Hasher> overruled_;  // blocks of which another request decided otherwise first
};

ContentRouter::ContentRouter(Options options, store::Store& store, const Clock& clock)
    : options_(std::move(options)), store_(store), clock_(clock), snapshots_(store) {
  Adopt(options_.policy, std::make_shared<const learning::Snapshot>());
}

Plan ContentRouter::Decide(const Request& request, RouterFailures& failures) const {
  return Pass(*this, request, failures).Run();
}

void ContentRouter::Use(learning::Snapshot snapshot) {
  snapshots_.Forget();
  snapshots_.Keep(snapshot);
  Adopt(Newest().policy, std::make_shared<const learning::Snapshot>(std::move(snapshot)));
}

void ContentRouter::Use(Policy policy) { Adopt(std::move(policy), Newest().snapshot); }

void ContentRouter::Adopt(Policy policy, std::shared_ptr<const learning::Snapshot> snapshot) {
  Generation generation{.policy = std::move(policy)};
  generation.policy.gaps = options_.policy.gaps;
  generation.policy.logins = options_.policy.logins;
  generation.policy.learned = snapshot->digest();
  generation.number = store_.InternGeneration(generation.policy.ToText());
  generation.snapshot = std::move(snapshot);
  const std::lock_guard lock(mutex_);
  newest_ = std::move(generation);
}

ContentRouter::Generation ContentRouter::Newest() const {
  const std::lock_guard lock(mutex_);
  return newest_;
}

ContentRouter::Generation ContentRouter::Of(uint32_t number) const {
  const Result<std::string> text = store_.GenerationPolicy(number);
  Generation generation{.policy = text.ok() ? Policy::FromText(*text) : Newest().policy, .number = number};
  generation.snapshot = snapshots_.Find(generation.policy.learned);
  return generation;
}

}  // namespace headroom::proxy
