// The response on its way back: status, end-to-end headers and bytes unchanged,
// each byte on at once; the observer looks on the side, after the byte has left
// (docs/invariants.md, I6).

#pragma once

#include "base/status.h"
#include "net/client.h"
#include "net/server.h"
#include "proxy/usage_observer.h"

namespace headroom::proxy {

// What is added to every response to a provider path.
struct ResponseMarks {
  std::string request_id;
  std::optional<uint64_t> tokens_saved;  // nothing on paths that are not optimised
  std::string_view cache = {};           // "hit", "miss"; "" where the response cache took no part
};

// `upstream` as it goes to the client.
net::ResponseHead HeadDownstream(const net::ResponseHead& upstream, const ResponseMarks& marks);

// Relays `response` to `exchange` to its end. `read` holds the body bytes that
// were taken from it before. On an error nothing can be said to the client any
// more: its connection is cut, so that it sees the cut that the upstream made.
// Errors: the upstream's or downstream's, by origin.
net::Awaitable<Status> Relay(net::Exchange& exchange, net::UpstreamResponse& response, const ResponseMarks& marks,
                             UsageObserver* observer, std::string_view read);

// Sends a reply of our own.
net::Awaitable<Status> Send(net::Exchange& exchange, Reply reply);

}  // namespace headroom::proxy
