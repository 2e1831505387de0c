// What outgoing TLS trusts, and the sessions it may resume.
//
// Trusted are the system's store (SSL_CERT_FILE and SSL_CERT_DIR in its place
// when set, by OpenSSL's own rule), the certificates in the file that
// NODE_EXTRA_CA_CERTS names, and those of `ca_file`.
//
// Thread-safe: one context serves the pools of all threads.

#pragma once

#include <openssl/ssl.h>

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"
#include "net/async.h"
#include "net/url.h"

namespace headroom::net {

class TlsContext {
 public:
  // Reads the environment: call at the start.
  // Errors: kInvalidArgument with a sentence that names the setting and file.
  static Result<std::shared_ptr<TlsContext>> Load(const std::string& ca_file);

  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  asio::ssl::context& context() { return context_; }

  // Before the handshake: the name to send and to verify, ALPN http/1.1, and
  // the session to resume if there is one.
  void Prepare(SSL* ssl, const Endpoint& endpoint);

 private:
  class Sessions;

  TlsContext();
  static int KeepSession(SSL* ssl, SSL_SESSION* session);

  asio::ssl::context context_;
  std::unique_ptr<Sessions> sessions_;
};

// Why the handshake of `ssl` failed: the certificate's fault if there is one,
// else `otherwise`.
std::string HandshakeFailure(const SSL* ssl, const std::string& otherwise);

}  // namespace headroom::net
