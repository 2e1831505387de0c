#include "net/connection.h"

#include <algorithm>
#include <exception>
#include <optional>
#include <typeinfo>
#include <utility>

#include "base/log.h"

namespace headroom::net {
namespace {

using Event = RequestParser::Event;
using std::chrono::steady_clock;

constexpr size_t kKeptHeadBytes = 8 * 1024;
constexpr size_t kReserveBytes = 1024 * 1024;

iovec Piece(std::string_view bytes) { return {const_cast<char*>(bytes.data()), bytes.size()}; }

class Counted {
 public:
  explicit Counted(std::atomic<size_t>& counter) : counter_(counter) { ++counter_; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  ~Counted() { --counter_; }

 private:
  std::atomic<size_t>& counter_;
};

DownstreamSocket::Options SocketOptions(const Server::Options& options, std::function<void()> on_long_idle) {
  DownstreamSocket::Options socket;
  socket.max_buffer_bytes = std::max(socket.max_buffer_bytes, options.max_head_bytes);
  socket.stall_timeout = options.idle_timeout;
  socket.tls = options.tls.get();
  socket.on_long_idle = std::move(on_long_idle);
  return socket;
}

RequestParser::Limits ParserLimits(const Server::Options& options) {
  RequestParser::Limits limits;
  limits.head_bytes = options.max_head_bytes;
  return limits;
}

}  // namespace

Connection::Connection(TcpSocket socket, std::string peer_address, const Context& context)
    : context_(context),
      socket_(std::move(socket), context.table, SocketOptions(context.options, [this] { FreeHeads(); })),
      executor_(socket_.executor()),
      peer_address_(std::move(peer_address)),
      parser_(ParserLimits(context.options)) {}

Awaitable<void> Connection::Run() {
  bool secured = true;
  if (context_.options.tls != nullptr) secured = co_await Secure();
  while (secured) {
    Reset();
    const HeadOutcome outcome = co_await ReadHead();
    if (outcome == HeadOutcome::kClosed) socket_.EndSession();
    if (outcome == HeadOutcome::kRefused) co_await socket_.Linger();
    if (outcome != HeadOutcome::kRequest) break;
    const bool again = co_await Serve();
    if (!again) break;
  }
  co_await socket_.Quiesce();
}

void Connection::Reset() {
  parser_.Reset();
  head_bytes_.clear();
  if (head_bytes_.capacity() > kKeptHeadBytes) head_bytes_.shrink_to_fit();
  framing_ = ResponseFraming();
  body_left_ = 0;
  body_refusal_ = 0;
  body_done_ = expects_continue_ = head_written_ = finished_ = broken_ = false;
  gone_ = nullptr;
}

void Connection::FreeHeads() {
  parser_.head() = RequestHead();
  std::string().swap(head_bytes_);
}

// Returns whether the TLS handshake succeeded.
Awaitable<bool> Connection::Secure() {
  const Status status = co_await socket_.Handshake(steady_clock::now() + context_.options.head_timeout);
  if (status.code() == Code::kInvalidArgument) {
    co_await Refuse(400, status.detail());
    co_await socket_.Linger();
  }
  co_return status.ok();
}

// The head's deadline runs from its first byte, which may have come with the
// request before.
Awaitable<Connection::HeadOutcome> Connection::ReadHead() {
  if (socket_.unread().empty()) {
    if (context_.draining) co_return HeadOutcome::kClosed;
    const Status status = co_await socket_.FillWhenIdle(steady_clock::now() + context_.options.idle_timeout);
    if (!status.ok()) co_return HeadOutcome::kClosed;
  }
  TimePoint deadline = kNoDeadline;
  while (true) {
    const Result<RequestParser::Step> step = parser_.Parse(socket_.unread());
    if (!step.ok()) {
      co_await Refuse(parser_.refusal(), step.status().detail());
      co_return HeadOutcome::kRefused;
    }
    socket_.Consume(step->consumed);
    if (step->event == Event::kHead) break;
    if (deadline == kNoDeadline) deadline = steady_clock::now() + context_.options.head_timeout;
    const Status status = co_await socket_.Fill(deadline);
    if (status.ok()) continue;
    if (status.code() != Code::kDeadlineExceeded) co_return HeadOutcome::kClosed;
    co_await Refuse(408, "the request's head did not arrive in time");
    co_return HeadOutcome::kRefused;
  }
  const BodyLength length = parser_.length();
  body_done_ = length.kind == BodyLength::Kind::kNone || (length.kind == BodyLength::Kind::kExact && length.bytes == 0);
  const std::optional<std::string_view> expect = parser_.head().headers.Find("expect");
  expects_continue_ = !body_done_ && parser_.head().version_minor == 1 && expect.has_value() &&
                      EqualsIgnoreCase(*expect, "100-continue");
  co_return HeadOutcome::kRequest;
}

Awaitable<void> Connection::Refuse(int status, std::string_view message) {
  const std::string response = RefusalResponse(status, message);
  iovec piece = Piece(response);
  const Status ignored = co_await socket_.Send(&piece, 1);
  static_cast<void>(ignored);
}

// Returns whether the connection can carry another request.
Awaitable<bool> Connection::Serve() {
  const bool returned = co_await CallHandler();
  gone_ = nullptr;
  socket_.Unwatch();
  if (!returned || broken_) co_return false;
  if (!head_written_ && body_refusal_ != 0) {
    co_await Refuse(body_refusal_, "the request's body was malformed, too large or late");
    co_await socket_.Linger();
    co_return false;
  }
  if (!finished_) co_return false;
  const bool drained = co_await DrainBody();
  if (drained && framing_.keep_alive) co_return true;
  socket_.EndSession();
  if (!drained || !socket_.unread().empty()) co_await socket_.Linger();
  co_return false;
}

Awaitable<bool> Connection::CallHandler() {
  const Counted counted(context_.exchanges);
  try {
    co_await context_.handler(*this);
    co_return true;
  } catch (const std::exception& error) {
    log::Error("handler threw", {{"type", typeid(error).name()}});
  } catch (...) {
    log::Error("handler threw", {{"type", "unknown"}});
  }
  co_return false;
}

// A client that still waits for "100 Continue" may never send its body.
Awaitable<bool> Connection::DrainBody() {
  if (body_done_) co_return true;
  const BodyLength length = parser_.length();
  if (body_refusal_ != 0 || expects_continue_) co_return false;
  if (length.kind == BodyLength::Kind::kExact && length.bytes > kDrainBytes + socket_.unread().size()) co_return false;
  const TimePoint deadline = steady_clock::now() + context_.options.body_timeout;
  size_t drained = 0;
  while (drained <= kDrainBytes) {
    const Result<RequestParser::Step> step = parser_.Parse(socket_.unread());
    if (!step.ok()) co_return false;
    socket_.Consume(step->consumed);
    drained += step->consumed;
    if (step->event == Event::kDone) co_return true;
    if (step->event != Event::kNeedMore) continue;
    const Status status = co_await socket_.Fill(deadline);
    if (!status.ok()) co_return false;
  }
  co_return false;
}

BodyLength Connection::request_length() const { return parser_.length(); }

Awaitable<Status> Connection::AnswerExpectation() {
  expects_continue_ = false;
  if (head_written_ || !socket_.unread().empty()) co_return Status();
  iovec piece = Piece("HTTP/1.1 100 Continue\r\n\r\n");
  co_return co_await socket_.Send(&piece, 1);
}

void Connection::BodyEnded() {
  body_done_ = true;
  if (gone_) socket_.Watch(std::exchange(gone_, nullptr));
}

Status Connection::BodyFailed(Status status, int refusal) {
  body_refusal_ = refusal;
  if (status.code() == Code::kUnavailable) broken_ = true;
  return Status(status.code(), status.detail(), Origin::kDownstream);
}

Awaitable<Result<std::string_view>> Connection::ReadBody() {
  if (body_done_) co_return std::string_view();
  if (body_refusal_ != 0) co_return Status(Code::kFailedPrecondition, "the body failed before");
  if (expects_continue_) {
    Status status = co_await AnswerExpectation();
    if (!status.ok()) co_return BodyFailed(std::move(status), 400);
  }
  while (true) {
    const Result<RequestParser::Step> step = parser_.Parse(socket_.unread());
    if (!step.ok()) co_return BodyFailed(Status(Code::kInvalidArgument, step.status().detail()), 400);
    socket_.Consume(step->consumed);
    if (step->event == Event::kBody) co_return step->body;
    if (step->event == Event::kDone) {
      BodyEnded();
      co_return std::string_view();
    }
    Status status = co_await socket_.Fill(steady_clock::now() + context_.options.body_timeout);
    if (!status.ok()) co_return BodyFailed(std::move(status), 408);
  }
}

Awaitable<Result<PaddedBytes>> Connection::ReadWholeBody(size_t limit_bytes) {
  PaddedBytes body;
  const BodyLength length = request_length();
  const Status too_large(Code::kResourceExhausted, "the request's body is too large", Origin::kDownstream);
  if (length.kind == BodyLength::Kind::kExact) {
    if (length.bytes > limit_bytes) co_return BodyFailed(too_large, 413);
    body.Reserve(std::min(static_cast<size_t>(length.bytes), kReserveBytes));
  }
  while (true) {
    const Result<std::string_view> bytes = co_await ReadBody();
    if (!bytes.ok()) co_return bytes.status();
    if (bytes->empty()) co_return body;
    if (bytes->size() > limit_bytes - body.size()) co_return BodyFailed(too_large, 413);
    body.Append(*bytes);
  }
}

bool Connection::CanKeepAlive() const {
  const BodyLength length = parser_.length();
  const bool cut = !body_done_ && (body_refusal_ != 0 || expects_continue_ ||
                                   (length.kind == BodyLength::Kind::kExact && length.bytes > kDrainBytes));
  return parser_.keep_alive() && !cut && !context_.draining;
}

// Checks body bytes against the length announced.
Status Connection::CountBody(size_t bytes) {
  if (framing_.length.kind == BodyLength::Kind::kNone && bytes > 0) {
    return Status(Code::kFailedPrecondition, "a response without a body was given one");
  }
  if (framing_.length.kind != BodyLength::Kind::kExact) return Status();
  if (bytes > body_left_) return Status(Code::kOutOfRange, "more body bytes than announced");
  body_left_ -= bytes;
  return Status();
}

Awaitable<Status> Connection::WriteHead(const ResponseHead& head, BodyLength length, std::string_view body_prefix) {
  if (head_written_) co_return Status(Code::kFailedPrecondition, "the head was written before");
  framing_ = FrameResponse(request(), head.status, length, CanKeepAlive());
  body_left_ = framing_.length.bytes;
  if (!framing_.has_body) body_prefix = {};
  Status counted = CountBody(body_prefix.size());
  if (!counted.ok()) co_return counted;

  head_written_ = true;
  AppendResponseHead(head_bytes_, head, framing_);
  const bool chunk = framing_.length.kind == BodyLength::Kind::kChunked && !body_prefix.empty();
  if (chunk) AppendChunkLine(head_bytes_, body_prefix.size());
  iovec pieces[] = {Piece(head_bytes_), Piece(body_prefix), Piece("\r\n")};
  Status sent = co_await socket_.Send(pieces, chunk ? 3 : (body_prefix.empty() ? 1 : 2));
  broken_ |= !sent.ok();
  co_return sent;
}

Awaitable<Status> Connection::Write(std::string_view bytes) {
  if (!head_written_ || finished_) co_return Status(Code::kFailedPrecondition, "no response is being written");
  if (broken_) co_return Status(Code::kUnavailable, "the client closed the connection", Origin::kDownstream);
  if (!framing_.has_body || bytes.empty()) co_return Status();
  Status counted = CountBody(bytes.size());
  if (!counted.ok()) co_return counted;

  Status sent;
  if (framing_.length.kind == BodyLength::Kind::kChunked) {
    head_bytes_.clear();
    AppendChunkLine(head_bytes_, bytes.size());
    iovec pieces[] = {Piece(head_bytes_), Piece(bytes), Piece("\r\n")};
    sent = co_await socket_.Send(pieces, 3);
  } else {
    iovec piece = Piece(bytes);
    sent = co_await socket_.Send(&piece, 1);
  }
  broken_ |= !sent.ok();
  co_return sent;
}

Awaitable<Status> Connection::Finish() {
  if (!head_written_ || finished_) co_return Status(Code::kFailedPrecondition, "no response is being written");
  if (broken_) co_return Status(Code::kUnavailable, "the client closed the connection", Origin::kDownstream);
  if (framing_.has_body) {
    if (framing_.length.kind == BodyLength::Kind::kExact && body_left_ > 0) {
      co_return Status(Code::kFailedPrecondition, "fewer body bytes than announced");
    }
    if (framing_.length.kind == BodyLength::Kind::kChunked) {
      iovec piece = Piece("0\r\n\r\n");
      Status sent = co_await socket_.Send(&piece, 1);
      if (!sent.ok()) {
        broken_ = true;
        co_return sent;
      }
    }
  }
  finished_ = true;
  gone_ = nullptr;
  socket_.Unwatch();
  co_return Status();
}

void Connection::OnDisconnect(std::function<void()> gone) {
  if (finished_) return;
  gone_ = nullptr;
  socket_.Unwatch();
  if (!gone) return;
  // Until the body is read its bytes hide the connection's end, and ReadBody
  // reports it.
  if (body_done_) {
    socket_.Watch(std::move(gone));
  } else {
    gone_ = std::move(gone);
  }
}

}  // namespace headroom::net
