// Any bytes as replies in one JSON body each: what is no reply is refused, and what the
// client gets of the others is JSON, as is the next request.
// Input: one byte for the API, then the replies of a conversation, separated by 0x1E.

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "json/document.h"
#include "proxy/reply_splicer.h"

namespace {

using namespace headroom;
using namespace headroom::proxy;

void RequireJson(std::string_view text) {
  const PaddedBytes bytes(text);
  json::Document document;
  // What was nested near the limit may be past it inside another.
  const Status parsed = document.Parse(bytes);
  if (!parsed.ok() && parsed.code() != Code::kResourceExhausted) std::abort();
}

std::string Results(const ReplySplicer& splicer) {
  std::string results;
  for (const HeldCall& call : splicer.held()) {
    results.append(results.empty() ? "" : ",").append(splicer.ResultOf(call, "original"));
  }
  return results;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const Api api = data[0] % 3 == 0 ? Api::kMessages : data[0] % 3 == 1 ? Api::kChat : Api::kResponses;
  std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::unique_ptr<WholeReplies> replies = MakeWholeReplies(api, "headroom_retrieve");
  ReplySplicer& splicer = replies->splicer();
  bool taken = false;
  while (true) {
    const size_t end = rest.find('\x1e');
    if (!replies->Take(rest.substr(0, end))) break;
    taken = true;
    RequireJson(replies->Body(false));
    RequireJson(replies->Body(true));
    if (end == std::string_view::npos || !splicer.waits()) break;
    const std::string results = Results(splicer);
    const auto next =
        splicer.NextRequest(api == Api::kResponses ? R"({"input":"x"})" : R"({"messages":[{}]})", results);
    if (!next.ok()) std::abort();
    RequireJson(*next);
    splicer.Continue(results);
    rest.remove_prefix(end + 1);
  }
  if (taken && splicer.mixed()) splicer.AnswerLater(Results(splicer));
  const HiddenExchange hidden = splicer.hidden();
  const auto decoded = HiddenExchange::Decode(hidden.Encode());
  if (!decoded.ok() || decoded->Encode() != hidden.Encode()) std::abort();
  return 0;
}
