#include "net/tls.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <boost/asio/ip/address.hpp>
#include <cstdlib>
#include <mutex>
#include <unordered_map>
#include <utility>

namespace headroom::net {
namespace {

constexpr size_t kMaxSessions = 256;
// ALPN's wire form: a length byte before each name (RFC 7301 3.1).
constexpr unsigned char kHttp11[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

Status AddAuthorities(SSL_CTX* context, std::string_view setting, const char* file) {
  if (SSL_CTX_load_verify_file(context, file) == 1) return {};
  ERR_clear_error();
  return {Code::kInvalidArgument, std::string(setting) + ": the file " + file + " cannot be read as PEM certificates"};
}

}  // namespace

// A session per endpoint, given out once: TLS 1.3 tickets should not be reused
// (RFC 8446 C.4).
class TlsContext::Sessions {
 public:
  ~Sessions() {
    for (auto& [key, session] : sessions_) SSL_SESSION_free(session);
  }

  void Put(const std::string& key, SSL_SESSION* session) {
    const std::lock_guard lock(mutex_);
    if (sessions_.size() >= kMaxSessions && sessions_.find(key) == sessions_.end()) Erase(sessions_.begin());
    SSL_SESSION*& slot = sessions_[key];
    SSL_SESSION_free(slot);
    slot = session;
  }

  // The caller owns the result; null when there is none.
  SSL_SESSION* Take(const std::string& key) {
    const std::lock_guard lock(mutex_);
    const auto found = sessions_.find(key);
    if (found == sessions_.end()) return nullptr;
    SSL_SESSION* const session = found->second;
    sessions_.erase(found);
    return session;
  }

 private:
  using Map = std::unordered_map<std::string, SSL_SESSION*>;

  void Erase(Map::iterator at) {
    SSL_SESSION_free(at->second);
    sessions_.erase(at);
  }

  std::mutex mutex_;
  Map sessions_;
};

namespace {

// Where an SSL keeps the key of its sessions, and a context its TlsContext.
void FreeKey(void*, void* key, CRYPTO_EX_DATA*, int, long, void*) { delete static_cast<std::string*>(key); }

int KeyIndex() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, FreeKey);
  return index;
}

int OwnerIndex() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

}  // namespace

TlsContext::TlsContext() : context_(asio::ssl::context::tls_client), sessions_(std::make_unique<Sessions>()) {
  SSL_CTX* const context = context_.native_handle();
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_set_ex_data(context, OwnerIndex(), this);
  SSL_CTX_sess_set_new_cb(context, KeepSession);
}

TlsContext::~TlsContext() = default;

Result<std::shared_ptr<TlsContext>> TlsContext::Load(const std::string& ca_file) {
  std::shared_ptr<TlsContext> tls;
  try {
    tls.reset(new TlsContext());
  } catch (const boost::system::system_error& error) {
    return Status(Code::kInternal, std::string("TLS cannot be set up: ") + error.what());
  }
  SSL_CTX* const context = tls->context_.native_handle();
  SSL_CTX_set_default_verify_paths(context);
  ERR_clear_error();
  // OpenSSL passes over a SSL_CERT_FILE that is not there; reading it here tells.
  for (const char* variable : {"SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"}) {
    const char* const file = std::getenv(variable);
    if (file == nullptr || *file == '\0') continue;
    const Status status = AddAuthorities(context, variable, file);
    if (!status.ok()) return status;
  }
  if (!ca_file.empty()) {
    const Status status = AddAuthorities(context, "ca_file", ca_file.c_str());
    if (!status.ok()) return status;
  }
  return tls;
}

void TlsContext::Prepare(SSL* ssl, const Endpoint& endpoint) {
  boost::system::error_code error;
  asio::ip::make_address(endpoint.host, error);
  const bool is_address = !error;
  if (is_address) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), endpoint.host.c_str());
  } else {
    SSL_set_tlsext_host_name(ssl, endpoint.host.c_str());
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    SSL_set1_host(ssl, endpoint.host.c_str());
  }
  SSL_set_alpn_protos(ssl, kHttp11, sizeof(kHttp11));

  auto key = std::make_unique<std::string>(HostAndPort(endpoint));
  if (SSL_SESSION* const session = sessions_->Take(*key)) {
    SSL_set_session(ssl, session);
    SSL_SESSION_free(session);
  }
  if (SSL_set_ex_data(ssl, KeyIndex(), key.get()) == 1) (void)key.release();
}

// Returns 1 to take the session over (SSL_CTX_sess_set_new_cb(3)).
int TlsContext::KeepSession(SSL* ssl, SSL_SESSION* session) {
  auto* const owner = static_cast<TlsContext*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), OwnerIndex()));
  const auto* const key = static_cast<const std::string*>(SSL_get_ex_data(ssl, KeyIndex()));
  if (owner == nullptr || key == nullptr || SSL_SESSION_is_resumable(session) == 0) return 0;
  owner->sessions_->Put(*key, session);
  return 1;
}

std::string HandshakeFailure(const SSL* ssl, const std::string& otherwise) {
  const long verdict = SSL_get_verify_result(ssl);
  return verdict == X509_V_OK ? otherwise : X509_verify_cert_error_string(verdict);
}

}  // namespace headroom::net
