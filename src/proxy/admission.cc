#include "proxy/admission.h"

#include <string.h>

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "policy/cost.h"
#include "proxy/refusal.h"

namespace headroom::proxy {
namespace {

bool Contains(std::string_view body, std::string_view text) {
  return memmem(body.data(), body.size(), text.data(), text.size()) != nullptr;
}

Hash128 ClientOf(const Admission::Request& request) {
  if (request.credential.kind != Credential::Kind::kNone) return request.credential.tenant;
  return Hasher128().Add("address").Add(request.peer_address).Finish();
}

bool IsPaid(const Admission::Request& request) {
  const bool counts = request.route.kind == Route::Kind::kOptimized || request.route.kind == Route::Kind::kCarried;
  return counts && request.method == "POST";
}

int64_t Signed(uint64_t amount) {
  return static_cast<int64_t>(std::min<uint64_t>(amount, static_cast<uint64_t>(store::Counters::kMaxAmount)));
}

}  // namespace

Admission::Ticket::~Ticket() {
  if (admission_ != nullptr) admission_->SettleWith(*this, 0, 0);
}

Admission::Admission(Options options, store::Counters& counters, const policy::ModelCatalog& catalog,
                     const Clock& clock)
    : options_(std::move(options)),
      counters_(counters),
      clock_(clock),
      rates_(options_.rates),
      budgets_(options_.budgets, clock),
      charges_(catalog) {}

std::optional<Reply> Admission::Admit(const Request& request, Ticket& ticket) {
  ticket.client_ = ClientOf(request);
  ticket.tenant_ = request.tenant;
  ticket.paid_ = IsPaid(request);
  ticket.model_ = request.model;
  ticket.provider_ = ProviderName(request.route.api);
  ticket.max_output_ = request.max_output;
  const bool measured = ticket.paid_ && (options_.rates.tokens_per_minute > 0 || budgets_.any());
  if (measured) ticket.parts_ = policy::PartsOf(request.sent);
  if (ticket.paid_ && budgets_.any()) ticket.charge_ = charges_.Of(ticket.model_, ticket.provider_);
  Ticket::Taken taken = ClaimFor(ticket, request.sent, ticket.parts_);
  if (taken.claim.buckets.empty() && taken.claim.budgets.empty()) return std::nullopt;
  const store::Grant grant = counters_.Take(taken.claim);
  if (!grant.granted) return Refuse(request, taken, grant);
  taken.hold = grant.hold;
  ticket.admission_ = this;
  ticket.taken_.push_back(std::move(taken));
  if (ticket.charge_.has_value() && ticket.charge_->basis != policy::Charge::Basis::kListed) CountGuess(ticket);
  return std::nullopt;
}

bool Admission::AdmitAgain(Ticket& ticket, std::string_view sent, bool forced) {
  if (ticket.admission_ == nullptr) return true;
  Ticket::Taken taken = ClaimFor(ticket, sent, ticket.paid_ ? policy::PartsOf(sent) : policy::BodyParts());
  taken.claim.forced = forced;
  const store::Grant grant = counters_.Take(taken.claim);
  taken.hold = grant.hold;
  if (grant.granted) ticket.taken_.push_back(std::move(taken));
  return grant.granted;
}

Admission::Ticket::Taken Admission::ClaimFor(const Ticket& ticket, std::string_view sent,
                                             const policy::BodyParts& parts) const {
  Ticket::Taken asked;
  const uint64_t prompt = parts.text_bytes == 0 ? 0 : token_rates_.Estimate(ticket.model_, parts);
  const std::optional<int64_t> tokens = ticket.paid_ ? std::optional(Signed(prompt)) : std::nullopt;
  asked.places = rates_.AddTo(asked.claim, ticket.client_, tokens);
  if (!ticket.charge_.has_value()) return asked;
  int64_t cost = 0;
  if (prompt > 0) {
    const bool writes = Contains(sent, "cache_control");
    cost = policy::Charges::AtMost(ticket.charge_->facts, {.prompt_tokens = prompt,
                                                           .output_tokens = ticket.max_output_.value_or(kUnsaidOutput),
                                                           .writes_cache = writes,
                                                           .writes_cache_1h = writes && Contains(sent, "\"1h\"")});
  }
  (void)budgets_.AddTo(asked.claim, ticket.tenant_, cost);
  return asked;
}

Reply Admission::Refuse(const Request& request, const Ticket::Taken& asked, const store::Grant& grant) {
  const bool by_rate = std::any_of(grant.buckets.begin(), grant.buckets.end(),
                                   [](const store::BucketState& state) { return state.enough.count() > 0; });
  if (by_rate) return RefuseByRate(request.route.api, asked, grant);
  store::Claim scratch;
  const std::vector<policy::Budgets::Added> budgets = budgets_.AddTo(scratch, request.tenant, 0);
  // Of two that are spent the one that begins anew last; one whose rest is held says so only where none is spent.
  std::optional<BudgetRefusal> worst;
  for (size_t i = 0; i < std::min(grant.budgets.size(), budgets.size()); ++i) {
    const store::BudgetClaim& budget = asked.claim.budgets[i];
    if (grant.budgets[i].sum() < budget.limit) continue;
    const BudgetRefusal refusal{.limit = budget.limit,
                                .period = budgets[i].period,
                                .of_tenant = budgets[i].of_tenant,
                                .ends_at = budget.ends_at,
                                .unix_seconds = clock_.UnixMillis() / 1000,
                                .held_only = grant.budgets[i].spent < budget.limit,
                                .status = options_.over_budget_status};
    const bool worse = !worst.has_value() || (worst->held_only && !refusal.held_only) ||
                       (worst->held_only == refusal.held_only && worst->ends_at < refusal.ends_at);
    if (worse) worst = refusal;
  }
  const BudgetRefusal refusal = worst.value_or(BudgetRefusal{.held_only = true});
  (refusal.held_only ? held_back_ : over_budget_).fetch_add(1, std::memory_order_relaxed);
  return BudgetReply(request.route.api, refusal);
}

Reply Admission::RefuseByRate(Api api, const Ticket::Taken& asked, const store::Grant& grant) {
  rate_limited_.fetch_add(1, std::memory_order_relaxed);
  const auto state = [&](const std::optional<size_t>& place) -> std::optional<LimitState> {
    if (!place.has_value()) return std::nullopt;
    return LimitState{asked.claim.buckets[*place].per_minute, grant.buckets[*place]};
  };
  return RateLimitReply(api, {.requests = state(asked.places.requests),
                              .tokens = state(asked.places.tokens),
                              .unix_millis = clock_.UnixMillis()});
}

void Admission::Settle(Ticket& ticket, const ExchangeRecord& record) {
  if (ticket.admission_ == nullptr) return;
  uint64_t tokens = 0;
  for (const Usage& reply : record.replies) tokens += std::min<uint64_t>(reply.prompt(), uint64_t{1} << 40);
  const bool learns = !record.replies.empty() && !record.replies.front().estimated && ticket.parts_.text_bytes > 0;
  if (learns) token_rates_.Learn(ticket.model_, ticket.parts_, record.replies.front().prompt());
  SettleWith(ticket, Signed(tokens), CostOf(ticket, record));
}

// The first claim gets all of the usage, the others are given back.
void Admission::SettleWith(Ticket& ticket, int64_t tokens, int64_t cost) {
  bool first = true;
  for (const Ticket::Taken& taken : ticket.taken_) {
    store::Settlement settlement{.hold = taken.hold};
    if (taken.places.tokens.has_value()) {
      const store::BucketClaim& bucket = taken.claim.buckets[*taken.places.tokens];
      settlement.buckets.push_back({bucket.key, bucket.per_minute, bucket.amount, first ? tokens : 0});
    }
    for (const store::BudgetClaim& budget : taken.claim.budgets) {
      settlement.budgets.push_back({budget.key, budget.amount, first ? cost : 0, budget.ends_at});
    }
    first = false;
    if (!settlement.buckets.empty() || !settlement.budgets.empty()) counters_.Settle(settlement);
  }
  ticket.taken_.clear();
  ticket.admission_ = nullptr;
}

int64_t Admission::CostOf(const Ticket& ticket, const ExchangeRecord& record) const {
  if (!ticket.charge_.has_value() || record.replies.empty()) return 0;
  // A body that was not read is charged by the model that its reply names.
  const bool late = ticket.model_.empty() && !record.model.empty();
  const policy::Charge charge = late ? charges_.Of(record.model, ticket.provider_) : *ticket.charge_;
  int64_t sum = 0;
  for (const Usage& reply : record.replies) {
    const policy::NanoDollars cost = policy::CostOf(charge.facts, BilledOf(reply)).value_or(0);
    sum += std::clamp<int64_t>(cost, 0, store::Counters::kMaxAmount / 1024);
  }
  return sum;
}

void Admission::CountGuess(const Ticket& ticket) {
  const std::string name = ticket.model_.empty() ? "(not read)" : ticket.model_;
  bool added = false;
  {
    const std::lock_guard lock(guesses_mutex_);
    const bool room = guesses_.size() < kMaxGuesses || guesses_.contains(name);
    added = ++guesses_[room ? name : "other"] == 1;
  }
  if (!added) return;
  log::Warning("a model without a price of its own is charged at the highest prices of its kind",
               {{"model", name},
                {"kind", std::string(policy::BasisName(ticket.charge_->basis))},
                {"remedy", "[models.\"NAME\"] with input_price and output_price in the configuration file"}});
}

Admission::Report Admission::report() const {
  std::map<std::string, uint64_t> guesses;
  {
    const std::lock_guard lock(guesses_mutex_);
    guesses = guesses_;
  }
  return {.rates = options_.rates,
          .active_buckets = counters_.stats().buckets,
          .rate_limited = rate_limited_.load(std::memory_order_relaxed),
          .over_budget = over_budget_.load(std::memory_order_relaxed),
          .held_back = held_back_.load(std::memory_order_relaxed),
          .guessed_prices = std::move(guesses),
          .standings = budgets_.Standings(counters_)};
}

}  // namespace headroom::proxy
