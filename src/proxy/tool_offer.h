// Whether a conversation is offered the retrieval tool: judged once, at its
// first request with tools, and recorded with the tool's bytes.
//
// A conversation is known by the lineage of what stands before its first
// answer. Where the first request is not the first that we see, where a tool is
// forced, where the provider keeps the conversation as a thread, or where a tool of
// that name exists already, the tool is never added; a request without tools decides
// nothing. Where a provider refuses the first request and takes it without the tool, it is
// withdrawn for good. A client's own tool of that name that takes a hash counts as able to open
// gaps. Afterwards the tool stays, in the same bytes and place, whatever the client
// does with its own tools.
// Thread-safe.

#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "base/hash.h"
#include "json/document.h"
#include "proxy/request_view.h"
#include "store/store.h"

namespace headroom::proxy {

// Which conversations are offered the tool: none, those that are seen from their first request on, or also
// those that were under way (once the price of the provider's cache).
enum class Offer : uint8_t { kNever, kAuto, kAlways };

struct ToolOffer {
  bool can_retrieve = false;         // the model has the tool, ours or one of that name
  std::string definition;            // to be added to "tools"; "" when nothing is
  std::optional<json::Token> tools;  // the client's list
  bool answered = false;             // the conversation has an answer already
  bool known = false;                // it was judged by an earlier request: it came through here from then on

  bool adds() const { return !definition.empty() && tools.has_value(); }
};

class ToolOffers {
 public:
  explicit ToolOffers(store::Store& store);

  struct Request {
    const json::Document& document;
    const RequestView& view;
    const std::vector<Hash128>& lineage;
    const store::TenantId& tenant;
    Offer offer = Offer::kNever;
    bool needs_own = false;  // a tool of that name, from whomever, matters to the caller
    bool record = true;
  };

  // Whether any conversation was offered the tool, or may have been.
  bool any() const { return any_; }

  // Cost: one look-up for requests with tools, none where nothing was ever offered.
  ToolOffer Decide(const Request& request) const;

  // The provider took the first request of the conversation with this root without the tool only: it is
  // never added again.
  void Withdraw(const store::TenantId& tenant, const Hash128& root) const;

 private:
  std::string Judge(const Request& request, store::Node node, bool offers) const;

  store::Store& store_;
  mutable std::atomic<bool> any_{false};  // some conversation was judged, in this life or before
};

}  // namespace headroom::proxy
