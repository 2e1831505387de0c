// What a client gets of a reply does not depend on how its bytes are cut, a Chat or
// Responses reply without our tool passes byte for byte, and what is hidden can be written down,
// read and put back.
// Input: one byte that sets API and the size of the pieces, then the replies of a
// conversation, separated by 0x1E.

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "json/document.h"
#include "proxy/hidden_insertion.h"
#include "proxy/reply_splicer.h"

namespace {

using headroom::PaddedBytes;
using headroom::proxy::Api;
using headroom::proxy::HiddenExchange;
using headroom::proxy::ReplySplicer;

constexpr std::string_view kTool = "headroom_retrieve";

void Require(bool holds) {
  if (!holds) std::abort();
}

struct Outcome {
  std::string out;
  std::string turns;
  HiddenExchange hidden;
};

std::string Results(const ReplySplicer& splicer) {
  std::string results;
  for (const auto& call : splicer.held()) {
    results.append(results.empty() ? "" : ",").append(splicer.ResultOf(call, "original"));
  }
  return results;
}

void RequireJson(std::string_view text) {
  const PaddedBytes bytes(text);
  headroom::json::Document document;
  // What was nested near the limit may be past it inside a request.
  const headroom::Status parsed = document.Parse(bytes);
  Require(parsed.ok() || parsed.code() == headroom::Code::kResourceExhausted);
}

// Whatever was said, the next request is JSON.
void RequireGoesOn(const ReplySplicer& splicer, const std::string& results) {
  for (const std::string_view body : {R"({"input":"x"})", R"({"store":false,"input":[]})", R"({"model":"m"})",
                                      R"({"previous_response_id":"r","input":[1]})"}) {
    const auto next = splicer.NextRequest(std::string(body), results);
    Require(next.ok());
    RequireJson(*next);
  }
  const auto alias = splicer.kept()->alias;
  const auto decoded = headroom::proxy::ReplyAlias::Decode(alias.Encode());
  Require(decoded.ok() && decoded->Encode() == alias.Encode());
}

Outcome Play(Api api, std::string_view replies, size_t piece_bytes) {
  Outcome outcome;
  const std::unique_ptr<ReplySplicer> splicer = headroom::proxy::MakeReplySplicer(api, std::string(kTool));
  while (true) {
    const size_t end = replies.find('\x1e');
    const std::string_view reply = replies.substr(0, end);
    for (size_t at = 0; at < reply.size(); at += piece_bytes) {
      splicer->Feed(reply.substr(at, piece_bytes), outcome.out);
    }
    splicer->End(outcome.out);
    if (end == std::string_view::npos || !splicer->waits()) break;
    const std::string results = Results(*splicer);
    outcome.turns.append(splicer->Turn(results)).append("\n");
    if (api == Api::kResponses) RequireGoesOn(*splicer, results);
    splicer->Continue(results);
    replies.remove_prefix(end + 1);
  }
  if (splicer->waits()) splicer->Stop(outcome.out);
  if (splicer->mixed()) splicer->AnswerLater(Results(*splicer));
  outcome.hidden = splicer->hidden();
  return outcome;
}

// Whatever the client echoes, the request stays JSON.
void PutBack(Api api, const HiddenExchange& hidden) {
  const auto decoded = HiddenExchange::Decode(hidden.Encode());
  Require(decoded.ok() && decoded->Encode() == hidden.Encode());
  for (const std::string_view messages :
       {R"([{"role":"assistant","content":"Let me look. It is full."},{"role":"user","content":"x"}])",
        R"([{"role":"assistant","content":null,"tool_calls":[{"id":"u"}]},{"role":"tool","content":"x"}])",
        R"([{"role":"assistant","content":[{"type":"text","text":"a"},{"type":"tool_use","id":"u"}]},)"
        R"({"role":"user","content":[{"type":"tool_result"}]}])",
        R"([{"type":"reasoning"},{"type":"function_call","call_id":"u"},{"type":"function_call_output"}])"}) {
    const PaddedBytes body(messages);
    headroom::json::Document document;
    Require(document.Parse(body).ok());
    headroom::json::EditList edits(static_cast<uint32_t>(messages.size()));
    const headroom::proxy::FindHidden find = [&](const std::vector<headroom::proxy::VisibleAt>& asked) {
      return std::vector<std::optional<HiddenExchange>>(asked.size(), *decoded);
    };
    Require(headroom::proxy::PutHiddenBack(api, document, document.root(), find, edits).ok());
    RequireJson(edits.Splice(messages));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view replies(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Api api = data[0] >= 0x80 ? Api::kResponses : data[0] % 2 == 0 ? Api::kMessages : Api::kChat;
  const Outcome whole = Play(api, replies, size);
  const Outcome pieces = Play(api, replies, 1 + data[0] / 2 % 16);
  Require(whole.out == pieces.out && whole.turns == pieces.turns);
  Require(whole.hidden.Encode() == pieces.hidden.Encode());
  // Not even in escapes.
  if (api != Api::kMessages && replies.find('\x1e') == std::string_view::npos &&
      replies.find('\\') == std::string_view::npos && replies.find(kTool) == std::string_view::npos) {
    // Blank lines at the end are no event.
    Require(whole.out.starts_with(replies.substr(0, replies.find_last_not_of("\r\n") + 1)));
  }
  PutBack(api, whole.hidden);
  return 0;
}
