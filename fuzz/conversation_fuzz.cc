// Any bytes as a conversation in which gaps may be opened and which may have to be made
// shorter: whatever goes upstream is JSON that can be read as a request, and the same
// request sent again goes upstream in the same bytes.
// Input: one byte for API and offer, then a request, the streams that answer it, and a
// later request, separated by 0x1E.

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "json/document.h"
#include "proxy/optimizer.h"
#include "proxy/request_view.h"
#include "proxy/retrieve_tool.h"
#include "store/store.h"

namespace {

using namespace headroom;
using namespace headroom::proxy;

void Require(bool holds) {
  if (!holds) std::abort();
}

std::vector<std::string_view> Parts(std::string_view all) {
  std::vector<std::string_view> parts;
  for (size_t end = all.find('\x1e'); end != std::string_view::npos; end = all.find('\x1e')) {
    parts.push_back(all.substr(0, end));
    all.remove_prefix(end + 1);
  }
  parts.push_back(all);
  return parts;
}

class Conversation {
 public:
  Conversation(Api api, Offer offer) : api_(api) {
    ContentRouter::Options options;
    options.policy.gaps = Gaps::kAuto;
    options.policy.fold_reads = true;
    options.offer_retrieval = offer;
    optimizer_ = std::make_unique<Optimizer>(options, *store_, Clock::System());
  }

  // Twice, the second time without the provider's refusal.
  Optimized Send(const PaddedBytes& body, const std::optional<Overflow>& refused) {
    Optimizer::Request request;
    request.api = api_;
    request.refused = refused;
    const Optimized first = optimizer_->Run(request, body);
    Check(first);
    request.refused.reset();
    const Optimized again = optimizer_->Run(request, body);
    Check(again);
    if (first.failures.deadline + again.failures.deadline == 0 && !again.context.made)
      Require(again.body == first.body);
    return first;
  }

  // What the replies hid is filed as the exchange does it.
  void Answer(const ReplyPlace& place, const std::vector<std::string_view>& replies) {
    const std::unique_ptr<ReplySplicer> splicer = MakeReplySplicer(api_, std::string(kRetrieveTool));
    std::string out;
    for (size_t i = 0; i < replies.size(); ++i) {
      splicer->Feed(replies[i], out);
      splicer->End(out);
      if (!splicer->waits() || i + 1 == replies.size()) break;
      splicer->Continue(Results(*splicer));
    }
    if (splicer->waits()) splicer->Stop(out);
    if (splicer->mixed()) splicer->AnswerLater(Results(*splicer));
    optimizer_->RecordSpliced(place, *splicer);
  }

 private:
  void Check(const Optimized& sent) const {
    Require(sent.untouched != "exception");
    if (!sent.body.has_value()) return;
    const PaddedBytes bytes(*sent.body);
    json::Document document;
    const Status parsed = document.Parse(bytes);
    if (parsed.code() == Code::kResourceExhausted) return;  // what is put back may nest deeper
    Require(parsed.ok() && ReadRequest(api_, document).ok());
  }

  static std::string Results(const ReplySplicer& splicer) {
    std::string results;
    for (const HeldCall& call : splicer.held()) {
      results.append(results.empty() ? "" : ",").append(splicer.ResultOf(call, "original"));
    }
    return results;
  }

  const Api api_;
  std::unique_ptr<store::Store> store_ = *store::Store::Open({}, Clock::System());
  std::unique_ptr<Optimizer> optimizer_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const Api api = data[0] % 3 == 0 ? Api::kMessages : data[0] % 3 == 1 ? Api::kChat : Api::kResponses;
  const std::vector<std::string_view> parts = Parts({reinterpret_cast<const char*>(data) + 1, size - 1});
  Conversation conversation(api, data[0] >= 0x80 ? Offer::kAlways : Offer::kAuto);
  const PaddedBytes body(parts.front());
  const Optimized sent = conversation.Send(body, std::nullopt);
  if (parts.size() < 2) return 0;
  if (sent.hidden_place.has_value() && parts.size() > 2) {
    conversation.Answer(*sent.hidden_place, {parts.begin() + 1, parts.end() - 1});
  }
  const PaddedBytes later(parts.back());
  conversation.Send(later, std::nullopt);
  Overflow refused;
  refused.prompt_tokens = 1'000;
  refused.limit = 600;
  conversation.Send(later, refused);
  return 0;
}
