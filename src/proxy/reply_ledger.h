// What a later request may refer to without sending it: replies that the
// provider keeps (Responses: previous_response_id, conversation, item_reference).
//
//   request: [a, b]              lineage L = chain(a, b)
//   reply resp_1: [c = call f]   recorded: resp_1 -> chain(L, c),  call id of c -> f, its arguments
//   request: previous_response_id resp_1, [result of c]   starts at chain(L, c); its call is f
//   request: [a, b, c, result of c]                       the same keys
//
// Without a record (another proxy, a reply that was cut, an older day) the
// lineage starts from the id alone and the result's call is unknown, so that
// the result stays as it came: nothing says whether it is a file.
//
// Thread-safe.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "json/document.h"
#include "proxy/request_view.h"
#include "store/store.h"

namespace headroom::proxy {

// Where the reply to a request stands; made before the request leaves.
struct ReplyPlace {
  store::TenantId tenant;
  Hash128 lineage;    // after the request's last block
  Hash128 root;       // RootOf(request)
  bool kept = false;  // by the provider, so that a later request may name it
  std::string project;
  std::string upstream;
};

// A reply as observed, in whatever pieces it comes.
struct ObservedReply {
  std::string id;
  std::vector<Block> blocks;  // of its output items in order; calls with recorded_arguments
};

class ReplyLedger {
 public:
  // A call with longer arguments is not recorded, nor are more calls of one reply.
  static constexpr size_t kMaxArgumentBytes = 64 * 1024;
  static constexpr size_t kMaxCalls = 256;
  static constexpr size_t kMaxIdBytes = 256;

  explicit ReplyLedger(store::Store& store) : store_(store) {}

  // Fills view.start, view.root and view.earlier_calls. Cost: at most two look-ups.
  void Continue(const store::TenantId& tenant, RequestView& view) const;

  // Files a whole reply.
  void Record(const ReplyPlace& place, const ObservedReply& reply) const;

 private:
  void FindEarlierCalls(const store::TenantId& tenant, RequestView& view) const;

  store::Store& store_;
};

}  // namespace headroom::proxy
