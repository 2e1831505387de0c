// For tests: an upstream on a loopback port that follows a script, one blocking
// thread per connection.

#pragma once

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace headroom::net {

// The upstream's end of one connection.
class Peer {
 public:
  explicit Peer(int fd, size_t index) : fd_(fd), index_(index) {}
  ~Peer() {
    if (ssl_ != nullptr) SSL_free(ssl_);
    Close();
  }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  // 0 for the first connection accepted, and so on.
  size_t index() const { return index_; }
  int fd() const { return fd_; }
  SSL* ssl() { return ssl_; }

  // Takes the server's part in a TLS handshake.
  bool StartTls(SSL_CTX* context) {
    ssl_ = SSL_new(context);
    SSL_set_fd(ssl_, fd_);
    return SSL_accept(ssl_) == 1;
  }

  // Some bytes, "" at the end.
  std::string ReadSome() {
    char bytes[16384];
    const int size = static_cast<int>(sizeof(bytes));
    const auto received = ssl_ != nullptr ? SSL_read(ssl_, bytes, size) : ::recv(fd_, bytes, sizeof(bytes), 0);
    return received > 0 ? std::string(bytes, static_cast<size_t>(received)) : std::string();
  }

  // A request with its body as it came on the wire; "" when the client closed.
  std::string ReadRequest() {
    std::string text;
    while (!Complete(text)) {
      const std::string more = ReadSome();
      if (more.empty()) return "";
      text += more;
    }
    return text;
  }

  // False when the client is gone.
  bool Write(std::string_view bytes) {
    while (!bytes.empty()) {
      const int size = static_cast<int>(bytes.size());
      const auto sent =
          ssl_ != nullptr ? SSL_write(ssl_, bytes.data(), size) : ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      written_ += static_cast<size_t>(sent);
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
    return true;
  }
  size_t written() const { return written_; }

  // Whether the client closes within `wait`; what it sends meanwhile is dropped.
  bool ClosedWithin(std::chrono::milliseconds wait) {
    const auto until = std::chrono::steady_clock::now() + wait;
    for (;;) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
      pollfd waited{fd_, POLLIN, 0};
      if (left.count() <= 0 || ::poll(&waited, 1, static_cast<int>(left.count())) == 0) return false;
      char bytes[16384];
      if (::recv(fd_, bytes, sizeof(bytes), 0) <= 0) return true;
    }
  }

  void Close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

 private:
  static bool Complete(const std::string& text) {
    const size_t end = text.find("\r\n\r\n");
    if (end == std::string::npos) return false;
    const size_t length = text.find("Content-Length: ");
    if (length < end) return text.size() >= end + 4 + std::strtoull(text.c_str() + length + 16, nullptr, 10);
    return text.find("Transfer-Encoding: chunked") > end || text.ends_with("0\r\n\r\n");
  }

  int fd_;
  const size_t index_;
  SSL* ssl_ = nullptr;
  size_t written_ = 0;
};

class ScriptedUpstream {
 public:
  using Script = std::function<void(Peer&)>;

  explicit ScriptedUpstream(Script script) : script_(std::move(script)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    ::bind(listener_, reinterpret_cast<sockaddr*>(&address), size);
    ::listen(listener_, 64);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { Accept(); });
  }

  // Ends all connections; a script that reads or writes then returns.
  ~ScriptedUpstream() {
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    {
      const std::lock_guard lock(mutex_);
      for (const int fd : open_) ::shutdown(fd, SHUT_RDWR);
    }
    for (std::thread& thread : threads_) thread.join();
    ::close(listener_);
  }

  uint16_t port() const { return port_; }
  size_t accepted() const { return accepted_; }

 private:
  // SSL_write raises it; on this thread only, so that the client's would show.
  static void BlockSigpipe() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  }

  void Accept() {
    for (;;) {
      const int fd = ::accept(listener_, nullptr, nullptr);
      if (fd < 0) return;
      const int on = 1;
      ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
      const std::lock_guard lock(mutex_);
      open_.push_back(fd);
      threads_.emplace_back([this, fd, index = accepted_++] {
        BlockSigpipe();
        Peer peer(fd, index);
        script_(peer);
        const std::lock_guard forget(mutex_);
        std::erase(open_, fd);
      });
    }
  }

  const Script script_;
  int listener_ = -1;
  uint16_t port_ = 0;
  std::atomic<size_t> accepted_{0};
  std::thread acceptor_;
  std::mutex mutex_;
  std::vector<int> open_;
  std::vector<std::thread> threads_;
};

}  // namespace headroom::net
