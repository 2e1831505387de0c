#include "proxy/answering.h"

#include "net/content_coding.h"
#include "proxy/retrieve_tool.h"

namespace headroom::proxy {
namespace {

constexpr std::string_view kLastRound = "\nNothing more can be opened in this turn; go on with what you have.";
constexpr size_t kMaxErrorBytes = 64 * 1024;

// Only the answers are new since the provider took the request before.
bool RefusesAnswers(const net::ResponseHead& head) { return head.status == 400 || head.status == 413; }

bool IsOfType(const net::ResponseHead& head, std::string_view type) {
  return net::EqualsIgnoreCase(head.headers.Find("content-type").value_or("").substr(0, type.size()), type);
}

std::unique_ptr<net::Decoder> DecoderOf(const net::ResponseHead& head) {
  const std::optional<std::string_view> coding = head.headers.Find("content-encoding");
  if (!coding.has_value()) return nullptr;
  Result<std::unique_ptr<net::Decoder>> decoder = net::MakeDecoder(*coding);
  return decoder.ok() ? *std::move(decoder) : nullptr;
}

}  // namespace

void Answering::Add(const UsageObserver& observer) { replies_.push_back(observer.Accounted()); }

void Answering::Weigh(const UsageObserver& observer) {
  const std::optional<Usage> usage = observer.usage();
  room_.context_tokens = usage.has_value() ? usage->prompt() + usage->output : 0;
}

net::Awaitable<Status> Answering::Run(net::UpstreamResponse& first) {
  const bool json = IsOfType(first.head(), "application/json");
  if (IsOfType(first.head(), "text/event-stream") || (options_.streams && !json)) co_return co_await Stream(first);
  co_return co_await Whole(first);
}

net::Awaitable<std::string> Answering::Results(const ReplySplicer& splicer) {
  const std::vector<std::string> answers = co_await options_.answer(splicer.held(), room_);
  std::string results;
  for (size_t i = 0; i < splicer.held().size(); ++i) {
    std::string text = i < answers.size() ? answers[i] : "The store does not answer at the moment.";
    if (rounds_ + 1 >= kMaxRounds) text.append(kLastRound);
    results.append(results.empty() ? "" : ",").append(splicer.ResultOf(splicer.held()[i], text));
  }
  co_return results;
}

net::Awaitable<Result<Answering::Response>> Answering::GoOn(ReplySplicer& splicer) {
  std::string results = co_await Results(splicer);
  Result<Response> response = co_await Ask(splicer, results);
  if (response.ok() && RefusesAnswers((*response)->head()) && !room_.brief) {
    room_.brief = true;
    room_.again = true;
    std::string brief = co_await Results(splicer);
    room_.again = false;
    shortened_ = brief != results;
    if (shortened_) {
      results = std::move(brief);
      response = co_await Ask(splicer, results);
    }
  }
  ++rounds_;
  co_return response;
}

net::Awaitable<Result<Answering::Response>> Answering::Ask(ReplySplicer& splicer, const std::string& results) {
  Result<std::string> body = splicer.NextRequest(options_.body, results);
  if (!body.ok()) co_return body.status();
  Result<Response> response = co_await options_.fetch(*body);
  if (response.ok() && (*response)->head().status == 200) {
    options_.body = *std::move(body);
    splicer.Continue(results);
  }
  co_return response;
}

net::Awaitable<void> Answering::Settle(ReplySplicer& splicer) {
  if (!splicer.ended() || settled_) co_return;
  settled_ = true;
  if (splicer.mixed()) splicer.AnswerLater(co_await Results(splicer));
  options_.record(splicer);
}

net::Awaitable<Status> Answering::StreamOne(ReplySplicer& splicer, net::UpstreamResponse& response) {
  const std::unique_ptr<net::Decoder> decoder = DecoderOf(response.head());
  UsageObserver observer(options_.api, response.head());
  std::string_view bytes = response.TakeBuffered();
  Status status;
  for (bool first = true;; first = false) {
    if (!first) {
      const Result<std::string_view> more = co_await response.ReadBody();
      if (!more.ok()) status = more.status();
      if (!more.ok() || more->empty()) break;
      bytes = *more;
    }
    std::string decoded(bytes);
    if (decoder != nullptr) {
      decoded.clear();
      if (status = decoder->Decode(bytes, decoded); !status.ok()) break;
    }
    std::string out;
    splicer.Feed(decoded, out);
    if (splicer.broken()) out.append(splicer.ErrorEvent({}));
    observer.Feed(bytes);
    Weigh(observer);
    co_await Settle(splicer);
    if (!out.empty()) status = co_await writer_.Write(out);
    if (!status.ok() || splicer.broken()) break;
  }
  observer.End();
  Add(observer);
  std::string out;
  if (status.ok()) splicer.End(out);
  co_await Settle(splicer);
  if (!out.empty()) status = co_await writer_.Write(out);
  co_return status;
}

net::Awaitable<Status> Answering::Stream(net::UpstreamResponse& first) {
  net::ResponseHead head = HeadDownstream(first.head(), options_.marks);
  head.headers.Remove("content-encoding");
  if (Status sent = co_await options_.exchange.WriteHead(head, net::BodyLength::Chunked()); !sent.ok()) co_return sent;
  const std::unique_ptr<ReplySplicer> splicer =
      MakeReplySplicer(options_.api, std::string(kRetrieveTool), options_.previous);
  const Status status = co_await StreamAll(*splicer, first);
  co_await writer_.Stop();
  if (!status.ok()) co_return status;
  co_return co_await options_.exchange.Finish();
}

net::Awaitable<Status> Answering::StreamAll(ReplySplicer& splicer, net::UpstreamResponse& first) {
  Status status = co_await StreamOne(splicer, first);
  Response next;
  while (status.ok() && splicer.waits() && !splicer.broken()) {
    if (rounds_ == kMaxRounds) {
      std::string out;
      splicer.Stop(out);
      co_await Settle(splicer);
      co_return co_await writer_.Write(out);
    }
    writer_.Start(std::string(splicer.KeepAlive()));
    Result<Response> response = co_await GoOn(splicer);
    if (!response.ok()) co_return co_await EndInError(splicer, nullptr);
    next = *std::move(response);
    if (next->head().status != 200) co_return co_await EndInError(splicer, next.get());
    status = co_await StreamOne(splicer, *next);
  }
  co_return status;
}

net::Awaitable<Status> Answering::EndInError(const ReplySplicer& splicer, net::UpstreamResponse* response) {
  std::string body;
  if (response != nullptr) {
    const Result<std::string> read = co_await ReadDecoded(*response);
    if (read.ok() && read->size() <= kMaxErrorBytes) body = *read;
  }
  co_return co_await writer_.Write(splicer.ErrorEvent(body));
}

net::Awaitable<Result<std::string>> Answering::ReadAll(net::UpstreamResponse& response) {
  UsageObserver observer(options_.api, response.head());
  std::string body(response.TakeBuffered());
  Status status;
  observer.Feed(body);
  while (body.size() <= kMaxReplyBytes) {
    const Result<std::string_view> more = co_await response.ReadBody();
    if (!more.ok()) status = more.status();
    if (!more.ok() || more->empty()) break;
    observer.Feed(*more);
    body.append(*more);
  }
  observer.End();
  Weigh(observer);
  if (response.head().status == 200) Add(observer);
  if (!status.ok()) co_return status;
  co_return body;
}

Result<std::string> Answering::Decoded(const net::ResponseHead& head, std::string body) {
  const std::string_view coding = head.headers.Find("content-encoding").value_or("");
  const Status too_large(Code::kResourceExhausted, "reply too large", Origin::kUpstream);
  if (body.size() > kMaxReplyBytes) return too_large;
  if (coding.empty()) return body;
  Result<PaddedBytes> decoded = net::DecodeBody(coding, body, kMaxReplyBytes);
  if (!decoded.ok()) return decoded.status();
  return std::string(decoded->view());
}

net::Awaitable<Result<std::string>> Answering::ReadDecoded(net::UpstreamResponse& response) {
  Result<std::string> body = co_await ReadAll(response);
  if (!body.ok()) co_return body.status();
  co_return Decoded(response.head(), *std::move(body));
}

net::Awaitable<Status> Answering::PassOn(net::UpstreamResponse& response, std::string_view read) {
  replies_.clear();
  UsageObserver observer(options_.api, response.head());
  const Status relayed = co_await Relay(options_.exchange, response, options_.marks, &observer, read);
  Add(observer);
  co_return relayed;
}

net::Awaitable<Status> Answering::Whole(net::UpstreamResponse& first) {
  net::ResponseHead head = HeadDownstream(first.head(), options_.marks);
  head.headers.Remove("content-encoding");
  const Result<std::string> all = co_await ReadAll(first);
  if (!all.ok()) co_return all.status();
  Result<std::string> body = Decoded(first.head(), *all);
  if (!body.ok()) co_return co_await PassOn(first, *all);
  const std::unique_ptr<WholeReplies> replies =
      MakeWholeReplies(options_.api, std::string(kRetrieveTool), options_.previous);
  bool understood = replies->Take(*body);
  bool changed = false;
  bool stopped = false;
  while (understood && replies->splicer().waits()) {
    changed = true;
    stopped = rounds_ == kMaxRounds;
    if (stopped) break;
    const Result<Response> response = co_await GoOn(replies->splicer());
    if (!response.ok()) co_return response.status();
    body = co_await ReadDecoded(**response);
    if (!body.ok()) co_return body.status();
    if ((*response)->head().status == 200 && replies->Take(*body)) continue;
    // The provider's refusal is the client's answer: nothing has been sent yet.
    head = HeadDownstream((*response)->head(), options_.marks);
    head.headers.Remove("content-encoding");
    understood = changed = false;
  }
  if (understood) {
    // Whatever ended the reply, no call of ours reaches the client.
    changed = changed || replies->changes() || body->find(kRetrieveTool) != std::string::npos;
    std::string end;
    if (stopped) replies->splicer().Stop(end);
    co_await Settle(replies->splicer());
  }
  const std::string sent = changed ? replies->Body(stopped) : *body;
  const Status status = co_await options_.exchange.WriteHead(head, net::BodyLength::Exact(sent.size()), sent);
  if (!status.ok()) co_return status;
  co_return co_await options_.exchange.Finish();
}

}  // namespace headroom::proxy
