#include "net/tls_server.h"

#include <openssl/err.h>

#include <algorithm>
#include <climits>
#include <utility>

namespace headroom::net {
namespace {

// ALPN's wire form: a length byte before each name (RFC 7301 3.1).
constexpr unsigned char kHttp11[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

// A client that names protocols without http/1.1 among them could not read an answer.
int SelectProtocol(SSL*, const unsigned char** chosen, unsigned char* chosen_size, const unsigned char* offered,
                   unsigned int offered_size, void*) {
  unsigned char* selected = nullptr;
  const int found = SSL_select_next_proto(&selected, chosen_size, kHttp11, sizeof(kHttp11), offered, offered_size);
  *chosen = selected;
  return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

// Nobody is there to type a pass phrase.
int NoPassPhrase(char*, int, int, void*) { return 0; }

Status Wrong(const char* setting, const std::string& file, const char* what) {
  ERR_clear_error();
  return {Code::kInvalidArgument, std::string(setting) + ": " + what + " " + file};
}

}  // namespace

std::unique_ptr<TlsSession> TlsSession::Make(SSL_CTX* context, int descriptor) {
  SSL* const ssl = SSL_new(context);
  if (ssl == nullptr) return nullptr;
  std::unique_ptr<TlsSession> session(new TlsSession(ssl));
  if (SSL_set_fd(ssl, descriptor) != 1) return nullptr;
  SSL_set_accept_state(ssl);
  return session;
}

TlsSession::~TlsSession() { SSL_free(ssl_); }

TlsStep TlsSession::Outcome(int returned) {
  if (returned > 0) return TlsStep::kDone;
  switch (SSL_get_error(ssl_, returned)) {
    case SSL_ERROR_WANT_READ:
      return TlsStep::kReadable;
    case SSL_ERROR_WANT_WRITE:
      return TlsStep::kWritable;
    case SSL_ERROR_ZERO_RETURN:
      return TlsStep::kEnd;
    default:
      break;
  }
  spoke_http_ = ERR_GET_REASON(ERR_peek_error()) == SSL_R_HTTP_REQUEST;
  ERR_clear_error();
  return TlsStep::kFailed;
}

TlsStep TlsSession::Handshake() {
  ERR_clear_error();
  return Outcome(SSL_accept(ssl_));
}

TlsStep TlsSession::Read(char* room, size_t room_bytes, size_t& bytes) {
  ERR_clear_error();
  return Outcome(SSL_read_ex(ssl_, room, room_bytes, &bytes));
}

TlsStep TlsSession::Write(std::string_view text, size_t& bytes) {
  ERR_clear_error();
  return Outcome(SSL_write_ex(ssl_, text.data(), std::min<size_t>(text.size(), INT_MAX), &bytes));
}

TlsStep TlsSession::Peek() {
  ERR_clear_error();
  char byte = 0;
  size_t bytes = 0;
  return Outcome(SSL_peek_ex(ssl_, &byte, 1, &bytes));
}

bool TlsSession::HasPending() const { return SSL_has_pending(ssl_) == 1; }

void TlsSession::Close() {
  ERR_clear_error();
  if (SSL_is_init_finished(ssl_) != 0) SSL_shutdown(ssl_);
  ERR_clear_error();
}

Result<TlsServer::Context> TlsServer::MakeContext(const std::string& cert_file, const std::string& key_file) {
  const Context context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  if (context == nullptr) return Status(Code::kInternal, "TLS cannot be set up");
  SSL_CTX* const raw = context.get();
  SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);
  // A connection that breaks off is seen by the framing of what it carried.
  SSL_CTX_set_options(raw, SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(raw, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);  // tickets resume without one
  SSL_CTX_set_alpn_select_cb(raw, SelectProtocol, nullptr);
  SSL_CTX_set_default_passwd_cb(raw, NoPassPhrase);
  ERR_clear_error();
  if (SSL_CTX_use_certificate_chain_file(raw, cert_file.c_str()) != 1) {
    return Wrong("tls_cert", cert_file, "no PEM certificate can be read from");
  }
  if (SSL_CTX_use_PrivateKey_file(raw, key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    const bool mismatch = ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_VALUES_MISMATCH ||
                          ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_TYPE_MISMATCH;
    if (mismatch) return Wrong("tls_key", key_file, "the key of another certificate is in");
    return Wrong("tls_key", key_file, "no PEM key without a pass phrase can be read from");
  }
  if (SSL_CTX_check_private_key(raw) != 1) return Wrong("tls_key", key_file, "the key of another certificate is in");
  return context;
}

Result<std::shared_ptr<TlsServer>> TlsServer::Load(const std::string& cert_file, const std::string& key_file) {
  auto server = std::make_shared<TlsServer>();
  if (Status loaded = server->Reload(cert_file, key_file); !loaded.ok()) return loaded;
  return server;
}

Status TlsServer::Reload(const std::string& cert_file, const std::string& key_file) {
  Result<Context> context = MakeContext(cert_file, key_file);
  if (!context.ok()) return context.status();
  context_.store(*std::move(context));
  return {};
}

std::unique_ptr<TlsSession> TlsServer::Accept(int descriptor) const {
  return TlsSession::Make(context_.load().get(), descriptor);
}

}  // namespace headroom::net
