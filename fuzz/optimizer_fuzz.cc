// Any bytes as a request body, through view, router and splice. What comes out
// is either nothing or a body that differs only where a tool result stood: it
// parses, has as many blocks, and every block but replaced ones is the same.
// Sent again, it is decided the same. For the Responses API the same bytes then
// serve as a reply, as JSON and as an event stream, which is recorded.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "json/document.h"
#include "proxy/optimizer.h"
#include "proxy/request_view.h"
#include "proxy/usage_observer.h"
#include "store/store.h"

namespace {

using headroom::PaddedBytes;
using headroom::json::Document;
using namespace headroom::proxy;

void Require(bool holds) {
  if (!holds) std::abort();
}

void CheckForwarded(Api api, const PaddedBytes& before, const PaddedBytes& after) {
  Document document_before;
  Document document_after;
  Require(document_before.Parse(before).ok());
  Require(document_after.Parse(after).ok());
  const auto view_before = ReadRequest(api, document_before);
  const auto view_after = ReadRequest(api, document_after);
  Require(view_before.ok() && view_after.ok());
  Require(view_before->blocks.size() == view_after->blocks.size());
  for (size_t i = 0; i < view_before->blocks.size(); ++i) {
    const Block& block = view_before->blocks[i];
    if (block.kind != BlockKind::kToolResult || !block.replaceable) {
      Require(block.canonical == view_after->blocks[i].canonical);
    }
  }
}

// By the first byte's bits: 4 Responses, else 1 Chat.
Api ApiOf(uint8_t first) {
  if ((first & 4) != 0) return Api::kResponses;
  return first % 2 == 0 ? Api::kMessages : Api::kChat;
}

void Answer(Optimizer& optimizer, const ReplyPlace& place, std::string_view type, std::string_view bytes) {
  headroom::net::ResponseHead head;
  head.headers.Add("content-type", type);
  UsageObserver observer(Api::kResponses, head,
                         [&](const ObservedReply& reply) { optimizer.RecordReply(place, reply); });
  observer.Feed(bytes);
  observer.End();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const Api api = ApiOf(data[0]);
  const PaddedBytes body(std::string_view(reinterpret_cast<const char*>(data) + 1, size - 1));
  auto store = *headroom::store::Store::Open({}, headroom::Clock::System());
  Optimizer optimizer({}, *store, headroom::Clock::System());
  Optimizer::Request request;
  request.api = api;
  request.drop_thinking = data[0] % 4 >= 2;
  const Optimized first = optimizer.Run(request, body);
  if (first.body.has_value()) CheckForwarded(api, body, PaddedBytes(*first.body));
  if (first.failures.deadline == 0) Require(optimizer.Run(request, body).body == first.body);
  if (first.reply_place.has_value()) {
    Answer(optimizer, *first.reply_place, "application/json", body.view());
    Answer(optimizer, *first.reply_place, "text/event-stream", "data: " + std::string(body.view()) + "\n\n");
    const Optimized known = optimizer.Run(request, body);
    if (known.body.has_value()) CheckForwarded(api, body, PaddedBytes(*known.body));
  }
  return 0;
}
