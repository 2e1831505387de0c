#include "proxy/relay.h"

namespace headroom::proxy {
namespace {

// A HEAD response keeps the length it announces although no body follows.
net::BodyLength LengthDownstream(const net::UpstreamResponse& response) {
  if (response.length().kind != net::BodyLength::Kind::kNone) return response.length();
  const std::optional<std::string_view> announced = response.head().headers.Find("content-length");
  if (!announced.has_value()) return net::BodyLength::None();
  uint64_t bytes = 0;
  for (const char c : *announced) {
    if (c < '0' || c > '9' || bytes > UINT64_MAX / 100) return net::BodyLength::None();
    bytes = bytes * 10 + static_cast<uint64_t>(c - '0');
  }
  return net::BodyLength::Exact(bytes);
}

}  // namespace

net::ResponseHead HeadDownstream(const net::ResponseHead& upstream, const ResponseMarks& marks) {
  net::ResponseHead head = upstream;
  head.headers.RemoveHopByHop();
  head.headers.Remove("content-length");
  head.headers.Set("x-headroom-request-id", marks.request_id);
  if (marks.tokens_saved.has_value()) {
    head.headers.Set("x-headroom-tokens-saved", std::to_string(*marks.tokens_saved));
  }
  if (!marks.cache.empty()) head.headers.Set("x-headroom-cache", marks.cache);
  return head;
}

net::Awaitable<Status> Relay(net::Exchange& exchange, net::UpstreamResponse& response, const ResponseMarks& marks,
                             UsageObserver* observer, std::string_view read) {
  const net::ResponseHead head = HeadDownstream(response.head(), marks);
  const std::string_view first = read.empty() ? response.TakeBuffered() : read;
  Status sent = co_await exchange.WriteHead(head, LengthDownstream(response), first);
  if (observer != nullptr) observer->Feed(first);
  while (sent.ok()) {
    const Result<std::string_view> bytes = co_await response.ReadBody();
    if (!bytes.ok()) co_return bytes.status();
    if (bytes->empty()) break;
    sent = co_await exchange.Write(*bytes);
    if (observer != nullptr) observer->Feed(*bytes);
  }
  // Before the client knows that it has all: its next request may name this reply.
  if (observer != nullptr) observer->End();
  if (sent.ok()) sent = co_await exchange.Finish();
  co_return sent;
}

net::Awaitable<Status> Send(net::Exchange& exchange, Reply reply) {
  const Status sent = co_await exchange.WriteHead(reply.head, net::BodyLength::Exact(reply.body.size()), reply.body);
  if (!sent.ok()) co_return sent;
  co_return co_await exchange.Finish();
}

}  // namespace headroom::proxy
