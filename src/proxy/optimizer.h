// From a request body to the body that goes upstream: read, decide, splice.
//
//   body ─► RequestView ─► Tenants ─► ContentRouter ─► Plan ─► EditList ─► ContextManager ─► spliced body
//
// Never fails: whatever goes wrong, the body stays as it came and the reason is
// said (docs/invariants.md, I5). Thread-safe.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "base/bytes.h"
#include "proxy/api.h"
#include "proxy/block_change.h"
#include "proxy/cache_aligner.h"
#include "proxy/cacheable.h"
#include "proxy/content_router.h"
#include "proxy/context_fit.h"
#include "proxy/context_manager.h"
#include "proxy/counterfactual.h"
#include "proxy/credential.h"
#include "proxy/hidden_insertion.h"
#include "proxy/reply_alias.h"
#include "proxy/reply_ledger.h"
#include "proxy/reply_splicer.h"
#include "proxy/tenants.h"
#include "proxy/tool_offer.h"
#include "proxy/trail_maker.h"

namespace headroom::proxy {

// What the context manager did to a request.
struct ContextOutcome {
  bool exceeded = false;          // it would not have fitted
  bool refused = false;           // so the provider said
  bool made = false;              // a new epoch was made for it
  bool applies = false;           // it goes without what an epoch left out, this one or an earlier one
  uint32_t dropped_messages = 0;  // by the epoch that was made, beyond those that it contains
  uint32_t deepened_results = 0;
  uint64_t dropped_tokens = 0;  // of the messages left out of this request, by our count
};

struct Optimized {
  std::optional<std::string> body;  // nothing: send what came
  std::string model;
  std::optional<store::TenantId> tenant;  // nothing where the body was not read as a conversation
  uint64_t tokens_saved = 0;              // over the whole request, replays included
  uint64_t tokens_saved_once = 0;         // of blocks decided in this request
  // Replaced blocks by rule, and blocks left raw by reason; replays apart.
  std::map<std::string, uint32_t> decided;
  uint32_t replayed = 0;
  BlockChanges changes;
  bool partial = false;                   // usage counts more than the body: a conversation that the provider keeps,
                                          // several replies
  std::optional<ReplyPlace> reply_place;  // where the reply belongs, if a later request may name it
  // Set where the model has our tool from us, or the reply before has another id
  // upstream: calls are answered, and what they hid is filed under this place.
  std::optional<ReplyPlace> hidden_place;
  bool streams = false;                       // the request asks for events
  std::optional<CacheableRequest> cacheable;  // what the response cache asks of it
  bool first_offer = false;            // our tool is in it, and nothing was answered yet: a refusal may mean the tool
  std::string shown_previous;          // that reply by the client's id, raw JSON; "" where it is the provider's
  std::optional<uint64_t> max_output;  // tokens asked for at most
  std::string originals;               // what the replacements stand for, 24 hex digits each
  std::optional<CacheAligner::Observed> prefix;  // for CacheAligner::Settle, once the reply is here
  PutBackCounts hidden;                          // exchanges put back into this request
  ContextOutcome context;
  std::optional<ContextFit::Place> usage_place;  // where the reply's usage belongs, if it is of the whole prompt
  std::optional<Trail> trail;                    // by which the reply's usage is compared
  bool drops_thinking = false;                   // the body asks the provider to drop thinking that no longer fits
  RouterFailures failures;
  std::string untouched;  // why the whole body went as it came: "", "not_json", "shape", "depth",
                          // "exception"
};

class Optimizer {
 public:
  // Without a catalogue the limits of models are known from refusals alone. It must outlive this.
  Optimizer(ContentRouter::Options options, store::Store& store, const Clock& clock,
            ContextManager::Options context = {}, const policy::ModelCatalog* models = nullptr);

  struct Request {
    Api api = Api::kMessages;
    Credential credential;
    std::function<std::string(std::string_view model)> upstream;  // label of what is stored
    std::string project = {};                                     // likewise; "": Options::project
    ContentRouter::Mode mode = ContentRouter::Mode::kRecord;
    // The provider refused this body for thinking that no longer fits: ask for
    // dropping, now and for the rest of the conversation.
    bool drop_thinking = false;
    // The provider refused this body because the prompt is too long: make it shorter.
    std::optional<Overflow> refused = {};
    std::string anthropic_beta = {};                                  // the header's values, joined by commas
    std::function<double(std::string_view model)> billed_ratio = {};  // billed over counted tokens
    // The provider refused this body for its tools: leave ours out.
    bool without_tool = false;
  };

  Optimized Run(const Request& request, const PaddedBytes& body);

  // The model, max_output and what the response cache asks, for bodies that pass untouched.
  static Optimized Peek(Api api, const PaddedBytes& body);

  // Files the reply to a request whose reply_place this is.
  void RecordReply(const ReplyPlace& place, const ObservedReply& reply) const { replies_.Record(place, reply); }

  // Files the reply to a request whose hidden_place this is: what was hidden in it.
  void RecordSpliced(const ReplyPlace& place, const ReplySplicer& splicer) const;

  // Files what the provider counted for the request whose usage_place this is.
  void RecordUsage(const ContextFit::Place& place, uint64_t prompt_tokens, uint64_t output_tokens) {
    fit_.Record(place, prompt_tokens, output_tokens);
  }

  // Files what the provider's cache holds after the request of this trail.
  void RecordPrefix(const Trail& trail, const WarmPrefix& prefix) { prefixes_.Record(trail.place, trail.root, prefix); }

  // The provider took the request of this hidden_place without our tool only.
  void WithdrawTool(const ReplyPlace& place) const { offers_.Withdraw(place.tenant, place.root); }

  Tenants& tenants() { return tenants_; }
  const ReplyAliases& aliases() const { return aliases_; }
  CacheAligner& cache_aligner() { return cache_aligner_; }
  // Whether any conversation was offered our tool, or may have been.
  bool offered() const { return offers_.any(); }

  // For conversations that begin from now on.
  void Use(learning::Snapshot snapshot) { router_.Use(std::move(snapshot)); }
  void Use(const Policy& policy) {
    router_.Use(policy);
    context_.Use(policy);
  }
  // The digest of what they are decided by.
  std::string snapshot() const { return router_.snapshot(); }

 private:
  // One request as it was read.
  struct Passage;
  // What goes upstream.
  struct Composed {
    Plan plan{0};
    json::EditList edits{0};
    std::optional<std::string> body;  // nothing: what came
    PutBackCounts hidden;
    std::vector<HiddenTokens> hidden_tokens;  // put back, by message
    bool drops_thinking = false;
  };

  void Decide(const Request& request, const PaddedBytes& body, Optimized& out);
  Result<Composed> Compose(const Request& request, const Passage& passage, const EpochLedger::Found* epoch,
                           RouterFailures& failures);
  static ContextFit::Request Asked(const Request& request, const Passage& passage,
                                   const std::optional<EpochLedger::Found>& epoch, const Composed& composed);
  // Makes an epoch where the request would not fit, and composes it anew.
  void MakeFit(const Request& request, const Passage& passage, std::optional<EpochLedger::Found>& epoch,
               Composed& composed, Optimized& out);
  // Names the reply before as the provider knows it, and brings what it waits for.
  static Status NamePrevious(const Passage& passage, json::EditList& edits);
  // Adds the tool and puts hidden exchanges back.
  Result<PutBackCounts> AddRetrieval(const Passage& passage, Composed& composed);
  Trail TrailOf(const Passage& passage, const std::optional<EpochLedger::Found>& epoch, const Composed& composed,
                const Optimized& out);
  bool DropsThinking(const Request& request, const RequestView& view, const store::TenantId& tenant);

  store::Store& store_;
  Tenants tenants_;
  ReplyLedger replies_;
  ReplyAliases aliases_;
  ToolOffers offers_;
  CacheAligner cache_aligner_;
  const std::string project_;
  ContentRouter router_;
  ContextManager context_;
  ContextFit fit_;
  WarmPrefixes prefixes_;
  TokenMemo token_memo_;
};

}  // namespace headroom::proxy
