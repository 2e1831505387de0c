#include "proxy/counterfactual.h"

#include <algorithm>
#include <cmath>

namespace headroom::proxy {
namespace {

using std::chrono::minutes;

// OpenAI caches from so many tokens on, and up to a multiple of 128 or (GPT-5.5) 2,048.
constexpr uint64_t kOpenAiMinimum = 1'024;
constexpr uint64_t kOpenAiInterval = 2'048;
// Anthropic's boundaries are exact; a few tokens may stand behind the last mark.
constexpr uint64_t kAnthropicSlack = 64;

uint64_t SlackOf(Api api) { return api == Api::kMessages ? kAnthropicSlack : kOpenAiInterval; }

// How much of the prompt was saved before a position in it.
class SavedBefore {
 public:
  SavedBefore(const Turn& turn, uint64_t prompt) : slack_(SlackOf(turn.api)) {
    const Trail& trail = turn.trail;
    const auto billed = [&](int64_t tokens) {
      return static_cast<int64_t>(std::llround(static_cast<double>(tokens) * turn.billed_ratio));
    };
    Add(0, billed(trail.saved_at_start));
    for (const Trail::Step& step : trail.steps) {
      if (step.prefix.epoch != trail.epoch) continue;  // another prompt
      if (step.prefix.prompt < prompt) Add(step.prefix.prompt, billed(step.saved));
      if (step.prefix.prompt_after < prompt) Add(step.prefix.prompt_after, billed(step.saved_after));
    }
    Add(prompt, billed(trail.saved));
  }

  int64_t At(uint64_t position) const {
    if (position == 0) return 0;
    const auto next = std::lower_bound(points_.begin(), points_.end(), position,
                                       [](const Point& point, uint64_t at) { return point.position < at; });
    if (next == points_.end()) return points_.back().saved;
    if (next == points_.begin() || next->position - position <= slack_) return next->saved;
    const Point& before = *std::prev(next);
    const double share =
        static_cast<double>(position - before.position) / static_cast<double>(next->position - before.position);
    return before.saved + std::llround(share * static_cast<double>(next->saved - before.saved));
  }

  // Where it would stand with the original blocks.
  uint64_t Moved(uint64_t position) const {
    return static_cast<uint64_t>(std::max<int64_t>(0, static_cast<int64_t>(position) + At(position)));
  }

 private:
  struct Point {
    uint64_t position;
    int64_t saved;
  };

  void Add(uint64_t position, int64_t saved) {
    if (!points_.empty() && position <= points_.back().position) return;
    points_.push_back({position, saved});
  }

  const uint64_t slack_;
  std::vector<Point> points_;
};

std::string_view CauseOf(const Trail& trail, const WarmPrefix& before) {
  if (before.epoch != trail.epoch) return "epoch";
  const std::string& change = trail.prefix_change;
  if (change == "system_text") return "system_edited";
  if (change.starts_with("system")) return "system_volatile";
  if (change == "tools_order") return "tools_reordered";
  if (change.starts_with("tools")) return "tools_edited";
  if (trail.lost_exchange) return "retrieval_lost";
  return trail.goes_on ? "unknown" : "history_edited";
}

CacheMiss MissOf(const Turn& turn, uint64_t read) {
  if (!turn.trail.latest.has_value()) return {};
  const WarmPrefix& before = *turn.trail.latest;
  const uint64_t slack = SlackOf(turn.api);
  const bool was_cached = turn.api == Api::kMessages || before.cached >= kOpenAiMinimum + slack;
  if (!was_cached || read + slack >= before.cached) return {};
  const bool warm = turn.now - before.used <= before.life;
  return {.cause = warm ? CauseOf(turn.trail, before) : "ttl_passed", .tokens = before.cached - read};
}

// A reply without figures: what was there before is taken to be cached, so that no saving is overstated.
Usage Assumed(const Turn& turn) {
  Usage usage = turn.replies.front();
  const std::optional<WarmPrefix>& before = turn.trail.latest;
  if (!usage.estimated || usage.cache_read > 0 || !before.has_value() || !turn.trail.goes_on) return usage;
  if (turn.now - before->used > before->life) return usage;
  usage.cache_read = std::min(before->cached, usage.input);
  usage.input -= usage.cache_read;
  return usage;
}

// OpenAI does not cache the prompt that our edits made so short; the original it would have.
bool TooShortForUs(const Turn& turn, const WarmPrefix& before) {
  return turn.api != Api::kMessages && before.cached < kOpenAiMinimum && before.original_cached >= kOpenAiMinimum &&
         turn.now - before.used <= before.life;
}

// Cuts the prompt to what would have been answered, the cheapest part first.
void CutTo(uint64_t limit, Usage& usage) {
  for (uint64_t* const part : {&usage.cache_read, &usage.input, &usage.cache_write, &usage.cache_write_1h}) {
    const uint64_t prompt = usage.prompt();
    if (prompt <= limit) return;
    *part -= std::min(*part, prompt - limit);
  }
}

WarmPrefix NextOf(const Turn& turn, const Usage& forwarded, uint64_t original_marked, uint64_t original_prompt) {
  const Usage& last = turn.replies.back();
  const bool marked = turn.api == Api::kMessages || last.written() > 0;
  WarmPrefix next;
  next.model = turn.trail.model;
  next.epoch = turn.trail.epoch;
  next.prompt = forwarded.prompt();
  next.prompt_after = std::max(last.prompt(), next.prompt);
  next.cached = marked ? last.cache_read + last.written() : next.prompt_after;
  next.original_cached = marked ? original_marked : original_prompt;
  next.used = turn.now;
  next.life = minutes(5);
  if (last.cache_write_1h > 0) next.life = minutes(60);
  const bool reads_on = last.written() == 0 && !turn.trail.steps.empty();
  if (reads_on) next.life = turn.trail.steps.back().prefix.life;
  return next;
}

}  // namespace

Counterfactual WithoutUs(const Turn& turn) {
  Counterfactual out;
  out.forwarded = Assumed(turn);
  const Usage& forwarded = out.forwarded;
  const uint64_t prompt = forwarded.prompt();
  const SavedBefore saved(turn, prompt);
  out.miss = MissOf(turn, forwarded.cache_read);

  uint64_t read = saved.Moved(forwarded.cache_read);
  const uint64_t end_1h = std::max(read, saved.Moved(forwarded.cache_read + forwarded.cache_write_1h));
  const uint64_t end_5m = std::max(end_1h, saved.Moved(forwarded.cache_read + forwarded.written()));
  const uint64_t end = std::max(end_5m, saved.Moved(prompt));
  if (!turn.trail.steps.empty()) {
    const WarmPrefix& before = turn.trail.steps.back().prefix;
    // What was hidden behind it is cached for us alone.
    if (forwarded.cache_read <= before.cached) read = std::min(read, before.original_cached);
    if (TooShortForUs(turn, before)) read = std::max(read, std::min(before.original_cached / 128 * 128, end));
    if (out.miss.is_ours()) read = std::max(read, std::min(before.original_cached, end));
  }
  Usage& original = out.original;
  original = forwarded;
  original.cache_read = read;
  original.cache_write_1h = forwarded.cache_write_1h > 0 ? std::max(end_1h, read) - read : 0;
  const uint64_t marked = std::max(end_5m, read);
  original.cache_write = forwarded.cache_write > 0 ? marked - read - original.cache_write_1h : 0;
  original.input = end - std::min(end, original.cache_read + original.written());
  uint64_t output = 0;
  for (const Usage& reply : turn.replies) output += reply.output;
  original.output = output - std::min(output, turn.hidden_output);
  if (turn.prompt_limit.has_value()) CutTo(*turn.prompt_limit, original);
  out.next = NextOf(turn, forwarded, original.cache_read + original.written(), original.prompt());
  return out;
}

}  // namespace headroom::proxy
