// The bytes of one downstream connection: a read buffer that is only held while
// there is something to read, gathered writes that wait for the client's window,
// deadlines without a timer per operation, a watch for the client's leaving, and TLS
// where the listener has a certificate.
//
//   buffer_   |......consumed......|unread()......|.......room.......|
//             0                    begin_         end_               capacity_
//
// What costs is kept off the way of a quick request: a read or write tries the
// socket first and suspends only if it must; deadlines are looked at by one
// sweep per thread; the watch (a system call and a cancellation) is set up only
// for exchanges that last longer than SocketTable::kWatchDelay.
//
// Not thread-safe: a table and its sockets live on one io_context thread.

#pragma once

#include <sys/uio.h>

#include <boost/intrusive/list.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "net/async.h"
#include "net/tls_server.h"

namespace headroom::net {

class DownstreamSocket;
class SocketTable;

using TimePoint = std::chrono::steady_clock::time_point;
inline constexpr TimePoint kNoDeadline = TimePoint::max();

using TableHook = boost::intrusive::list_base_hook<boost::intrusive::tag<struct TableTag>,
                                                   boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;
using WatchHook = boost::intrusive::list_base_hook<boost::intrusive::tag<struct WatchTag>,
                                                   boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

// A read buffer of whole pages that go back to the system when it is freed; on
// the heap, freed buffers between small live blocks would stay resident.
struct FreePages {
  size_t bytes = 0;
  void operator()(char* pages) const;
};
using PageBuffer = std::unique_ptr<char[], FreePages>;

class DownstreamSocket : public TableHook, public WatchHook {
 public:
  struct Options {
    size_t max_buffer_bytes = 64 * 1024;
    std::chrono::milliseconds stall_timeout{300'000};  // a client that takes no bytes
    std::function<void()> on_long_idle;                // the owner may free memory too
    const TlsServer* tls = nullptr;                    // outlives the socket; null: no TLS
  };

  // `socket` is connected and non-blocking.
  DownstreamSocket(TcpSocket socket, SocketTable& table, Options options);
  DownstreamSocket(const DownstreamSocket&) = delete;
  DownstreamSocket& operator=(const DownstreamSocket&) = delete;
  ~DownstreamSocket();

  Executor executor() { return socket_.get_executor(); }

  // To be called first, and once. Nothing to do without TLS.
  // Errors: kInvalidArgument   the client speaks HTTP without TLS; what is sent from now on goes as it is
  //         kUnavailable       the handshake failed
  //         kDeadlineExceeded
  Awaitable<Status> Handshake(TimePoint deadline);

  // Received bytes not consumed yet; the view lives until the next Fill.
  std::string_view unread() const { return {buffer_.get() + begin_, end_ - begin_}; }
  void Consume(size_t bytes) { begin_ += bytes; }

  // Waits for the first bytes of a request; gives the buffer back meanwhile if
  // that takes long. Requires unread() to be empty. Errors as Fill, and
  // kCancelled after CloseIfIdle.
  Awaitable<Status> FillWhenIdle(TimePoint deadline);

  // Adds at least one byte to unread(), which must leave room in a buffer of
  // max_buffer_bytes.
  // Errors: kUnavailable       the client closed or the connection broke
  //         kDeadlineExceeded
  Awaitable<Status> Fill(TimePoint deadline);

  // Writes all of `pieces` (which are changed on the way), waiting while the
  // client's window is full.
  // Errors: kUnavailable, kDeadlineExceeded (stall_timeout)
  Awaitable<Status> Send(iovec* pieces, int count);

  // Calls `gone` once when the client closes. Replaces an earlier watch. Bytes
  // that arrive end it, since what follows them cannot be seen.
  void Watch(std::function<void()> gone);
  void Unwatch();

  // Tells a TLS client that all has been sent: without it the end looks like a cut.
  void EndSession();

  // Ends sending and reads what the client still sends, for a while: closing
  // with unread bytes would reset the connection, and the client would lose the
  // answer it has not read yet.
  Awaitable<void> Linger();
  // Waits until nothing refers to this socket any more.
  Awaitable<void> Quiesce();

  void CloseIfIdle();

 private:
  friend class SocketTable;

  void Sweep(TimePoint now);
  void StartWatch();
  void OnReadable(boost::system::error_code error);
  void MakeRoom();
  void DropBuffer();
  Status Received(ssize_t bytes, int error);
  Awaitable<boost::system::error_code> WaitReadable();
  Awaitable<Status> FillFromTls(TimePoint deadline);
  Awaitable<Status> SendOverTls(iovec* pieces, int count);
  Awaitable<Status> WriteRecords(std::string_view text);
  // Until a step that said kReadable or kWritable may be tried again.
  Awaitable<Status> WaitFor(TlsStep step, TimePoint deadline);
  Awaitable<Status> WaitToWrite(TimePoint deadline);

  TcpSocket socket_;
  SocketTable& table_;
  const Options options_;
  std::unique_ptr<TlsSession> tls_;

  PageBuffer buffer_;
  size_t capacity_ = 0;
  size_t begin_ = 0;
  size_t end_ = 0;
  bool grow_ = false;  // the last read filled the buffer

  TimePoint read_deadline_ = kNoDeadline;
  TimePoint write_deadline_ = kNoDeadline;
  bool read_expired_ = false;
  bool write_expired_ = false;
  bool idle_ = false;
  bool seen_idle_ = false;  // by the sweep before
  bool closing_ = false;

  std::function<void()> gone_;
  uint64_t watch_id_ = 0;
  size_t pending_watches_ = 0;
  bool watching_ = false;
};

// What the sockets of one thread share.
class SocketTable {
 public:
  static constexpr size_t kBufferBytes = 16 * 1024;
  static constexpr std::chrono::milliseconds kWatchDelay{40};

  // Deadlines are noticed up to `sweep_interval` late.
  SocketTable(asio::io_context& context, std::chrono::milliseconds sweep_interval);

  // Ends the wait of every connection that has no request.
  void CloseIdle();

 private:
  friend class DownstreamSocket;
  static constexpr size_t kSpareBuffers = 64;

  void Add(DownstreamSocket& socket);
  void WatchSoon(DownstreamSocket& socket);
  PageBuffer TakeBuffer();
  void ReturnBuffer(PageBuffer buffer);
  void ScheduleSweep();

  template <typename Hook>
  using List = boost::intrusive::list<DownstreamSocket, boost::intrusive::base_hook<Hook>,
                                      boost::intrusive::constant_time_size<false>>;

  List<TableHook> sockets_;
  List<WatchHook> unwatched_;
  std::vector<PageBuffer> spare_buffers_;
  std::chrono::milliseconds sweep_interval_;
  SteadyTimer sweep_timer_;
  SteadyTimer watch_timer_;
  bool sweep_scheduled_ = false;
  bool watch_scheduled_ = false;
};

}  // namespace headroom::net
