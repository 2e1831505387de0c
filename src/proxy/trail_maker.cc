#include "proxy/trail_maker.h"

#include <algorithm>

#include "base/bytes.h"
#include "proxy/calibrator.h"
#include "proxy/lineage.h"
#include "proxy/retrieve_tool.h"
#include "tokens/counter.h"

namespace headroom::proxy {
namespace {

// What a call and its result need beside their texts: ids, names, separators.
constexpr size_t kAroundCall = 24;

// Of the elements of a list without its brackets, as hidden exchanges keep them.
size_t CountElements(std::string_view elements, const tokens::Counter& counter, bool ours_only) {
  json::Document document;
  std::string list = "[";
  list.append(elements).append("]");
  const PaddedBytes bytes(list);
  if (!document.Parse(bytes).ok()) return 0;
  size_t tokens = 0;
  for (const json::Token& element : document.Elements(document.root())) {
    const std::string_view raw = document.Raw(element);
    if (ours_only && raw.find(kRetrieveTool) == std::string_view::npos) continue;
    if (element.type != json::Type::kObject) continue;
    // A chat message with our call holds nothing else that is ours; its text is the client's too.
    for (const json::Member& member : document.Members(element)) {
      const bool text = ours_only && document.TextIs(member.key, "content");
      const bool id = document.TextIs(member.key, "id") || document.TextIs(member.key, "tool_use_id") ||
                      document.TextIs(member.key, "tool_call_id") || document.TextIs(member.key, "call_id");
      if (!text && !id) tokens += CountTexts(document, member.value, counter);
    }
    if (ours_only) tokens += kAroundCall;
  }
  return tokens;
}

}  // namespace

size_t TokenMemo::Of(const Hash128& key, const std::function<size_t()>& count) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = known_.find(key); found != known_.end()) return found->second;
  }
  const size_t tokens = count();
  const std::lock_guard lock(mutex_);
  if (known_.size() >= kMaxKnown) known_.clear();
  known_[key] = tokens;
  return tokens;
}

size_t CountHidden(const HiddenExchange& exchange, std::string_view model) {
  const tokens::Counter& counter = tokens::CounterFor(model);
  size_t tokens = 0;
  for (const HiddenInsert& insert : exchange.inserts) {
    tokens += CountElements(insert.calls, counter, true) + CountElements(insert.results, counter, false);
  }
  return tokens;
}

size_t CountCalls(const std::vector<HeldCall>& calls, std::string_view model) {
  const tokens::Counter& counter = tokens::CounterFor(model);
  size_t tokens = 0;
  for (const HeldCall& call : calls) tokens += counter.Count(kRetrieveTool) + 1 + counter.Count(call.arguments);
  return tokens;
}

Trail MakeTrail(const TrailFacts& facts, WarmPrefixes& prefixes, TokenMemo& memo) {
  Trail trail;
  trail.place = facts.lineage.back();
  trail.root = RootOf(facts.view, facts.lineage);
  trail.model = HashOf(facts.view.model);
  trail.epoch = facts.epoch;
  if (!facts.definition.empty()) {
    const Hash128 key = Hasher128().Add(facts.view.model).Add(facts.definition).Finish();
    const auto count = [&] { return tokens::CounterFor(facts.view.model).Count(facts.definition); };
    trail.saved_at_start = -static_cast<int64_t>(memo.Of(key, count));
  }
  const WarmPrefixes::Found found = prefixes.Find(facts.lineage, trail.root, trail.model);
  trail.latest = found.latest;
  trail.goes_on = found.goes_on;

  int64_t saved = trail.saved_at_start;
  auto hidden = facts.hidden.begin();
  size_t at = 0;  // the next block
  const auto advance = [&](size_t end) {
    for (; at < end; ++at) {
      const Decision& decision = facts.plan[at];
      if (decision.replaced()) {
        saved += static_cast<int64_t>(decision.tokens_before) - static_cast<int64_t>(decision.tokens_after);
      }
      for (; hidden != facts.hidden.end() && hidden->message <= facts.view.blocks[at].message; ++hidden) {
        saved -= static_cast<int64_t>(hidden->tokens);
      }
    }
  };
  for (const WarmPrefixes::Step& step : found.steps) {
    advance(step.block + 1);
    Trail::Step& made = trail.steps.emplace_back();
    made.prefix = step.prefix;
    made.saved = made.saved_after = saved;
    const bool answered = step.prefix.prompt_after > step.prefix.prompt && hidden != facts.hidden.end();
    if (answered) made.saved_after -= static_cast<int64_t>(hidden->tokens);
  }
  advance(facts.view.blocks.size());
  trail.saved = saved;
  return trail;
}

}  // namespace headroom::proxy
