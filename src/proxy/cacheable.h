// Which requests and replies the response cache takes, and under which key.
//
// A request takes part when asking it again gives the same answer and nothing
// more: temperature 0 (or where the user says that sampled answers may be given
// again), no tools, no state that the provider keeps. A reply may be kept when it is
// whole, ended by itself or by the client's own limit, and has nothing in it but
// text and thinking.
//
// The key covers every byte of the body and every header but those that
// only carry it: two requests that differ at all have different keys. Nothing is
// normalised, so that the same request spelled differently is another one.
// Thread-safe; pure functions.

#pragma once

#include <optional>
#include <string_view>

#include "json/document.h"
#include "net/message.h"
#include "proxy/api.h"
#include "store/response_cache.h"

namespace headroom::proxy {

// What a client asks of caches by Cache-Control (RFC 9111, 5.2.1).
struct CacheControl {
  bool may_answer = true;  // neither no-cache, no-store nor max-age=0
  bool may_keep = true;    // no no-store
};
CacheControl ReadCacheControl(const net::HeaderList& headers);

struct CacheableRequest {
  bool streams = false;        // asks for events
  bool deterministic = false;  // temperature 0: else only where sampled answers may be given again
};

// Nothing for a request that takes no part. Cost: O(members of the root).
std::optional<CacheableRequest> ReadCacheable(Api api, const json::Document& document);

struct CacheSubject {
  const store::TenantId& tenant;
  std::string_view upstream;        // name and address
  const net::RequestHead& request;  // as the client sent it
  std::string_view path;            // upstream
  std::string_view body;            // as the client sent it, in no coding
};

// Cost: O(bytes), SHA-256.
store::CacheKey CacheKeyOf(const CacheSubject& subject);

// A reply with this head could be kept if its body allows it: 200, of the form that the
// request asks for, and not marked no-store.
bool MayBeKept(const net::ResponseHead& head, bool streams);

// Whether the whole body, as relayed, may be kept. Cost: O(bytes).
bool MayBeKept(Api api, const net::ResponseHead& head, std::string_view body);

}  // namespace headroom::proxy
