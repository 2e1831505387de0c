// A finished reply as the response cache keeps it: head fields worth repeating, the body's bytes as
// they were relayed, and when that was.
//
//   "HR1\n" | unix seconds, low and high half | number of fields | name, value, ... | body
//
// Numbers and texts as in base/framing.h. What another node wrote is read with the same care as
// what a network brings. Thread-safe.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "net/message.h"

namespace headroom::proxy {

struct CachedReply {
  net::ResponseHead head;    // 200; no field that belongs to one exchange alone
  std::string body;          // in the coding that the head names
  int64_t unix_seconds = 0;  // when it was kept
};

// `head` reduced to what may be repeated: nothing of limits, cookies, connections, dates.
net::ResponseHead RepeatedHead(const net::ResponseHead& head);

// Requires a body below 4 GiB.
std::string EncodeCachedReply(const CachedReply& reply);
// Nothing for bytes that are not one whole entry. Cost: O(bytes).
std::optional<CachedReply> DecodeCachedReply(std::string_view entry);

}  // namespace headroom::proxy
