// The TLS part of DownstreamSocket. OpenSSL works on the descriptor itself and says what it
// waits for; buffers, deadlines and the watch are those of a plain connection.

#include <algorithm>
#include <string>
#include <utility>

#include "net/downstream_socket.h"

namespace headroom::net {
namespace {

using std::chrono::steady_clock;

constexpr size_t kRecordBytes = 16 * 1024;  // the largest that TLS has
// A piece of this size goes as it is; smaller ones are joined, so that the line, the bytes and the end of a
// chunk travel in one record.
constexpr size_t kWholePiece = 4 * 1024;

Status Gone() { return Status(Code::kUnavailable, "the client closed the connection", Origin::kDownstream); }

std::string_view View(const iovec& piece) { return {static_cast<const char*>(piece.iov_base), piece.iov_len}; }

}  // namespace

Awaitable<Status> DownstreamSocket::WaitFor(TlsStep step, TimePoint deadline) {
  if (step == TlsStep::kWritable) co_return co_await WaitToWrite(deadline);
  read_deadline_ = deadline;
  read_expired_ = false;
  boost::system::error_code error = asio::error::operation_aborted;
  while (error == asio::error::operation_aborted && !read_expired_) error = co_await WaitReadable();
  read_deadline_ = kNoDeadline;
  if (read_expired_) {
    co_return Status(Code::kDeadlineExceeded, "the bytes expected did not come in time", Origin::kDownstream);
  }
  co_return error ? Gone() : Status();
}

Awaitable<Status> DownstreamSocket::Handshake(TimePoint deadline) {
  if (options_.tls == nullptr) co_return Status();
  tls_ = options_.tls->Accept(socket_.native_handle());
  if (tls_ == nullptr) co_return Gone();
  while (true) {
    const TlsStep step = tls_->Handshake();
    if (step == TlsStep::kDone) co_return Status();
    if (step != TlsStep::kReadable && step != TlsStep::kWritable) break;
    Status ready = co_await WaitFor(step, deadline);
    if (!ready.ok()) co_return ready;
  }
  const bool spoke_http = tls_->spoke_http();
  tls_.reset();
  if (spoke_http) {
    co_return Status(Code::kInvalidArgument, "this port speaks TLS: the URL begins with https", Origin::kDownstream);
  }
  co_return Status(Code::kUnavailable, "the TLS handshake failed", Origin::kDownstream);
}

Awaitable<Status> DownstreamSocket::FillFromTls(TimePoint deadline) {
  while (true) {
    size_t bytes = 0;
    const TlsStep step = tls_->Read(buffer_.get() + end_, capacity_ - end_, bytes);
    if (step == TlsStep::kDone) co_return Received(static_cast<ssize_t>(bytes), 0);
    if (step != TlsStep::kReadable && step != TlsStep::kWritable) co_return Gone();
    Status ready = co_await WaitFor(step, deadline);
    if (!ready.ok()) co_return ready;
  }
}

Awaitable<Status> DownstreamSocket::WriteRecords(std::string_view text) {
  TimePoint deadline = kNoDeadline;  // set by the first wait after progress
  while (!text.empty()) {
    size_t bytes = 0;
    const TlsStep step = tls_->Write(text, bytes);
    if (step == TlsStep::kDone) {
      text.remove_prefix(bytes);
      deadline = kNoDeadline;
      continue;
    }
    if (step != TlsStep::kReadable && step != TlsStep::kWritable) co_return Gone();
    if (deadline == kNoDeadline) deadline = steady_clock::now() + options_.stall_timeout;
    Status ready = co_await WaitFor(step, deadline);
    if (!ready.ok()) co_return ready;
  }
  co_return Status();
}

Awaitable<Status> DownstreamSocket::SendOverTls(iovec* pieces, int count) {
  std::string joined;
  for (int i = 0; i < count; ++i) {
    const std::string_view piece = View(pieces[i]);
    const bool whole = piece.size() >= kWholePiece;
    if (!joined.empty() && (whole || joined.size() + piece.size() > kRecordBytes)) {
      Status sent = co_await WriteRecords(joined);
      if (!sent.ok()) co_return sent;
      joined.clear();
    }
    if (!whole) {
      joined.append(piece);
      continue;
    }
    Status sent = co_await WriteRecords(piece);
    if (!sent.ok()) co_return sent;
  }
  co_return co_await WriteRecords(joined);
}

void DownstreamSocket::EndSession() {
  if (tls_ != nullptr) tls_->Close();
}

}  // namespace headroom::net
