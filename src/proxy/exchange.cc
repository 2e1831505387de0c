#include "proxy/exchange.h"

#include <fmt/format.h>

#include "base/log.h"
#include "net/content_coding.h"
#include "net/offload.h"
#include "policy/window_rules.h"
#include "proxy/client_family.h"
#include "proxy/learning_endpoints.h"
#include "proxy/project.h"
#include "proxy/retries.h"
#include "proxy/retrieve.h"
#include "proxy/retrieve_tool.h"
#include "proxy/thinking.h"
#include "text/line_text.h"

namespace headroom::proxy {
namespace {

// Bodies up to this size are read whole even where they pass untouched: a
// whole body can be sent again when a kept connection proves dead.
constexpr uint64_t kWholeBodyBytes = 64 * 1024;
// Deciding smaller bodies costs less than changing threads.
constexpr size_t kInlineBytes = 16 * 1024;
constexpr size_t kMaxRetrieveBytes = 64 * 1024;
constexpr size_t kMaxErrorBytes = 64 * 1024;

Status FromDownstream(const Status& status) { return Status(status.code(), status.detail(), Origin::kDownstream); }

Status NotAdmitted() { return {Code::kResourceExhausted, "not admitted", Origin::kDownstream}; }

// Its coding is one that we know.
bool CanRead(const net::ResponseHead& head) {
  return net::MakeDecoder(head.headers.Find("content-encoding").value_or("")).ok();
}

std::string JoinedValues(const net::HeaderList& headers, std::string_view name) {
  std::string joined;
  for (size_t i = 0; i < headers.size(); ++i) {
    if (!net::EqualsIgnoreCase(headers[i].name, name)) continue;
    joined.append(joined.empty() ? "" : ",").append(headers[i].value);
  }
  return joined;
}

// It may be about our tool, which the provider did not expect beside the client's.
bool SpeaksOfTools(std::string_view refusal) {
  const std::string lower = text::LowerCase(refusal);
  return lower.find("tool") != std::string::npos || lower.find("function") != std::string::npos;
}

// x-headroom-NAME: value, as NAME: value.
std::map<std::string, std::string> TagsOf(const net::HeaderList& headers) {
  constexpr std::string_view kPrefix = "x-headroom-";
  constexpr size_t kMaxTags = 16;
  constexpr size_t kMaxTagBytes = 128;
  std::map<std::string, std::string> tags;
  for (size_t i = 0; i < headers.size() && tags.size() < kMaxTags; ++i) {
    if (!net::EqualsIgnoreCase(headers[i].name.substr(0, kPrefix.size()), kPrefix)) continue;
    const std::string name = text::LowerCase(headers[i].name);
    if (name.find("token") != std::string::npos) continue;  // what guards the proxy is no tag
    tags[name.substr(kPrefix.size(), kMaxTagBytes)] = std::string(headers[i].value).substr(0, kMaxTagBytes);
  }
  return tags;
}

bool SaysOff(const net::HeaderList& headers) {
  return net::EqualsIgnoreCase(headers.Find("x-headroom-optimize").value_or(""), "off");
}

}  // namespace

ExchangeRun::ExchangeRun(Proxy& proxy, net::Pool& pool, net::Exchange& exchange)
    : proxy_(proxy),
      pool_(pool),
      exchange_(exchange),
      start_(proxy.clock_.Now()),
      started_millis_(proxy.clock_.UnixMillis()),
      ready_(start_),
      id_(proxy.NextRequestId()),
      route_(FindRoute(exchange.request())),
      caching_(proxy.caching_, exchange) {}

net::Awaitable<void> ExchangeRun::Run() {
  std::optional<Reply> refusal = proxy_.guard_.Refuse(exchange_.request(), exchange_.peer_address(), route_);
  if (refusal.has_value()) {
    (void)co_await Send(exchange_, *std::move(refusal));
    co_return;
  }
  const Status status = co_await Serve();
  exchange_.OnDisconnect({});
  const bool of_provider = route_.kind == Route::Kind::kOptimized || route_.kind == Route::Kind::kCountTokens ||
                           route_.kind == Route::Kind::kCarried;
  if (of_provider) co_await Account(status);
}

net::Awaitable<Status> ExchangeRun::Serve() {
  switch (route_.kind) {
    case Route::Kind::kOperations:
      co_return co_await ServeOperations();
    case Route::Kind::kDashboard:
      co_return co_await proxy_.dashboard_.Serve(exchange_);
    case Route::Kind::kRetrieve:
      co_return co_await ServeRetrieve();
    case Route::Kind::kLearning:
      co_return co_await ServeLearnt();
    case Route::Kind::kCacheClear: {
      std::function<Reply()> clear = [this] { return proxy_.caching_.Clear(exchange_.request()); };
      co_return co_await SendMade(std::move(clear));
    }
    case Route::Kind::kNoWebSocket:
      co_return co_await RefuseWebSocket();
    case Route::Kind::kUnknown:
      co_return co_await Send(exchange_, ErrorReply(route_.api, 404, "headroom: no such path"));
    default:
      co_return co_await ServeProvider();
  }
}

net::Awaitable<Status> ExchangeRun::ServeOperations() {
  if (!Operations::AsksStore(exchange_.request())) {
    co_return co_await Send(exchange_, proxy_.operations_.Serve(exchange_.request()));
  }
  std::function<Reply()> make = [this] { return proxy_.operations_.Serve(exchange_.request()); };
  co_return co_await SendMade(std::move(make));
}

net::Awaitable<Status> ExchangeRun::ServeRetrieve() {
  const Result<PaddedBytes> body = co_await exchange_.ReadWholeBody(kMaxRetrieveBytes);
  if (!body.ok()) co_return co_await Refuse(FromDownstream(body.status()));
  const Credential credential = ReadCredential(exchange_.request().headers, proxy_.options_.tenant);
  std::function<Reply()> make = [&] {
    return Retrieve(exchange_.request(), body->view(), credential,
                    {proxy_.optimizer_.tenants(), proxy_.store_, proxy_.retrievals_, &proxy_.options_.router.lessons});
  };
  co_return co_await SendMade(std::move(make));
}

net::Awaitable<Status> ExchangeRun::ServeLearnt() {
  const Credential credential = ReadCredential(exchange_.request().headers, proxy_.options_.tenant);
  std::function<Reply()> make = [&] {
    return ServeLearning(exchange_.request(), credential,
                         {proxy_.options_.router.lessons.learner(), proxy_.optimizer_.tenants(), proxy_.upstream_names_,
                          proxy_.optimizer_.snapshot()});
  };
  co_return co_await SendMade(std::move(make));
}

// 426 and nothing else makes Codex use HTTP at once, for the rest of its session;
// after any other refusal it tries five more times.
net::Awaitable<Status> ExchangeRun::RefuseWebSocket() {
  Reply reply = ErrorReply(route_.api, 426, "headroom: this API is served over HTTP with server-sent events");
  reply.head.headers.Add("upgrade", "HTTP/1.1");
  co_return co_await Send(exchange_, std::move(reply));
}

net::Awaitable<Status> ExchangeRun::SendMade(std::function<Reply()> make) {
  Reply reply = ErrorReply(route_.api, 503, "headroom: busy");
  std::function<void()> work = [&] { reply = make(); };
  (void)co_await net::Offload(proxy_.workers_, exchange_.executor(), std::move(work));
  co_return co_await Send(exchange_, std::move(reply));
}

net::Awaitable<Status> ExchangeRun::ServeProvider() {
  exchange_.OnDisconnect([this] { cancellation_.Cancel(); });
  credential_ = ReadCredential(exchange_.request().headers, proxy_.options_.tenant);
  if (const Status read = ReadProject(); !read.ok()) co_return co_await Refuse(read);
  if (const Status read = co_await ReadAndDecide(); !read.ok()) co_return co_await Refuse(read);

  upstream_ = proxy_.upstreams_.Find(route_.api, route_.path, optimized_.model);
  if (upstream_ == nullptr) co_return co_await Refuse(Status(Code::kNotFound, "no upstream serves this request"));
  if (route_.kind == Route::Kind::kCarried && proxy_.optimizer_.offered()) {
    std::optional<KeptCall> call = KeptCall::Of(route_.path);
    if (call.has_value()) {
      std::optional<Reply> refused = co_await Admit();
      if (refused.has_value()) co_return co_await RefuseWith(*std::move(refused), NotAdmitted());
      co_return co_await ServeKept(*std::move(call));
    }
  }
  MakeHead();
  overhead_ms_ = MillisecondsSince(ready_);

  if (const std::optional<CachedReply> kept = co_await FindKept(); kept.has_value()) co_return co_await SendKept(*kept);
  std::optional<Reply> refusal = co_await Admit();
  if (refusal.has_value()) co_return co_await RefuseWith(*std::move(refusal), NotAdmitted());
  const Clock::TimePoint sending = proxy_.clock_.Now();
  Result<Response> response = co_await FetchPatiently();
  if (!response.ok()) co_return co_await Refuse(response.status());
  first_byte_ms_ = MillisecondsSince(sending);
  if (MayBeMended(**response)) co_return co_await AnswerRefusal(*std::move(response));
  co_return co_await RelayBack(**response, {});
}

net::Awaitable<Status> ExchangeRun::ServeKept(KeptCall call) {
  const ReplyAliases& aliases = proxy_.optimizer_.aliases();
  const store::TenantId tenant = proxy_.optimizer_.tenants().Known(credential_);
  std::function<void()> resolve = [&] { call.Resolve(aliases, tenant); };
  (void)co_await net::Offload(proxy_.workers_, exchange_.executor(), std::move(resolve));
  route_.path = call.Path();
  MakeHead();
  head_.headers.Set("accept-encoding", "identity");  // it is read
  const Result<Response> response = co_await Fetch();
  if (!response.ok()) co_return co_await Refuse(response.status());
  status_ = (*response)->head().status;
  const bool json = (*response)->head().headers.Find("content-type").value_or("").starts_with("application/json");
  if (!json || (*response)->head().headers.Has("content-encoding")) co_return co_await RelayBack(**response, {});
  std::string body((*response)->TakeBuffered());
  while (true) {
    if (body.size() > Answering::kMaxReplyBytes) co_return co_await RelayBack(**response, body);
    const Result<std::string_view> more = co_await (*response)->ReadBody();
    if (!more.ok()) co_return co_await Refuse(more.status());
    if (more->empty()) break;
    body.append(*more);
  }
  std::string shown = body;
  std::function<void()> show = [&] { shown = call.Show(body, aliases, tenant); };
  (void)co_await net::Offload(proxy_.workers_, exchange_.executor(), std::move(show));
  const bool deleted = exchange_.request().method == "DELETE" && status_ == 200;
  const std::vector<std::string> others = deleted ? call.OtherPaths() : std::vector<std::string>();
  const net::ResponseHead head = HeadDownstream((*response)->head(), Marks());
  // Before the client knows that nothing is left. Where one is not, the provider forgets it in time.
  for (const std::string& path : others) {
    route_.path = path;
    MakeHead();
    (void)co_await pool_.Fetch(upstream_->url.endpoint, head_, {}, false, cancellation_);
  }
  const Status sent = co_await exchange_.WriteHead(head, net::BodyLength::Exact(shown.size()), shown);
  if (!sent.ok()) co_return sent;
  co_return co_await exchange_.Finish();
}

Status ExchangeRun::ReadProject() {
  project_ = exchange_.request().headers.Find(kProjectHeader).value_or("");
  if (IsProjectLabel(project_)) return {};
  return FromDownstream({Code::kInvalidArgument, std::string(kProjectHeader) + " is not a label: " + kLabelRule});
}

void ExchangeRun::MakeHead() {
  head_ = UpstreamHead(*upstream_, route_, exchange_.request());
  if (decoded_.has_value() && optimized_.body.has_value()) head_.headers.Remove("content-encoding");
  if (optimized_.drops_thinking) AddThinkingBeta(head_.headers);
  // The client's key stands for the first body alone; with the number, the same again for the same retry.
  const std::optional<std::string_view> key = head_.headers.Find("idempotency-key");
  if (key.has_value() && sent_again_ > 0) {
    head_.headers.Set("idempotency-key", std::string(*key) + "-" + std::to_string(sent_again_));
  }
  // Replies are read and joined as they come.
  // What a login sends stays as it is; such replies are decoded.
  if (optimized_.hidden_place.has_value() && !credential_.is_login()) {
    head_.headers.Set("accept-encoding", "identity");
  }
}

ResponseMarks ExchangeRun::Marks() const {
  if (route_.kind == Route::Kind::kCarried) return {id_, std::nullopt};
  return {id_, optimized_.tokens_saved, caching_.outcome()};
}

net::Awaitable<std::optional<CachedReply>> ExchangeRun::FindKept() {
  // Where our tool is in play the reply is made of several, and what it hides is filed with it.
  if (route_.kind != Route::Kind::kOptimized || optimized_.hidden_place.has_value()) co_return std::nullopt;
  const ResponseCaching::Asked asked{.api = route_.api,
                                     .tenant = optimized_.tenant.value_or(credential_.tenant),
                                     .upstream = *upstream_,
                                     .path = route_.path,
                                     .cacheable = optimized_.cacheable,
                                     .body = plain().view()};
  co_return co_await caching_.Find(asked, cancellation_);
}

net::Awaitable<Status> ExchangeRun::SendKept(const CachedReply& reply) {
  status_ = reply.head.status;
  co_return co_await caching_.Send(reply, HeadDownstream(reply.head, Marks()));
}

net::Awaitable<Status> ExchangeRun::RelayBack(net::UpstreamResponse& response, std::string_view read) {
  status_ = response.head().status;
  // Where the proxy brings the key, the provider never saw the client's.
  const bool accepted = status_ >= 200 && status_ < 300 && route_.kind != Route::Kind::kCarried;
  if (accepted && upstream_->key.empty()) proxy_.optimizer_.tenants().MarkAccepted(credential_, upstream_->name);
  if (optimized_.hidden_place.has_value() && status_ == 200 && read.empty() && CanRead(response.head())) {
    co_return co_await RelayAnswering(response);
  }
  UsageObserver::ReplySink on_reply;
  if (optimized_.reply_place.has_value() && accepted) {
    on_reply = [this](const ObservedReply& reply) { proxy_.optimizer_.RecordReply(*optimized_.reply_place, reply); };
  }
  UsageObserver observer(route_.api, response.head(), std::move(on_reply));
  // What is fetched again was counted when it was made.
  const bool makes = exchange_.request().method == "POST" && status_ < 300;
  const Status relayed = co_await Relay(exchange_, caching_.Tap(response), Marks(), makes ? &observer : nullptr, read);
  if (observer.usage().has_value() || (makes && route_.kind == Route::Kind::kOptimized)) {
    replies_.push_back(observer.Accounted());
  }
  if (optimized_.model.empty()) optimized_.model = observer.model();
  co_return relayed;
}

net::Awaitable<Status> ExchangeRun::RelayAnswering(net::UpstreamResponse& response) {
  Answering answering(
      {.api = route_.api,
       .exchange = exchange_,
       .marks = Marks(),
       .body = optimized_.body.value_or(std::string(plain().view())),
       .previous = optimized_.shown_previous,
       .streams = optimized_.streams,
       .fetch = [this](const std::string& body) { return FetchBody(body); },
       .answer = [this](const std::vector<HeldCall>& calls, AnswerRoom room) { return AnswerCalls(calls, room); },
       .record =
           [this](const ReplySplicer& splicer) { proxy_.optimizer_.RecordSpliced(*optimized_.hidden_place, splicer); },
       .keep_alive = proxy_.options_.keep_alive});
  const Status relayed = co_await answering.Run(response);
  replies_ = answering.replies();
  rounds_ = answering.rounds();
  if (answering.shortened()) proxy_.metrics_.failures.Add("answers_refused");
  if (!relayed.ok() && !exchange_.head_written()) co_return co_await Refuse(relayed);
  co_return relayed;
}

net::Awaitable<Result<ExchangeRun::Response>> ExchangeRun::FetchBody(const std::string& body) {
  ++sent_again_;
  (void)co_await AdmitAgain(body, true);
  MakeHead();
  co_return co_await pool_.Fetch(upstream_->url.endpoint, head_, body, true, cancellation_);
}

AnswerSpace ExchangeRun::SpaceOf(const AnswerRoom& room) const {
  AnswerSpace space{.tokens = kMaxAnswerTokens, .each = room.brief ? kBriefAnswerTokens : kMaxAnswerTokens};
  const std::string beta = JoinedValues(exchange_.request().headers, "anthropic-beta");
  const std::optional<uint64_t> limit = policy::PromptLimit(
      proxy_.catalog_, {.model = optimized_.model, .anthropic_beta = beta, .max_output = optimized_.max_output});
  if (limit.has_value() && room.context_tokens > 0) {
    space.tokens = std::min<uint64_t>(space.tokens, *limit - std::min(*limit, room.context_tokens));
  }
  return space;
}

net::Awaitable<std::vector<std::string>> ExchangeRun::AnswerCalls(const std::vector<HeldCall>& calls, AnswerRoom room) {
  std::vector<std::string> answers;
  std::function<void()> work = [&] {
    const Asker asker{credential_,
                      optimized_.hidden_place->tenant,
                      proxy_.optimizer_.tenants(),
                      proxy_.store_,
                      proxy_.retrievals_,
                      optimized_.originals,
                      &proxy_.options_.router.lessons};
    if (!asked_.has_value()) asked_.emplace(route_.api, SentBody());
    if (room.again) asked_ = asked_before_answers_;
    asked_before_answers_ = asked_;
    answers = AnswerRetrieveCalls(calls, asker, SpaceOf(room), *asked_);
    if (!room.again) hidden_output_ += CountCalls(calls, optimized_.model);
  };
  (void)co_await net::Offload(proxy_.workers_, exchange_.executor(), std::move(work));
  co_return answers;
}

bool ExchangeRun::MayBeMended(const net::UpstreamResponse& response) const {
  const int status = response.head().status;
  const bool off = credential_.is_login() && proxy_.options_.router.policy.logins == Logins::kOff;
  return !off && (status == 400 || status == 413 || status == 422) && route_.kind == Route::Kind::kOptimized &&
         proxy_.options_.optimize && Mode() == ContentRouter::Mode::kRecord &&
         response.length().kind != net::BodyLength::Kind::kNone;
}

net::Awaitable<Status> ExchangeRun::AnswerRefusal(Response response) {
  while (true) {
    if (!MayBeMended(*response)) co_return co_await RelayBack(*response, {});
    std::string body(response->TakeBuffered());
    while (body.size() <= kMaxErrorBytes) {
      const Result<std::string_view> more = co_await response->ReadBody();
      if (!more.ok() || more->empty()) break;  // a cut is relayed as one
      body.append(*more);
    }
    const Result<PaddedBytes> readable =
        net::DecodeBody(response->head().headers.Find("content-encoding").value_or(""), body, kMaxErrorBytes);
    bool mended = false;
    if (readable.ok()) mended = co_await Mend(response->head().status, readable->view());
    if (!mended) co_return co_await RelayBack(*response, body);
    ++sent_again_;
    (void)co_await AdmitAgain(SentBody(), true);
    MakeHead();
    Result<Response> next = co_await FetchPatiently();
    if (!next.ok()) co_return co_await Refuse(next.status());
    response = *std::move(next);
    if (refused_offer_.has_value() && response->head().status == 200) proxy_.optimizer_.WithdrawTool(*refused_offer_);
  }
}

net::Awaitable<bool> ExchangeRun::Mend(int http_status, std::string_view refusal) {
  const bool thinking =
      route_.api == Api::kMessages && !optimized_.drops_thinking && !drop_thinking_ && IsPrefixMismatch(refusal);
  if (!thinking && !was_too_long_) too_long_ = ReadOverflow(http_status, refusal);
  const bool tool = !thinking && !too_long_.has_value() && optimized_.first_offer && SpeaksOfTools(refusal);
  if (!thinking && !too_long_.has_value() && !tool) co_return false;
  if (tool) {
    proxy_.metrics_.failures.Add("retrieve_tool_refused");
    refused_offer_ = optimized_.hidden_place;
  }
  if (thinking) proxy_.metrics_.failures.Add("thinking_prefix_mismatch");
  drop_thinking_ = drop_thinking_ || thinking;
  was_too_long_ = was_too_long_ || too_long_.has_value();
  Optimized first = optimized_;
  co_await Decide();
  optimized_.context.refused = was_too_long_;
  too_long_.reset();
  optimized_.decided = first.decided;  // this time they were replayed
  optimized_.tokens_saved_once = first.tokens_saved_once;
  optimized_.prefix = first.prefix;
  const bool mended = tool || (thinking ? optimized_.drops_thinking : optimized_.context.made);
  if (mended) co_return true;
  first.context = optimized_.context;
  optimized_ = std::move(first);
  co_return false;
}

bool ExchangeRun::ReadsWhole() const {
  if (route_.kind != Route::Kind::kCarried) return true;
  const net::BodyLength length = exchange_.request_length();
  return length.kind == net::BodyLength::Kind::kExact && length.bytes <= kWholeBodyBytes;
}

net::Awaitable<Status> ExchangeRun::ReadAndDecide() {
  if (!ReadsWhole()) co_return Status();
  Result<PaddedBytes> body = co_await exchange_.ReadWholeBody(proxy_.options_.max_body_bytes);
  if (!body.ok()) co_return FromDownstream(body.status());
  body_ = *std::move(body);
  ready_ = proxy_.clock_.Now();
  if (route_.kind == Route::Kind::kCarried) {
    const bool looks = proxy_.upstreams_.ChoosesByModel() || proxy_.admission_.asks_model();
    if (looks) optimized_ = Optimizer::Peek(route_.api, *body_);
    co_return Status();
  }
  co_await Decide();
  decide_ms_ = MillisecondsSince(ready_);
  co_return Status();
}

// Small bodies are decided here, all others on the pool. When the pool is full
// the I/O thread bears it: sending a known conversation raw would cost its user
// the provider's cache.
net::Awaitable<void> ExchangeRun::Decide() {
  const bool coded = exchange_.request().headers.Has("content-encoding");
  if (!coded && body_->size() <= kInlineBytes) {
    DecideNow();
    co_return;
  }
  std::function<void()> work = [this] { DecideNow(); };
  const bool ran = co_await net::Offload(proxy_.workers_, exchange_.executor(), std::move(work));
  if (!ran) DecideNow();
}

void ExchangeRun::DecideNow() try {
  if (!decoded_.has_value()) Decode();
  if (!proxy_.options_.optimize) {
    optimized_ = Optimizer::Peek(route_.api, plain());
    return;
  }
  Optimizer::Request request;
  request.api = route_.api;
  request.credential = credential_;
  request.project = project_;
  request.upstream = [this](std::string_view model) { return UpstreamName(model); };
  request.mode = Mode();
  request.drop_thinking = drop_thinking_;
  request.refused = too_long_;
  request.billed_ratio = [this](std::string_view model) { return proxy_.calibrator_.Ratio(model); };
  request.without_tool = refused_offer_.has_value();
  request.anthropic_beta = JoinedValues(exchange_.request().headers, "anthropic-beta");
  optimized_ = proxy_.optimizer_.Run(request, plain());
} catch (const std::exception& error) {
  log::Error("deciding failed", {{"what", error.what()}});
  decoded_.reset();
  optimized_ = Optimized();
  optimized_.untouched = "exception";
}

ContentRouter::Mode ExchangeRun::Mode() const {
  if (route_.kind == Route::Kind::kCountTokens) return ContentRouter::Mode::kDryRun;
  return SaysOff(exchange_.request().headers) ? ContentRouter::Mode::kRaw : ContentRouter::Mode::kRecord;
}

// A body that does not decode goes as it came; the provider words the answer.
void ExchangeRun::Decode() {
  const std::string_view coding = exchange_.request().headers.Find("content-encoding").value_or("");
  if (coding.empty() || net::EqualsIgnoreCase(coding, "identity")) return;
  Result<PaddedBytes> decoded = net::DecodeBody(coding, body_->view(), proxy_.options_.max_body_bytes);
  if (decoded.ok()) decoded_ = *std::move(decoded);
}

std::string ExchangeRun::UpstreamName(std::string_view model) const {
  const Upstream* const row = proxy_.upstreams_.Find(route_.api, route_.path, model);
  return row == nullptr ? std::string() : row->name;
}

net::Awaitable<std::optional<Reply>> ExchangeRun::Admit() {
  std::optional<Reply> refusal;
  std::function<void()> work = [&] {
    refusal = proxy_.admission_.Admit({.route = route_,
                                       .method = exchange_.request().method,
                                       .credential = credential_,
                                       .tenant = optimized_.tenant.value_or(credential_.tenant),
                                       .peer_address = exchange_.peer_address(),
                                       .model = optimized_.model,
                                       .max_output = optimized_.max_output,
                                       .sent = body_.has_value() ? SentBody() : std::string_view()},
                                      ticket_);
  };
  const bool waits = proxy_.admission_.may_wait();
  if (!waits || !co_await net::Offload(proxy_.workers_, exchange_.executor(), work)) work();
  co_return refusal;
}

net::Awaitable<bool> ExchangeRun::AdmitAgain(std::string_view sent, bool forced) {
  bool admitted = false;
  std::function<void()> work = [&] { admitted = proxy_.admission_.AdmitAgain(ticket_, sent, forced); };
  const bool waits = proxy_.admission_.may_wait();
  if (!waits || !co_await net::Offload(proxy_.workers_, exchange_.executor(), work)) work();
  co_return admitted;
}

net::Awaitable<Result<ExchangeRun::Response>> ExchangeRun::FetchPatiently() {
  Retries retries(proxy_.options_.retries - retries_, HashOf(id_).low);
  while (true) {
    Result<Response> response = co_await Fetch();
    const bool whole = body_.has_value() || exchange_.request_length().kind == net::BodyLength::Kind::kNone;
    if (!response.ok() || !whole) co_return response;
    const std::optional<std::chrono::milliseconds> wait =
        retries.After((*response)->head(), proxy_.clock_.UnixMillis());
    if (!wait.has_value() || !co_await AdmitAgain(body_.has_value() ? SentBody() : "", false)) co_return response;
    ++retries_;
    response = Status(Code::kCancelled, "the client went away", Origin::kDownstream);
    if (!co_await Pause(exchange_.executor(), *wait, cancellation_)) co_return response;
  }
}

net::Awaitable<Result<ExchangeRun::Response>> ExchangeRun::Fetch() {
  const net::Endpoint& endpoint = upstream_->url.endpoint;
  if (body_.has_value() || exchange_.request_length().kind == net::BodyLength::Kind::kNone) {
    std::string_view body;
    if (body_.has_value()) body = optimized_.body.has_value() ? std::string_view(*optimized_.body) : body_->view();
    co_return co_await pool_.Fetch(endpoint, head_, body, body_.has_value(), cancellation_);
  }
  net::BodySource source = [this] { return exchange_.ReadBody(); };
  co_return co_await pool_.FetchStreaming(endpoint, head_, exchange_.request_length(), std::move(source),
                                          cancellation_);
}

net::Awaitable<Status> ExchangeRun::Refuse(const Status& status) {
  const bool gone = status.origin() == Origin::kDownstream && status.code() == Code::kUnavailable;
  if (gone || cancellation_.cancelled() || exchange_.head_written()) co_return status;
  const int http_status = status.code() == Code::kNotFound ? 404 : HttpStatusFor(status);
  co_return co_await RefuseWith(ErrorReply(route_.api, http_status, "headroom: " + status.ToString()), status);
}

net::Awaitable<Status> ExchangeRun::RefuseWith(Reply reply, const Status& status) {
  status_ = reply.head.status;
  reply.head.headers.Add("x-headroom-request-id", id_);
  const Status sent = co_await Send(exchange_, std::move(reply));
  co_return sent.ok() ? status : sent;
}

net::Awaitable<void> ExchangeRun::Account(const Status& status) {
  ExchangeRecord record = Record(status);
  const std::string_view sent = body_.has_value() ? SentBody() : std::string_view();
  // Counting takes longer than an I/O thread has.
  std::function<void()> estimate = [&] { proxy_.accounting_.Estimate(record, sent); };
  if (Accounting::NeedsEstimate(record)) (void)co_await net::Offload(proxy_.workers_, exchange_.executor(), estimate);
  const bool readable = body_.has_value() && optimized_.tenant.has_value();
  proxy_.accounting_.Settle(record, optimized_, sent, readable ? plain().view() : std::string_view());
  proxy_.admission_.Settle(ticket_, record);
}

ExchangeRecord ExchangeRun::Record(const Status& status) const {
  ExchangeRecord record;
  record.id = id_;
  record.unix_millis = started_millis_;
  record.route = route_;
  if (upstream_ != nullptr) record.upstream = upstream_->name;
  record.model = optimized_.model;
  record.tenant = optimized_.tenant.value_or(credential_.tenant);
  record.project = project_.empty() ? proxy_.options_.router.project : project_;
  record.client = ClientFamily(exchange_.request().headers.Find("user-agent").value_or(""));
  record.status = status_;
  record.outcome = status;
  record.stream = optimized_.streams;
  record.cache_hit = caching_.hit();
  record.cache_saved = caching_.saved();
  record.replies = replies_;
  record.tokens_saved = optimized_.tokens_saved;
  record.decided = optimized_.decided;
  record.replayed = optimized_.replayed;
  record.hidden_output = hidden_output_;
  record.retrieval_rounds = rounds_;
  record.retries = sent_again_ - rounds_ + retries_;
  record.tags = TagsOf(exchange_.request().headers);
  record.request_bytes = body_.has_value() ? body_->size() : 0;
  record.sent_bytes = body_.has_value() ? SentBody().size() : 0;
  record.overhead_ms = overhead_ms_;
  record.decide_ms = decide_ms_;
  record.first_byte_ms = first_byte_ms_;
  record.total_ms = MillisecondsSince(start_);
  return record;
}

double ExchangeRun::MillisecondsSince(Clock::TimePoint start) const {
  return std::chrono::duration<double, std::milli>(proxy_.clock_.Now() - start).count();
}

}  // namespace headroom::proxy
