// Whether a request may go upstream: rate limits and budgets, in one place.
//
//   ExchangeRun ─► Admit ──refused──► a reply in the provider's words
//                    │granted: a Ticket holds what was taken
//                    ├► AdmitAgain    for each further request upstream of the same exchange
//                    ▼
//                  Settle             what usage says replaces what was estimated
//
//   route                    requests   tokens, budgets
//   conversations (POST)     counted    counted
//   other POSTs carried      counted    counted; by usage alone where the body is not read
//   token counting, GET, …   counted    free of charge at the providers
//
// A client is its credential's tenant, and without a credential its address.
// What a request costs at most is held while it is under way: its prompt at the
// dearest rate that its cache marks allow, and all the output that it asks for.
//
// Thread-safe. Admit and AdmitAgain may wait where may_wait() says so.

#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "policy/budgets.h"
#include "policy/charges.h"
#include "policy/rate_limits.h"
#include "policy/token_rates.h"
#include "proxy/api.h"
#include "proxy/credential.h"
#include "proxy/exchange_record.h"
#include "proxy/routes.h"
#include "store/counters.h"

namespace headroom::proxy {

class Admission {
 public:
  // Of a request that names no limit for its output.
  static constexpr uint64_t kUnsaidOutput = 16'384;
  // Models whose guessed prices are counted one by one.
  static constexpr size_t kMaxGuesses = 256;

  struct Options {
    policy::RateLimits::Options rates;
    policy::Budgets::Options budgets;
    int over_budget_status = 429;  // or 402
  };

  struct Request {
    const Route& route;
    std::string_view method;
    const Credential& credential;
    store::TenantId tenant;
    std::string_view peer_address;
    std::string_view model;              // "" where the body was not read
    std::optional<uint64_t> max_output;  // tokens asked for at most
    std::string_view sent;               // the body as it goes upstream; "" where it is streamed through
  };

  // What an exchange has taken. Gives it back unused when it is destroyed before Settle.
  class Ticket {
   public:
    Ticket() = default;
    ~Ticket();
    Ticket(const Ticket&) = delete;
    Ticket& operator=(const Ticket&) = delete;

   private:
    friend class Admission;

    struct Taken {
      store::Claim claim;
      policy::RateLimits::Places places;  // of its buckets
      uint64_t hold = 0;
    };

    Admission* admission_ = nullptr;
    std::vector<Taken> taken_;
    Hash128 client_;
    store::TenantId tenant_;
    bool paid_ = false;  // counts for tokens and budgets
    std::string model_;
    std::string_view provider_;
    std::optional<policy::Charge> charge_;  // under a budget
    std::optional<uint64_t> max_output_;
    policy::BodyParts parts_;  // of the first body
  };

  // The arguments must outlive it and every ticket.
  Admission(Options options, store::Counters& counters, const policy::ModelCatalog& catalog, const Clock& clock);

  // Nothing: the request is admitted, and `ticket`, a new one, holds what it takes.
  std::optional<Reply> Admit(const Request& request, Ticket& ticket);

  // One more request upstream, with this body. `forced`: the exchange has begun and
  // must go on; else false where there is not enough.
  bool AdmitAgain(Ticket& ticket, std::string_view sent, bool forced);

  // By the usage of the record. Never waits. The ticket is empty afterwards.
  void Settle(Ticket& ticket, const ExchangeRecord& record);

  bool may_wait() const { return counters_.may_wait(); }
  bool limits_rates() const { return options_.rates.requests_per_minute > 0 || options_.rates.tokens_per_minute > 0; }
  // True where a request's model decides what it is charged.
  bool asks_model() const { return budgets_.any(); }

  // For operators.
  struct Report {
    policy::RateLimits::Options rates;  // 0: not limited
    uint64_t active_buckets = 0;
    uint64_t rate_limited = 0;                         // requests refused
    uint64_t over_budget = 0;                          // likewise
    uint64_t held_back = 0;                            // likewise, the rest of a budget being held
    std::map<std::string, uint64_t> guessed_prices;    // charged requests by model without a price of its own
    std::vector<policy::Budgets::Standing> standings;  // the installation's first, where there is one
  };
  // May wait as Admit.
  Report report() const;

 private:
  Ticket::Taken ClaimFor(const Ticket& ticket, std::string_view sent, const policy::BodyParts& parts) const;
  Reply Refuse(const Request& request, const Ticket::Taken& asked, const store::Grant& grant);
  Reply RefuseByRate(Api api, const Ticket::Taken& asked, const store::Grant& grant);
  void SettleWith(Ticket& ticket, int64_t tokens, int64_t cost);
  int64_t CostOf(const Ticket& ticket, const ExchangeRecord& record) const;
  void CountGuess(const Ticket& ticket);

  const Options options_;
  store::Counters& counters_;
  const Clock& clock_;
  const policy::RateLimits rates_;
  const policy::Budgets budgets_;
  const policy::Charges charges_;
  policy::TokenRates token_rates_;
  mutable std::mutex guesses_mutex_;
  std::map<std::string, uint64_t> guesses_;  // guarded by guesses_mutex_
  std::atomic<uint64_t> rate_limited_{0};
  std::atomic<uint64_t> over_budget_{0};
  std::atomic<uint64_t> held_back_{0};
};

}  // namespace headroom::proxy
