// From a request body to the body that goes upstream: read, decide, splice.
//
//   body ─► RequestView ─► Tenants ─► ContentRouter ─► Plan ─► EditList ─► spliced body
//
// Never fails: whatever goes wrong, the body stays as it came and the reason is
// said (docs/invariants.md, I5). Thread-safe.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "proxy/api.h"
#include "proxy/content_router.h"
#include "proxy/credential.h"
#include "proxy/hidden_insertion.h"
#include "proxy/reply_ledger.h"
#include "proxy/reply_splicer.h"
#include "proxy/tenants.h"
#include "proxy/tool_offer.h"

namespace headroom::proxy {

struct Optimized {
  std::optional<std::string> body;  // nothing: send what came
  std::string model;
  uint64_t tokens_saved = 0;       // over the whole request, replays included
  uint64_t tokens_saved_once = 0;  // of blocks decided in this request
  // Replaced blocks by rule, and blocks left raw by reason; replays apart.
  std::map<std::string, uint32_t> decided;
  uint32_t replayed = 0;
  bool partial = false;                   // usage counts more than the body: a conversation that the provider keeps,
                                          // several replies
  std::optional<ReplyPlace> reply_place;  // where the reply belongs, if a later request may name it
  // Set where the model has our tool from us: its calls are answered, and what
  // they hid is filed under this place.
  std::optional<ReplyPlace> hidden_place;
  std::string originals;        // what the replacements stand for, 24 hex digits each
  PutBackCounts hidden;         // exchanges put back into this request
  bool drops_thinking = false;  // the body asks the provider to drop thinking that no longer fits
  RouterFailures failures;
  std::string untouched;  // why the whole body went as it came: "", "not_json", "shape", "depth",
                          // "exception"
};

class Optimizer {
 public:
  Optimizer(ContentRouter::Options options, store::Store& store, const Clock& clock);

  struct Request {
    Api api = Api::kMessages;
    Credential credential;
    std::function<std::string(std::string_view model)> upstream;  // label of what is stored
    ContentRouter::Mode mode = ContentRouter::Mode::kRecord;
    // The provider refused this body for thinking that no longer fits: ask for
    // dropping, now and for the rest of the conversation.
    bool drop_thinking = false;
  };

  Optimized Run(const Request& request, const PaddedBytes& body);

  // The model alone, for bodies that pass untouched.
  static Optimized Peek(const PaddedBytes& body);

  // Files the reply to a request whose reply_place this is.
  void RecordReply(const ReplyPlace& place, const ObservedReply& reply) const { replies_.Record(place, reply); }

  // Files the reply to a request whose hidden_place this is: what was hidden in it.
  void RecordSpliced(const ReplyPlace& place, const ReplySplicer& splicer) const;

  Tenants& tenants() { return tenants_; }

 private:
  void Decide(const Request& request, const PaddedBytes& body, Optimized& out);
  // Adds the tool and puts hidden exchanges back.
  Status AddRetrieval(const json::Document& document, const RequestView& view, const std::vector<Hash128>& lineage,
                      const ToolOffer& offer, json::EditList& edits, Optimized& out);
  bool DropsThinking(const Request& request, const RequestView& view, const store::TenantId& tenant);

  store::Store& store_;
  Tenants tenants_;
  ReplyLedger replies_;
  ToolOffers offers_;
  const std::string project_;
  ContentRouter router_;
};

}  // namespace headroom::proxy
