// What is known of one exchange with a provider when it has ended. Built once,
// by ExchangeRun, and read by everything that counts, prices, logs or shows
// exchanges. Holds no prompt text and no credential.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "policy/cost.h"
#include "proxy/counterfactual.h"
#include "proxy/routes.h"
#include "proxy/usage.h"
#include "store/store.h"

namespace headroom::proxy {

struct ExchangeRecord {
  std::string id;                    // as in x-headroom-request-id
  int64_t unix_millis = 0;           // when its head was here
  Route route;                       // kind, API, path upstream
  std::string upstream;              // its configured name; "" where none was chosen
  std::string model;                 // as the request names it; "" where the body was not read
  store::TenantId tenant;            // its hash, never the credential
  std::string project;               // label; "" by default
  std::string client;                // its kind, as ClientFamily says
  int status = 0;                    // the client has it; 0: nothing was sent
  Status outcome;                    // why it was refused or cut
  bool stream = false;               // the client asked for events
  bool cache_hit = false;            // answered from our response cache: nothing was paid
  std::optional<Usage> cache_saved;  // what that answer used when it was paid
  std::vector<Usage> replies;        // what each paid reply used: one, and one more for each retrieval round
  // By the day's prices; nothing where a model's are not known or nothing was paid.
  std::optional<policy::NanoDollars> cost;

  // Nothing where it cannot be told: no price, or no conversation that was read.
  std::optional<Usage> original;                   // what the turn would have used with the original blocks
  std::optional<policy::NanoDollars> net_savings;  // its cost less `cost`; negative where we made the turn dearer
  CacheMiss miss;                                  // of the provider's cache

  // What optimising did, by our own count of tokens.
  uint64_t tokens_saved = 0;  // against the request as it came, replays included
  std::map<std::string, uint32_t> decided;
  uint32_t replayed = 0;

  uint64_t hidden_output = 0;               // tokens of calls that the proxy answered
  std::map<std::string, std::string> tags;  // from x-headroom-NAME headers of the request; bounded
  uint64_t request_bytes = 0;               // of the body as it came
  uint64_t sent_bytes = 0;                  // as it went upstream
  int retrieval_rounds = 0;                 // replies continued because the model opened a gap
  int retries = 0;                          // requests sent again after a refusal
  double overhead_ms = 0;                   // body here to request sent: our own work
  double decide_ms = 0;                     // of that: deciding what goes upstream
  double first_byte_ms = 0;                 // request sent to head of the reply; 0: none came
  double total_ms = 0;

  bool optimized() const { return route.kind == Route::Kind::kOptimized; }
  // The provider answered it; what it refused was no saving.
  bool answered() const { return status >= 200 && status < 300; }
  // Of all replies together; nothing where none was paid.
  std::optional<Usage> usage() const;
};

// A tenant in logs and statistics: 32 hexadecimal digits.
std::string TenantDigest(const store::TenantId& tenant);

// The counts by which a reply is priced.
policy::BilledTokens BilledOf(const Usage& usage);

// Who defined the API: "anthropic", "openai".
std::string_view ProviderName(Api api);

}  // namespace headroom::proxy
