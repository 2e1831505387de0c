#include "net/client.h"

#include <utility>

#include "net/connection_pool.h"
#include "net/request_sender.h"
#include "net/tls.h"

namespace headroom::net {
namespace {

// Interim responses before the final one (RFC 9110 15.2).
constexpr int kMaxInterim = 16;

Status Unavailable(std::string detail) { return {Code::kUnavailable, std::move(detail), Origin::kUpstream}; }

Status Cancelled() { return {Code::kCancelled, "the fetch was cancelled", Origin::kDownstream}; }

class Response : public UpstreamResponse {
 public:
  Response(std::shared_ptr<ConnectionPool> pool, std::shared_ptr<CancelPoint> point,
           std::unique_ptr<UpstreamConnection> connection, bool answers_head)
      : pool_(std::move(pool)),
        point_(std::move(point)),
        connection_(std::move(connection)),
        parser_(pool_->TakeParser()),
        answers_head_(answers_head) {
    point_->set_current(connection_.get());
    if (answers_head_) parser_->ExpectNoBody();
  }

  ~Response() override {
    // A caller that knows the length may not have come for the end.
    if (connection_ != nullptr && has_head_ && failure_.ok() && !done_) (void)NextPiece();
    Release();
    pool_->KeepParser(std::move(parser_));
  }

  const ResponseHead& head() const override { return parser_->head(); }
  BodyLength length() const override { return parser_->length(); }
  std::string_view TakeBuffered() override { return failure_.ok() && !done_ ? NextPiece() : std::string_view(); }
  Awaitable<Result<std::string_view>> ReadBody() override;

  // Returns when head() is there.
  Awaitable<Status> ReadHead();
  // The request was sent in full, so that the connection may serve another.
  void set_reusable() { reusable_ = true; }
  // Gives a connection back at once when there is no body.
  void ReleaseIfEmpty();

  UpstreamConnection& connection() { return *connection_; }
  // No byte of the response came.
  bool untouched() const { return untouched_; }

 private:
  std::string_view NextPiece();
  Awaitable<Status> ReadMore();
  Result<bool> TakeHeadStep();
  void Release();

  const std::shared_ptr<ConnectionPool> pool_;
  const std::shared_ptr<CancelPoint> point_;
  std::unique_ptr<UpstreamConnection> connection_;  // null once given back
  std::unique_ptr<ResponseParser> parser_;
  const bool answers_head_;
  int interim_ = 0;
  bool untouched_ = true;
  bool has_head_ = false;
  bool done_ = false;
  bool reusable_ = false;
  Status failure_;
};

Awaitable<Status> Response::ReadHead() {
  for (;;) {
    const Result<bool> complete = TakeHeadStep();
    if (!complete.ok()) co_return complete.status();
    if (*complete) break;
    const Status status = co_await ReadMore();
    if (!status.ok()) co_return status;
    if (done_) co_return Unavailable("the upstream closed before the end of its response's head");
    untouched_ = false;
  }
  has_head_ = true;
  co_return Status();
}

// True when the final head is there, false when more bytes are needed.
Result<bool> Response::TakeHeadStep() {
  for (;;) {
    const Result<ResponseParser::Step> step = parser_->Parse(connection_->unread());
    if (!step.ok()) return Unavailable("the upstream's response: " + step.status().detail());
    connection_->Consume(step->consumed);
    if (step->event == ResponseParser::Event::kNeedMore) return false;
    if (step->event == ResponseParser::Event::kHead && parser_->head().status >= 200) return true;
    if (step->event != ResponseParser::Event::kDone) continue;
    // No upgrade was asked for, so what follows a 101 is nothing we could read.
    if (parser_->head().status == 101 || ++interim_ > kMaxInterim) {
      return Unavailable("the upstream's interim responses make no sense");
    }
    parser_->Reset();
    if (answers_head_) parser_->ExpectNoBody();
  }
}

// More bytes; done_ when the response ends with the connection.
Awaitable<Status> Response::ReadMore() {
  const Result<size_t> received = co_await connection_->Read();
  if (!received.ok()) co_return received.status();
  if (*received > 0) co_return Status();
  const Status end = parser_->ParseEnd();
  if (!end.ok()) co_return Unavailable(end.detail());
  done_ = true;
  reusable_ = false;
  co_return Status();
}

// All the body bytes that are buffered, chunks joined; empty when there are
// none, or the body is done, or failed.
std::string_view Response::NextPiece() {
  std::string_view piece;
  for (;;) {
    const Result<ResponseParser::Step> step = parser_->Parse(connection_->unread());
    if (!step.ok()) {
      failure_ = Unavailable("the upstream's response: " + step.status().detail());
      return piece;
    }
    connection_->Consume(step->consumed);
    if (step->event == ResponseParser::Event::kBody) {
      piece = piece.empty() ? step->body : UpstreamConnection::Join(piece, step->body);
      continue;
    }
    done_ = step->event == ResponseParser::Event::kDone;
    return piece;
  }
}

Awaitable<Result<std::string_view>> Response::ReadBody() {
  while (connection_ != nullptr && failure_.ok()) {
    if (!done_) {
      const std::string_view piece = NextPiece();
      if (!piece.empty()) co_return piece;
    }
    if (done_) {
      Release();
    } else if (failure_.ok()) {
      connection_->ExpireIn(pool_->options().idle_read_timeout);
      failure_ = co_await ReadMore();
      connection_->ClearDeadline();
    }
  }
  if (failure_.ok()) co_return std::string_view();
  Release();
  co_return failure_;
}

void Response::ReleaseIfEmpty() {
  const BodyLength body = length();
  const bool empty = body.kind == BodyLength::Kind::kNone || (body.kind == BodyLength::Kind::kExact && body.bytes == 0);
  if (!empty) return;
  (void)NextPiece();
  Release();
}

void Response::Release() {
  if (connection_ == nullptr) return;
  point_->set_current(nullptr);
  const bool keep = done_ && reusable_ && parser_->keep_alive() && connection_->unread().empty() &&
                    connection_->aborted() == Code::kOk;
  if (keep) {
    pool_->Keep(std::move(connection_));
  } else {
    connection_.reset();
  }
}

// What is sent: a whole body, or one that is pulled.
struct Outgoing {
  BodyLength length;
  std::string_view body;
  BodySource source;  // empty for a whole body
};

struct Exchanged {
  Status status;
  bool may_repeat = false;  // the connection was dead and nothing is lost by trying another
};

// Sends the request over `response`'s connection and reads the head.
Awaitable<Exchanged> Exchange(ConnectionPool& pool, Response& response, std::string_view head_text,
                              Outgoing& outgoing) {
  const std::chrono::milliseconds timeout = pool.options().idle_read_timeout;
  RequestSender sender(pool.context(), response.connection(), timeout);
  const bool streamed = outgoing.source != nullptr;
  if (streamed) {
    sender.SendFrom(head_text, outgoing.length, outgoing.source);
  } else {
    sender.Send(head_text, outgoing.body);
  }
  Status status = co_await response.ReadHead();
  co_await sender.Stop();
  if (!sender.source_failure().ok()) status = sender.source_failure();
  if (status.ok()) {
    response.connection().ClearDeadline();
    if (sender.finished()) response.set_reusable();
    response.ReleaseIfEmpty();
  }
  const bool may_repeat =
      status.code() == Code::kUnavailable && response.untouched() && !sender.pulled() && sender.source_failure().ok();
  co_return Exchanged{std::move(status), may_repeat};
}

using FetchResult = Result<std::unique_ptr<UpstreamResponse>>;

Awaitable<FetchResult> FetchFrom(std::shared_ptr<ConnectionPool> pool, const Endpoint& endpoint,
                                 const RequestHead& head, Outgoing outgoing, Cancellation& cancellation) {
  if (cancellation.cancelled()) co_return Cancelled();
  const auto point = std::make_shared<CancelPoint>();
  cancellation.OnCancel([weak = std::weak_ptr(point)] {
    if (const auto alive = weak.lock()) alive->Cancel();
  });
  const ProxyServer* const proxy = endpoint.tls ? nullptr : pool->options().proxy.For(endpoint);
  const std::string head_text = RequestText(head, outgoing.length, endpoint, proxy);

  std::unique_ptr<UpstreamConnection> connection = pool->Take(endpoint);
  for (;;) {
    const bool reused = connection != nullptr;
    if (!reused) {
      Result<std::unique_ptr<UpstreamConnection>> opened = co_await pool->Open(endpoint, *point);
      if (!opened.ok()) co_return opened.status();
      connection = std::move(*opened);
    }
    auto response = std::make_unique<Response>(pool, point, std::move(connection), head.method == "HEAD");
    Exchanged exchanged = co_await Exchange(*pool, *response, head_text, outgoing);
    if (exchanged.status.ok()) co_return std::unique_ptr<UpstreamResponse>(std::move(response));
    if (!reused || !exchanged.may_repeat) co_return std::move(exchanged.status);
  }
}

}  // namespace

void Cancellation::Cancel() {
  if (cancelled_) return;
  cancelled_ = true;
  if (action_ != nullptr) std::exchange(action_, nullptr)();
}

void Cancellation::OnCancel(std::function<void()> action) {
  action_ = std::move(action);
  if (cancelled_ && action_ != nullptr) std::exchange(action_, nullptr)();
}

class Pool::Impl {
 public:
  Impl(asio::io_context& context, Options options)
      : connections(std::make_shared<ConnectionPool>(context, std::move(options))) {}
  ~Impl() { connections->Close(); }

  // Outlives the pool where a response does.
  const std::shared_ptr<ConnectionPool> connections;
};

Pool::Pool(asio::io_context& context, Options options) : impl_(std::make_unique<Impl>(context, std::move(options))) {}

Pool::~Pool() = default;

Awaitable<FetchResult> Pool::Fetch(const Endpoint& endpoint, const RequestHead& head, std::string_view body,
                                   bool has_body, Cancellation& cancellation) {
  Outgoing outgoing{has_body ? BodyLength::Exact(body.size()) : BodyLength::None(), has_body ? body : "", nullptr};
  return FetchFrom(impl_->connections, endpoint, head, std::move(outgoing), cancellation);
}

Awaitable<FetchResult> Pool::FetchStreaming(const Endpoint& endpoint, const RequestHead& head, BodyLength length,
                                            BodySource source, Cancellation& cancellation) {
  return FetchFrom(impl_->connections, endpoint, head, Outgoing{length, {}, std::move(source)}, cancellation);
}

Status CheckTrust(Pool::Options& options) {
  Result<std::shared_ptr<TlsContext>> loaded = TlsContext::Load(options.ca_file);
  if (!loaded.ok()) return loaded.status();
  options.tls = std::move(*loaded);
  return {};
}

}  // namespace headroom::net
