// Any bytes as an entry of the response cache, as a reply that may be kept and as a request that may take part:
// what reads as an entry is written as the same bytes again.
// Input: a byte that chooses the API and the form, a reply or entry, 0x1E, a request.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "json/document.h"
#include "proxy/cacheable.h"
#include "proxy/cached_reply.h"

namespace {

using namespace headroom;

void ReadReply(proxy::Api api, bool streams, std::string_view body) {
  net::ResponseHead head;
  head.status = 200;
  head.headers.Add("content-type", streams ? "text/event-stream" : "application/json");
  (void)proxy::MayBeKept(api, head, body);
}

void ReadEntry(std::string_view entry) {
  const std::optional<proxy::CachedReply> reply = proxy::DecodeCachedReply(entry);
  if (reply.has_value() && proxy::EncodeCachedReply(*reply) != entry) std::abort();
}

void ReadRequest(proxy::Api api, std::string_view text) {
  const PaddedBytes body(text);
  json::Document document;
  if (!document.Parse(body).ok()) return;
  const std::optional<proxy::CacheableRequest> request = proxy::ReadCacheable(api, document);
  if (request.has_value() && document.root().type != json::Type::kObject) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  constexpr proxy::Api kApis[] = {proxy::Api::kMessages, proxy::Api::kChat, proxy::Api::kResponses};
  const proxy::Api api = kApis[data[0] % 3];
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  const size_t end = std::min(input.find('\x1e'), input.size());
  ReadReply(api, data[0] / 3 % 2 == 1, input.substr(0, end));
  ReadEntry(input.substr(0, end));
  ReadRequest(api, input.substr(std::min(end + 1, input.size())));
  return 0;
}
