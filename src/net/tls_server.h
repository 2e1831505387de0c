// The certificate and key of a listener, and the TLS of one accepted connection.
//
//   TlsServer ──Accept(fd)──► TlsSession          the certificate that was there then
//       │ Reload: later connections get the new one
//
// TLS 1.2 and later, ALPN http/1.1. A session works on the connection's own non-blocking
// descriptor and never waits: what would block says for which direction.
//
// TlsServer is thread-safe; a session belongs to the thread of its connection.

#pragma once

#include <openssl/ssl.h>

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"

namespace headroom::net {

// What a call came to. kReadable and kWritable: call again with the same arguments once the
// descriptor is that.
enum class TlsStep { kDone, kReadable, kWritable, kEnd, kFailed };

class TlsSession {
 public:
  // Null where memory is short.
  static std::unique_ptr<TlsSession> Make(SSL_CTX* context, int descriptor);
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  TlsStep Handshake();
  // True after a handshake that failed because the client spoke HTTP without TLS.
  bool spoke_http() const { return spoke_http_; }

  // At most `room_bytes` into `room`; `bytes` says how many. kEnd when the client has closed.
  TlsStep Read(char* room, size_t room_bytes, size_t& bytes);
  // Some of `text`, which is not empty, at least one byte on kDone. A call that has to be repeated is
  // repeated with the same bytes; they may have moved.
  TlsStep Write(std::string_view text, size_t& bytes);
  // As Read of one byte that stays unread.
  TlsStep Peek();
  // Decrypted bytes wait to be read: the descriptor does not tell.
  bool HasPending() const;
  // Tells the client that no byte follows; sent if it fits.
  void Close();

 private:
  explicit TlsSession(SSL* ssl) : ssl_(ssl) {}
  TlsStep Outcome(int returned);

  SSL* const ssl_;
  bool spoke_http_ = false;
};

class TlsServer {
 public:
  // PEM files: the certificate with its chain behind it, and its key without a pass phrase.
  // Errors: kInvalidArgument with a sentence that names the setting and the file: one cannot be
  // read, or the key is not the certificate's.
  static Result<std::shared_ptr<TlsServer>> Load(const std::string& cert_file, const std::string& key_file);

  // Reads other files, or the same ones again. Errors as Load; then everything stays as it was.
  Status Reload(const std::string& cert_file, const std::string& key_file);

  // For a connected, non-blocking descriptor, which the caller keeps open longer. Null where memory is short.
  std::unique_ptr<TlsSession> Accept(int descriptor) const;

 private:
  using Context = std::shared_ptr<SSL_CTX>;
  static Result<Context> MakeContext(const std::string& cert_file, const std::string& key_file);

  std::atomic<Context> context_;
};

}  // namespace headroom::net
