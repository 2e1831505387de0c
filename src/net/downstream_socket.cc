#include "net/downstream_socket.h"

#include <sys/mman.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <cstring>
#include <new>
#include <string>
#include <tuple>
#include <utility>

namespace headroom::net {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::milliseconds kLingerTime{2'000};
constexpr size_t kLingerBytes = 128 * 1024 * 1024;

bool WouldBlock(int error) { return error == EAGAIN || error == EWOULDBLOCK; }

Status Gone() { return Status(Code::kUnavailable, "the client closed the connection", Origin::kDownstream); }
Status Late(const char* detail) { return Status(Code::kDeadlineExceeded, detail, Origin::kDownstream); }

PageBuffer AllocatePages(size_t bytes) {
  void* const pages = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) throw std::bad_alloc();
  return PageBuffer(static_cast<char*>(pages), FreePages{bytes});
}

// Takes `sent` bytes off the front of the pieces.
void Advance(iovec*& pieces, int& count, size_t sent) {
  while (count > 0 && sent >= pieces->iov_len) {
    sent -= pieces->iov_len;
    ++pieces;
    --count;
  }
  if (count == 0) return;
  pieces->iov_base = static_cast<char*>(pieces->iov_base) + sent;
  pieces->iov_len -= sent;
}

// What there is to read, without reading it.
enum class Look { kBytes, kNothing, kEnd };

Look LookInto(int descriptor) {
  char byte;
  const ssize_t peeked = ::recv(descriptor, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  if (peeked < 0 && (WouldBlock(errno) || errno == EINTR)) return Look::kNothing;
  return peeked > 0 ? Look::kBytes : Look::kEnd;
}

// A closing client says so in a record, so that there are bytes although nothing follows.
Look LookIntoTls(TlsSession& tls) {
  const TlsStep step = tls.Peek();
  if (step == TlsStep::kDone) return Look::kBytes;
  return step == TlsStep::kReadable || step == TlsStep::kWritable ? Look::kNothing : Look::kEnd;
}

}  // namespace

void FreePages::operator()(char* pages) const { ::munmap(pages, bytes); }

DownstreamSocket::DownstreamSocket(TcpSocket socket, SocketTable& table, Options options)
    : socket_(std::move(socket)), table_(table), options_(std::move(options)) {
  table_.Add(*this);
}

DownstreamSocket::~DownstreamSocket() { DropBuffer(); }

void DownstreamSocket::DropBuffer() {
  if (capacity_ == SocketTable::kBufferBytes) table_.ReturnBuffer(std::move(buffer_));
  buffer_.reset();
  capacity_ = begin_ = end_ = 0;
  grow_ = false;
}

// Moves unread bytes to the front, and doubles the buffer if they fill it or if
// the last read could have been larger.
void DownstreamSocket::MakeRoom() {
  if (buffer_ == nullptr) {
    buffer_ = table_.TakeBuffer();
    capacity_ = SocketTable::kBufferBytes;
  }
  const size_t unread_bytes = end_ - begin_;
  const bool grow = (grow_ || unread_bytes == capacity_) && capacity_ < options_.max_buffer_bytes;
  if (grow) {
    const size_t capacity = std::min(2 * capacity_, options_.max_buffer_bytes);
    PageBuffer larger = AllocatePages(capacity);
    std::memcpy(larger.get(), buffer_.get() + begin_, unread_bytes);
    DropBuffer();
    buffer_ = std::move(larger);
    capacity_ = capacity;
  } else if (begin_ > 0) {
    std::memmove(buffer_.get(), buffer_.get() + begin_, unread_bytes);
  }
  begin_ = 0;
  end_ = unread_bytes;
}

Status DownstreamSocket::Received(ssize_t bytes, int error) {
  if (bytes > 0) {
    end_ += static_cast<size_t>(bytes);
    grow_ = end_ == capacity_;
    return Status();
  }
  if (bytes == 0 && error == 0) return Gone();
  return Status(Code::kUnavailable, std::string("read: ") + std::strerror(error), Origin::kDownstream);
}

// Without a buffer there is nothing to read into, so only readiness is awaited.
Awaitable<boost::system::error_code> DownstreamSocket::WaitReadable() {
  const std::tuple<boost::system::error_code> result =
      co_await socket_.async_wait(asio::socket_base::wait_read, kUseAwaitable);
  co_return std::get<0>(result);
}

Awaitable<Status> DownstreamSocket::FillWhenIdle(TimePoint deadline) {
  if (tls_ != nullptr && tls_->HasPending()) co_return co_await Fill(deadline);
  read_deadline_ = deadline;
  read_expired_ = seen_idle_ = false;
  idle_ = true;
  Status status;
  while (true) {
    if (closing_) {
      status = Status(Code::kCancelled, "the server is closing", Origin::kDownstream);
      break;
    }
    boost::system::error_code error;
    if (buffer_ == nullptr || tls_ != nullptr) {
      error = co_await WaitReadable();
      if (!error) {
        idle_ = false;
        read_deadline_ = kNoDeadline;
        co_return co_await Fill(deadline);
      }
    } else {
      MakeRoom();
      size_t bytes = 0;
      std::tie(error, bytes) =
          co_await socket_.async_read_some(asio::buffer(buffer_.get() + end_, capacity_ - end_), kUseAwaitable);
      if (!error) {
        status = Received(static_cast<ssize_t>(bytes), 0);
        break;
      }
    }
    if (read_expired_) {
      status = Late("no request came");
      break;
    }
    if (error != asio::error::operation_aborted) {
      status = Gone();
      break;
    }
    if (seen_idle_ && buffer_ != nullptr) {
      DropBuffer();
      if (options_.on_long_idle) options_.on_long_idle();
    }
  }
  idle_ = false;
  read_deadline_ = kNoDeadline;
  co_return status;
}

Awaitable<Status> DownstreamSocket::Fill(TimePoint deadline) {
  MakeRoom();
  if (tls_ != nullptr) co_return co_await FillFromTls(deadline);
  char* const room = buffer_.get() + end_;
  const size_t room_bytes = capacity_ - end_;
  ssize_t received = 0;
  do {
    received = ::recv(socket_.native_handle(), room, room_bytes, MSG_DONTWAIT);
  } while (received < 0 && errno == EINTR);
  if (received >= 0 || !WouldBlock(errno)) co_return Received(received, received < 0 ? errno : 0);

  read_deadline_ = deadline;
  read_expired_ = false;
  boost::system::error_code error = asio::error::operation_aborted;
  size_t bytes = 0;
  while (error == asio::error::operation_aborted && !read_expired_) {
    std::tie(error, bytes) = co_await socket_.async_read_some(asio::buffer(room, room_bytes), kUseAwaitable);
  }
  read_deadline_ = kNoDeadline;
  if (!error) co_return Received(static_cast<ssize_t>(bytes), 0);
  if (read_expired_) co_return Late("the bytes expected did not come in time");
  co_return Gone();
}

Awaitable<Status> DownstreamSocket::Send(iovec* pieces, int count) {
  if (tls_ != nullptr) co_return co_await SendOverTls(pieces, count);
  TimePoint deadline = kNoDeadline;  // set by the first wait after progress
  while (count > 0) {
    msghdr message{};
    message.msg_iov = pieces;
    message.msg_iovlen = static_cast<size_t>(count);
    const ssize_t sent = ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) {
      Advance(pieces, count, static_cast<size_t>(sent));
      deadline = kNoDeadline;
      continue;
    }
    if (errno == EINTR) continue;
    if (!WouldBlock(errno)) co_return Gone();
    if (deadline == kNoDeadline) deadline = steady_clock::now() + options_.stall_timeout;
    Status writable = co_await WaitToWrite(deadline);
    if (!writable.ok()) co_return writable;
  }
  co_return Status();
}

Awaitable<Status> DownstreamSocket::WaitToWrite(TimePoint deadline) {
  write_deadline_ = deadline;
  write_expired_ = false;
  const std::tuple<boost::system::error_code> result =
      co_await socket_.async_wait(asio::socket_base::wait_write, kUseAwaitable);
  write_deadline_ = kNoDeadline;
  const boost::system::error_code error = std::get<0>(result);
  if (write_expired_) co_return Late("the client takes no bytes");
  if (error && error != asio::error::operation_aborted) co_return Gone();
  co_return Status();
}

void DownstreamSocket::Watch(std::function<void()> gone) {
  Unwatch();
  if (!gone) return;
  gone_ = std::move(gone);
  table_.WatchSoon(*this);
}

void DownstreamSocket::Unwatch() {
  ++watch_id_;
  gone_ = nullptr;
  WatchHook::unlink();
  if (!std::exchange(watching_, false)) return;
  boost::system::error_code ignored;
  socket_.cancel(ignored);
}

void DownstreamSocket::StartWatch() {
  watching_ = true;
  ++pending_watches_;
  socket_.async_wait(asio::socket_base::wait_read, [this, id = watch_id_](boost::system::error_code error) {
    --pending_watches_;
    if (id == watch_id_) OnReadable(error);
  });
}

void DownstreamSocket::OnReadable(boost::system::error_code error) {
  watching_ = false;
  if (error == asio::error::operation_aborted) return StartWatch();
  const Look look = tls_ != nullptr ? LookIntoTls(*tls_) : LookInto(socket_.native_handle());
  if (look == Look::kNothing) return StartWatch();
  const std::function<void()> gone = std::exchange(gone_, nullptr);
  if (look == Look::kEnd) gone();
}

Awaitable<void> DownstreamSocket::Linger() {
  EndSession();
  boost::system::error_code error;
  socket_.shutdown(asio::socket_base::shutdown_send, error);
  const TimePoint end = steady_clock::now() + kLingerTime;
  size_t discarded = 0;
  while (!error && discarded < kLingerBytes && steady_clock::now() < end) {
    Consume(unread().size());
    const Status status = co_await Fill(end);
    if (!status.ok()) break;
    discarded += unread().size();
  }
}

Awaitable<void> DownstreamSocket::Quiesce() {
  Unwatch();
  while (pending_watches_ > 0) co_await asio::post(executor(), kUseAwaitable);
}

void DownstreamSocket::CloseIfIdle() {
  if (!idle_) return;
  closing_ = true;
  boost::system::error_code ignored;
  socket_.cancel(ignored);
}

void DownstreamSocket::Sweep(TimePoint now) {
  const auto expired = [now](TimePoint& deadline) {
    if (deadline > now) return false;
    deadline = kNoDeadline;
    return true;
  };
  bool cancel = false;
  if (expired(read_deadline_)) cancel = read_expired_ = true;
  if (expired(write_deadline_)) cancel = write_expired_ = true;
  if (idle_ && buffer_ != nullptr) cancel |= std::exchange(seen_idle_, true);
  if (!cancel) return;
  boost::system::error_code ignored;
  socket_.cancel(ignored);
}

SocketTable::SocketTable(asio::io_context& context, std::chrono::milliseconds sweep_interval)
    : sweep_interval_(sweep_interval), sweep_timer_(context), watch_timer_(context) {}

void SocketTable::Add(DownstreamSocket& socket) {
  sockets_.push_back(socket);
  ScheduleSweep();
}

void SocketTable::ScheduleSweep() {
  if (sweep_scheduled_) return;
  sweep_scheduled_ = true;
  sweep_timer_.expires_after(sweep_interval_);
  sweep_timer_.async_wait([this](boost::system::error_code error) {
    sweep_scheduled_ = false;
    if (error) return;
    const TimePoint now = steady_clock::now();
    for (DownstreamSocket& socket : sockets_) socket.Sweep(now);
    if (!sockets_.empty()) ScheduleSweep();
  });
}

void SocketTable::WatchSoon(DownstreamSocket& socket) {
  unwatched_.push_back(socket);
  if (std::exchange(watch_scheduled_, true)) return;
  watch_timer_.expires_after(kWatchDelay);
  watch_timer_.async_wait([this](boost::system::error_code error) {
    watch_scheduled_ = false;
    if (error) return;
    while (!unwatched_.empty()) {
      DownstreamSocket& next = unwatched_.front();
      unwatched_.pop_front();
      next.StartWatch();
    }
  });
}

void SocketTable::CloseIdle() {
  for (DownstreamSocket& socket : sockets_) socket.CloseIfIdle();
}

PageBuffer SocketTable::TakeBuffer() {
  if (spare_buffers_.empty()) return AllocatePages(kBufferBytes);
  PageBuffer buffer = std::move(spare_buffers_.back());
  spare_buffers_.pop_back();
  return buffer;
}

void SocketTable::ReturnBuffer(PageBuffer buffer) {
  if (spare_buffers_.size() < kSpareBuffers) spare_buffers_.push_back(std::move(buffer));
}

}  // namespace headroom::net
