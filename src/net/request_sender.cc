#include "net/request_sender.h"

#include <array>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <charconv>
#include <exception>
#include <utility>

namespace headroom::net {
namespace {

bool IsFramingField(std::string_view name) {
  return EqualsIgnoreCase(name, "content-length") || EqualsIgnoreCase(name, "transfer-encoding") ||
         EqualsIgnoreCase(name, "connection");
}

void AppendField(std::string& text, std::string_view name, std::string_view value) {
  text.append(name).append(": ").append(value).append("\r\n");
}

// The absolute form's prefix (RFC 9112 3.2.2); http's default port is left out.
std::string Origin80(const Endpoint& endpoint) {
  std::string authority = HostAndPort(endpoint);
  if (endpoint.port == 80) authority.erase(authority.rfind(':'));
  return "http://" + authority;
}

// Drops the first `sent` bytes.
void Advance(UpstreamConnection::Buffers& buffers, size_t sent) {
  for (asio::const_buffer& buffer : buffers) {
    const size_t step = std::min(sent, buffer.size());
    buffer += step;
    sent -= step;
  }
}

// "1a2b\r\n"
class ChunkSize {
 public:
  explicit ChunkSize(size_t bytes) {
    char* end = std::to_chars(text_.data(), text_.data() + text_.size() - 2, bytes, 16).ptr;
    *end++ = '\r';
    *end++ = '\n';
    size_ = static_cast<size_t>(end - text_.data());
  }
  asio::const_buffer buffer() const { return {text_.data(), size_}; }

 private:
  std::array<char, 20> text_{};
  size_t size_ = 0;
};

asio::const_buffer Bytes(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

std::string RequestText(const RequestHead& head, BodyLength length, const Endpoint& endpoint,
                        const ProxyServer* proxy) {
  std::string text;
  text.reserve(1024);
  text.append(head.method).push_back(' ');
  if (proxy != nullptr) text.append(Origin80(endpoint));
  text.append(head.target).append(" HTTP/1.1\r\n");
  for (size_t i = 0; i < head.headers.size(); ++i) {
    const HeaderList::Field field = head.headers[i];
    if (!IsFramingField(field.name)) AppendField(text, field.name, field.value);
  }
  if (proxy != nullptr && !proxy->authorization.empty()) AppendField(text, "Proxy-Authorization", proxy->authorization);
  if (length.kind == BodyLength::Kind::kExact) {
    AppendField(text, "Content-Length", std::to_string(length.bytes));
  } else if (length.kind != BodyLength::Kind::kNone) {
    AppendField(text, "Transfer-Encoding", "chunked");
  }
  return text.append("\r\n");
}

RequestSender::RequestSender(asio::io_context& context, UpstreamConnection& connection,
                             std::chrono::milliseconds timeout)
    : executor_(context.get_executor()), connection_(connection), timeout_(timeout), over_(executor_) {
  over_.expires_at(SteadyTimer::time_point::max());
}

void RequestSender::Send(std::string_view head_text, std::string_view body) {
  Buffers buffers = {Bytes(head_text), Bytes(body)};
  const size_t sent = connection_.TrySend(buffers);
  connection_.ExpireIn(timeout_);
  if (sent == head_text.size() + body.size()) {
    finished_ = true;
    return;
  }
  Advance(buffers, sent);
  Spawn(SendRest(buffers));
}

void RequestSender::SendFrom(std::string_view head_text, BodyLength length, BodySource source) {
  connection_.ExpireIn(timeout_);
  Spawn(PullAndSend(head_text, length, std::move(source)));
}

void RequestSender::Spawn(Awaitable<void> work) {
  running_ = true;
  auto over = [this](const std::exception_ptr& thrown) {
    running_ = false;
    // Once cancelled, a source that awaits again is ended by an exception of asio's.
    if (thrown != nullptr && !stopping_) FailSource(Status(Code::kInternal, "the source of a body threw"));
    over_.cancel();
  };
  asio::co_spawn(executor_, std::move(work), asio::bind_cancellation_slot(stop_.slot(), std::move(over)));
}

Awaitable<void> RequestSender::Stop() {
  if (!running_) co_return;
  stopping_ = true;
  stop_.emit(asio::cancellation_type::terminal);
  while (running_) co_await over_.async_wait(kUseAwaitable);
}

Awaitable<void> RequestSender::SendRest(Buffers rest) { finished_ = co_await SendAll(rest); }

Awaitable<void> RequestSender::PullAndSend(std::string_view head_text, BodyLength length, BodySource source) {
  const bool exact = length.kind == BodyLength::Kind::kExact;
  uint64_t left = length.bytes;
  std::string_view head = head_text;
  while (length.kind != BodyLength::Kind::kNone && !(exact && left == 0)) {
    const Result<std::string_view> piece = co_await Pull(source);
    if (stopping_) co_return;
    if (!piece.ok()) co_return FailSource(piece.status());
    if (exact && (piece->empty() || piece->size() > left)) {
      co_return FailSource(Status(Code::kFailedPrecondition, "the source's bytes are not as many as announced"));
    }
    if (piece->empty()) break;
    left -= exact ? piece->size() : 0;
    const ChunkSize size(piece->size());
    const Buffers buffers =
        exact ? Buffers{Bytes(head), Bytes(*piece)} : Buffers{Bytes(head), size.buffer(), Bytes(*piece), Bytes("\r\n")};
    if (!co_await SendAll(buffers)) co_return;
    head = {};
  }
  const bool chunked = !exact && length.kind != BodyLength::Kind::kNone;
  const Buffers end = {Bytes(head), Bytes(chunked ? "0\r\n\r\n" : "")};
  finished_ = co_await SendAll(end);
}

// The wait for the source's bytes is not the upstream's fault and has no deadline here.
Awaitable<Result<std::string_view>> RequestSender::Pull(BodySource& source) {
  connection_.ClearDeadline();
  Result<std::string_view> piece = co_await source();
  connection_.ExpireIn(timeout_);
  if (piece.ok() && !piece->empty()) pulled_ = true;
  co_return piece;
}

// False when the connection failed (what the upstream had to say about it may
// still be readable) or the sending was stopped.
Awaitable<bool> RequestSender::SendAll(Buffers buffers) {
  while (asio::buffer_size(buffers) > 0) {
    const Result<size_t> sent = co_await connection_.Send(buffers);
    if (!sent.ok() || stopping_) co_return false;
    Advance(buffers, *sent);
    connection_.ExpireIn(timeout_);
  }
  co_return true;
}

void RequestSender::FailSource(Status failure) {
  source_failure_ = std::move(failure);
  connection_.Abort(Code::kCancelled);
}

}  // namespace headroom::net
