#include "proxy/context_fit.h"

#include <algorithm>
#include <charconv>

#include "policy/window_rules.h"
#include "tokens/counter.h"

namespace headroom::proxy {
namespace {

// Where a refusal names no limit and none is known: the request was too long by so much at least.
constexpr double kRefusedShare = 0.95;

}  // namespace

std::optional<uint64_t> MaxOutput(const json::Document& document) {
  std::optional<uint64_t> found;
  for (const json::Member& member : document.Members(document.root())) {
    const auto is = [&](std::string_view key) { return document.TextIs(member.key, key); };
    if (!is("max_tokens") && !is("max_completion_tokens") && !is("max_output_tokens")) continue;
    const std::string_view raw = document.Raw(member.value);
    uint64_t value = 0;
    const auto [end, error] = std::from_chars(raw.data(), raw.data() + raw.size(), value);
    if (error == std::errc() && end == raw.data() + raw.size()) found = value;
  }
  return found;
}

Hash128 ContextFit::ToldKey(const Request& request) const {
  return Hasher128()
      .Add("told limit")
      .Add(request.tenant)
      .Add(request.upstream)
      .Add(request.view.model)
      .Add(std::to_string(LimitOf(request, std::nullopt).value_or(0)))
      .Finish();
}

ContextFit::Told ContextFit::ToldOf(const Request& request) const {
  const Hash128 key = ToldKey(request);
  const std::lock_guard lock(mutex_);
  const auto found = told_.find(key);
  return found == told_.end() ? Told() : found->second;
}

std::optional<uint64_t> ContextFit::LimitOf(const Request& request, std::optional<uint64_t> max_output) const {
  if (models_ == nullptr) return std::nullopt;
  return policy::PromptLimit(
      *models_, {.model = request.view.model, .anthropic_beta = request.anthropic_beta, .max_output = max_output});
}

SizeRequest ContextFit::Sized(const Request& request, double ratio, uint64_t limit) const {
  return {.document = request.document,
          .view = request.view,
          .lineage = request.lineage,
          .tokens_saved = request.tokens_saved,
          .ratio = ratio,
          .limit = limit};
}

std::optional<ContextFit::Figures> ContextFit::Exceeds(const Request& request) {
  // What the provider itself clears or keeps is not ours to count.
  if (request.view.continues() || request.view.server_held() || request.view.context_editing) return std::nullopt;
  const Told told = ToldOf(request);
  const std::optional<uint64_t> output = MaxOutput(request.document);
  std::optional<uint64_t> limit = LimitOf(request, output);
  if (told.window.has_value()) {
    const uint64_t taken = told.adds_output ? output.value_or(0) : 0;
    limit = taken < *told.window ? *told.window - taken : 1;
  }
  if (!limit.has_value()) return std::nullopt;
  const bool exact = tokens::CounterFor(request.view.model).exactness() == tokens::Exactness::kExact;
  const std::optional<RequestSize> size =
      sizer_.Measure(Sized(request, told.ratio > 0 ? told.ratio : request.ratio, *limit));
  if (!size.has_value() || size->source == RequestSize::Source::kBound) return std::nullopt;
  double doubt = 1;
  if (!exact && size->source == RequestSize::Source::kUsage) doubt = kSmallDoubt;
  if (!exact && size->source == RequestSize::Source::kCount) doubt = told.ratio > 0 ? kSmallDoubt : kDoubt;
  if (static_cast<double>(size->tokens) <= static_cast<double>(*limit) * doubt) return std::nullopt;
  return Figures{size->tokens, *limit};
}

ContextFit::Figures ContextFit::Learn(const Request& request, const Overflow& refusal) {
  RequestSizer by_count;  // remembers no usage: what is learnt is about our count
  const std::optional<RequestSize> size = by_count.Measure(Sized(request, 1, 0));
  const uint64_t counted = size.has_value() ? size->tokens : 0;
  Figures figures{.tokens = refusal.prompt_tokens.value_or(0), .limit = refusal.prompt_limit().value_or(0)};
  const bool named = figures.limit > 0;
  if (!named) figures.limit = LimitOf(request, MaxOutput(request.document)).value_or(0);
  // A refusal outweighs what we believed: the prompt is longer than the limit, or the limit lower.
  if (figures.tokens == 0) figures.tokens = std::max(counted, figures.limit + figures.limit / 20);
  if (figures.limit == 0 || figures.limit >= figures.tokens) {
    figures.limit = static_cast<uint64_t>(static_cast<double>(figures.tokens) * kRefusedShare);
  }
  if (refusal.bytes || request.view.model.empty()) return figures;
  const Hash128 key = ToldKey(request);
  const std::lock_guard lock(mutex_);
  if (told_.size() >= kMaxTold && !told_.contains(key)) {
    told_.erase(std::min_element(told_.begin(), told_.end(),
                                 [](const auto& a, const auto& b) { return a.second.at < b.second.at; }));
  }
  Told& told = told_[key];
  told.at = ++learnt_;
  // Where even the limit was not believed, the refusal's own figures contradict each other.
  if (named && refusal.prompt_limit() == figures.limit) {
    told.window = refusal.limit;
    told.adds_output = refusal.output_tokens.has_value();
  }
  if (refusal.prompt_tokens.has_value() && counted > 0) {
    told.ratio = static_cast<double>(figures.tokens) / static_cast<double>(counted);
  }
  return figures;
}

ContextFit::Place ContextFit::PlaceOf(const Request& request) {
  return {.last_lineage = request.lineage.empty() ? Hash128() : request.lineage.back(),
          .model = request.view.model,
          .fixed_bytes = RequestSizer::FixedBytes(request.document),
          .tokens_saved = request.tokens_saved};
}

void ContextFit::Record(const Place& place, uint64_t prompt_tokens, uint64_t output_tokens) {
  if (place.last_lineage == Hash128()) return;
  sizer_.Record(place.last_lineage, place.model, place.fixed_bytes, place.tokens_saved, prompt_tokens, output_tokens);
}

}  // namespace headroom::proxy
