#include "net/tls.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "net/fetch_fixture.h"
#include "net/scripted_upstream.h"
#include "net/tls_identity.h"

namespace headroom::net {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kHello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

// A variable of the environment while this lives.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) { ::setenv(name, value.c_str(), 1); }
  ~Variable() { ::unsetenv(name_); }

 private:
  const char* const name_;
};

int ChooseHttp11(SSL*, const unsigned char** out, unsigned char* size, const unsigned char* in, unsigned in_size,
                 void*) {
  static const unsigned char kHttp11[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  unsigned char* chosen = nullptr;
  const int code = SSL_select_next_proto(&chosen, size, kHttp11, sizeof(kHttp11), in, in_size);
  *out = chosen;
  return code == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

class TlsTest : public FetchFixture {
 protected:
  struct Seen {
    std::string server_name;
    std::string protocol;
    bool resumed = false;
  };

  TlsTest() {
    SSL_CTX_use_certificate(server_.get(), host_.certificate.get());
    SSL_CTX_use_PrivateKey(server_.get(), host_.key.get());
    SSL_CTX_set_alpn_select_cb(server_.get(), ChooseHttp11, nullptr);
    static constexpr unsigned char kName[] = "test";
    SSL_CTX_set_session_id_context(server_.get(), kName, sizeof(kName));
  }

  void Trust() {
    options_.ca_file = authority_file_.path();
    const Status status = CheckTrust(options_);
    ASSERT_TRUE(status.ok()) << status.ToString();
  }

  // Serves TLS and answers each request with `response`.
  ScriptedUpstream::Script Serve(std::string_view response) {
    return [this, response](Peer& peer) {
      if (!peer.StartTls(server_.get())) return;
      const char* const name = SSL_get_servername(peer.ssl(), TLSEXT_NAMETYPE_host_name);
      const unsigned char* protocol = nullptr;
      unsigned size = 0;
      SSL_get0_alpn_selected(peer.ssl(), &protocol, &size);
      {
        const std::lock_guard lock(mutex_);
        seen_.push_back({name != nullptr ? name : "", std::string(reinterpret_cast<const char*>(protocol), size),
                         SSL_session_reused(peer.ssl()) == 1});
      }
      for (std::string request = peer.ReadRequest(); !request.empty(); request = peer.ReadRequest()) {
        peer.Write(response);
      }
    };
  }

  static Endpoint Secure(const ScriptedUpstream& upstream, std::string host = "localhost") {
    return {true, std::move(host), upstream.port()};
  }

  const Identity authority_ = Issue("Test authority", nullptr, nullptr);
  const Identity host_ = Issue("localhost", "DNS:localhost,IP:127.0.0.1", &authority_);
  const PemFile authority_file_{authority_.certificate.get()};
  const Owned<SSL_CTX> server_{SSL_CTX_new(TLS_server_method())};
  std::mutex mutex_;
  std::vector<Seen> seen_;
};

TEST_F(TlsTest, FetchesFromAHostItTrusts) {
  Trust();
  ScriptedUpstream upstream(Serve(kHello));
  for (int i = 0; i < 3; ++i) {
    const Reply reply = Fetch(Secure(upstream), Head("POST"), "{}");
    ASSERT_TRUE(reply.status.ok()) << reply.status.ToString();
    EXPECT_EQ(reply.body, "hello");
  }
  EXPECT_EQ(upstream.accepted(), 1U);
  ASSERT_EQ(seen_.size(), 1U);
  EXPECT_EQ(seen_[0].server_name, "localhost");
  EXPECT_EQ(seen_[0].protocol, "http/1.1");
}

TEST_F(TlsTest, SendsAndReadsLargeBodies) {
  Trust();
  const std::string large(3'000'000, 'q');
  const std::string response = "HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n" + large;
  ScriptedUpstream upstream(Serve(response));
  for (int i = 0; i < 2; ++i) {
    const Reply reply = Fetch(Secure(upstream), Head("POST"), large);
    EXPECT_TRUE(reply.body == large) << reply.status.ToString();
  }
  EXPECT_EQ(upstream.accepted(), 1U);
}

TEST_F(TlsTest, VerifiesAnAddressAgainstTheCertificatesAddresses) {
  Trust();
  ScriptedUpstream upstream(Serve(kHello));
  EXPECT_EQ(Fetch(Secure(upstream, "127.0.0.1")).body, "hello");
  ASSERT_EQ(seen_.size(), 1U);
  EXPECT_EQ(seen_[0].server_name, "");  // RFC 6066 3: no literal addresses
}

TEST_F(TlsTest, RefusesAnUnknownAuthority) {
  ScriptedUpstream upstream(Serve(kHello));
  const Reply reply = Fetch(Secure(upstream));
  EXPECT_EQ(reply.status.code(), Code::kUnavailable);
  EXPECT_EQ(reply.status.origin(), Origin::kUpstream);
  EXPECT_NE(reply.status.detail().find("unable to get local issuer certificate"), std::string::npos)
      << reply.status.detail();
}

TEST_F(TlsTest, RefusesACertificateForAnotherHost) {
  Trust();
  const Identity elsewhere = Issue("elsewhere.test", "DNS:elsewhere.test", &authority_);
  SSL_CTX_use_certificate(server_.get(), elsewhere.certificate.get());
  SSL_CTX_use_PrivateKey(server_.get(), elsewhere.key.get());
  ScriptedUpstream upstream(Serve(kHello));
  const Reply by_name = Fetch(Secure(upstream));
  EXPECT_EQ(by_name.status.code(), Code::kUnavailable);
  EXPECT_NE(by_name.status.detail().find("hostname mismatch"), std::string::npos) << by_name.status.detail();
  const Reply by_address = Fetch(Secure(upstream, "127.0.0.1"));
  EXPECT_EQ(by_address.status.code(), Code::kUnavailable);
  EXPECT_NE(by_address.status.detail().find("IP address mismatch"), std::string::npos) << by_address.status.detail();
}

TEST_F(TlsTest, TrustsWhatTheEnvironmentAdds) {
  for (const char* name : {"NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"}) {
    const Variable variable(name, authority_file_.path());
    Pool::Options options;
    ASSERT_TRUE(CheckTrust(options).ok()) << name;
    pool_.reset();
    options_ = options;
    ScriptedUpstream upstream(Serve(kHello));
    EXPECT_EQ(Fetch(Secure(upstream)).body, "hello") << name;
    pool_.reset();
  }
}

TEST_F(TlsTest, NamesTheSettingWhoseFileIsBad) {
  const PemFile nonsense("no certificate\n");
  Pool::Options options;
  options.ca_file = nonsense.path();
  EXPECT_EQ(CheckTrust(options).detail(),
            "ca_file: the file " + nonsense.path() + " cannot be read as PEM certificates");
  options.ca_file = "/nonexistent/ca.pem";
  EXPECT_EQ(CheckTrust(options).code(), Code::kInvalidArgument);
  options.ca_file.clear();
  for (const char* name : {"NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"}) {
    const Variable variable(name, "/nonexistent/ca.pem");
    const Status status = CheckTrust(options);
    EXPECT_EQ(status.code(), Code::kInvalidArgument);
    EXPECT_EQ(status.detail().rfind(name, 0), 0U) << status.detail();
  }
}

TEST_F(TlsTest, ResumesItsSessionOnTheNextConnection) {
  Trust();
  ScriptedUpstream upstream(Serve("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello"));
  EXPECT_EQ(Fetch(Secure(upstream)).body, "hello");
  EXPECT_EQ(Fetch(Secure(upstream)).body, "hello");
  ASSERT_EQ(seen_.size(), 2U);
  EXPECT_FALSE(seen_[0].resumed);
  EXPECT_TRUE(seen_[1].resumed);
}

TEST_F(TlsTest, OneContextServesThePoolsOfManyThreads) {
  Trust();
  ScriptedUpstream upstream(Serve("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello"));
  std::atomic<int> fetched{0};
  const auto fetch_some = [&] {
    asio::io_context context(1);
    Pool own(context, options_);
    auto fetch = [&]() -> Awaitable<void> {
      for (int i = 0; i < 5; ++i) {
        Cancellation cancellation;
        const RequestHead head = Head();
        auto response = co_await own.Fetch(Secure(upstream), head, "", false, cancellation);
        const Reply reply = co_await ReadAll(std::move(response));
        fetched += reply.body == "hello" ? 1 : 0;
      }
    };
    asio::co_spawn(context, fetch(), [](const std::exception_ptr&) {});
    context.run_for(kPatience);
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) threads.emplace_back(fetch_some);
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(fetched, 15);
}

TEST_F(TlsTest, RepeatsOnceWhenAKeptConnectionProvesDead) {
  Trust();
  ScriptedUpstream upstream([this](Peer& peer) {
    if (!peer.StartTls(server_.get())) return;
    peer.ReadRequest();
    peer.Write(kHello);
    peer.ReadRequest();
    if (peer.index() > 0) peer.Write(kHello);
  });
  EXPECT_EQ(Fetch(Secure(upstream)).body, "hello");
  EXPECT_EQ(Fetch(Secure(upstream)).body, "hello");
  EXPECT_EQ(upstream.accepted(), 2U);
}

TEST_F(TlsTest, TakesACutConnectionForNoEnd) {
  Trust();
  ScriptedUpstream upstream([this](Peer& peer) {
    if (!peer.StartTls(server_.get())) return;
    peer.ReadRequest();
    peer.Write("HTTP/1.1 200 OK\r\n\r\npart of it");
    // The script ends without close_notify (RFC 9112 9.8).
  });
  const Reply reply = Fetch(Secure(upstream));
  EXPECT_EQ(reply.body, "part of it");
  EXPECT_EQ(reply.status.code(), Code::kUnavailable);
}

TEST_F(TlsTest, ReadsUntilTheCloseNotify) {
  Trust();
  ScriptedUpstream upstream([this](Peer& peer) {
    if (!peer.StartTls(server_.get())) return;
    peer.ReadRequest();
    peer.Write("HTTP/1.1 200 OK\r\n\r\nall of it");
    SSL_shutdown(peer.ssl());
    peer.ClosedWithin(milliseconds(1000));
  });
  const Reply reply = Fetch(Secure(upstream));
  EXPECT_EQ(reply.body, "all of it");
  EXPECT_TRUE(reply.status.ok()) << reply.status.ToString();
}

TEST_F(TlsTest, AnEarlyResponseEndsTheSending) {
  Trust();
  std::atomic<bool> answered{false};
  ScriptedUpstream upstream([&](Peer& peer) {
    if (!peer.StartTls(server_.get())) return;
    peer.ReadSome();
    peer.Write("HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n\r\nno");
    // Neither reads on nor closes until the client has its answer.
    for (int i = 0; i < 5000 && !answered; ++i) std::this_thread::sleep_for(milliseconds(1));
    peer.ClosedWithin(milliseconds(5000));
  });
  const auto start = std::chrono::steady_clock::now();
  const Reply reply = Fetch(Secure(upstream), Head("POST"), std::string(32 << 20, 'x'));
  answered = true;
  EXPECT_LT(std::chrono::steady_clock::now() - start, milliseconds(4000));
  EXPECT_EQ(reply.head.status, 413);
  EXPECT_EQ(reply.body, "no");
}

TEST_F(TlsTest, AHandshakeThatHangsTimesOut) {
  options_.connect_timeout = milliseconds(100);
  ScriptedUpstream upstream([](Peer& peer) { peer.ClosedWithin(milliseconds(5000)); });
  EXPECT_EQ(Fetch(Secure(upstream)).status.code(), Code::kDeadlineExceeded);
}

TEST_F(TlsTest, APlainServerIsUnavailable) {
  ScriptedUpstream upstream([](Peer& peer) {
    peer.ReadSome();
    peer.Write("HTTP/1.1 400 Bad Request\r\n\r\n");
  });
  EXPECT_EQ(Fetch(Secure(upstream)).status.code(), Code::kUnavailable);
}

// Loopback names are never proxied, so the proxied host here has a name that
// only the proxy can resolve.
class TunnelTest : public TlsTest {
 protected:
  TunnelTest() {
    const Identity remote = Issue("api.example.com", "DNS:api.example.com", &authority_);
    SSL_CTX_use_certificate(server_.get(), remote.certificate.get());
    SSL_CTX_use_PrivateKey(server_.get(), remote.key.get());
  }

  void UseProxy(const ScriptedUpstream& gate, const std::string& credentials = "") {
    const std::string url = "http://" + credentials + "127.0.0.1:" + std::to_string(gate.port());
    auto settings = ProxySettings::From(
        [&](const char* name) -> const char* { return std::string_view(name) == "ALL_PROXY" ? url.c_str() : nullptr; });
    ASSERT_TRUE(settings.ok());
    options_.proxy = std::move(*settings);
  }
};

TEST_F(TunnelTest, TunnelsHttpsThroughTheProxy) {
  Trust();
  std::string connect;
  const auto serve = Serve(kHello);
  ScriptedUpstream gate([&](Peer& peer) {
    connect = peer.ReadRequest();
    peer.Write("HTTP/1.1 200 Connection established\r\nContent-Length: 7\r\n\r\n");
    serve(peer);
  });
  UseProxy(gate, "user:pass@");
  for (int i = 0; i < 2; ++i) {
    const Reply reply = Fetch({true, "api.example.com", 443}, Head("POST"), "{}");
    EXPECT_EQ(reply.body, "hello") << reply.status.ToString();
  }
  EXPECT_EQ(gate.accepted(), 1U);
  EXPECT_EQ(connect,
            "CONNECT api.example.com:443 HTTP/1.1\r\nHost: api.example.com:443\r\n"
            "Proxy-Authorization: Basic dXNlcjpwYXNz\r\n\r\n");
}

TEST_F(TunnelTest, VerifiesTheUpstreamBehindTheProxy) {
  Trust();
  const auto serve = Serve(kHello);
  ScriptedUpstream gate([&](Peer& peer) {
    peer.ReadRequest();
    peer.Write("HTTP/1.1 200 OK\r\n\r\n");
    serve(peer);
  });
  UseProxy(gate);
  EXPECT_EQ(Fetch({true, "other.example.com", 443}).status.code(), Code::kUnavailable);
}

TEST_F(TunnelTest, SaysWhatAProxyRefuses) {
  const std::vector<std::string> refusals = {"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n",
                                             "", "SSH-2.0-x\r\n\r\n",
                                             "HTTP/1.1 200 OK\r\n\r\nbytes before the handshake"};
  for (const std::string& refusal : refusals) {
    ScriptedUpstream gate([&](Peer& peer) {
      peer.ReadRequest();
      peer.Write(refusal);
    });
    pool_.reset();
    UseProxy(gate, "user:s3cret@");
    const Reply reply = Fetch({true, "api.example.com", 443});
    EXPECT_EQ(reply.status.code(), Code::kUnavailable) << refusal;
    EXPECT_NE(reply.status.detail().find("the proxy 127.0.0.1"), std::string::npos) << reply.status.detail();
    EXPECT_EQ(reply.status.detail().find("s3cret"), std::string::npos);
    EXPECT_EQ(gate.accepted(), 1U);
  }
}

TEST_F(TunnelTest, AProxyThatHangsTimesOut) {
  options_.connect_timeout = milliseconds(100);
  ScriptedUpstream gate([](Peer& peer) { peer.ClosedWithin(milliseconds(5000)); });
  UseProxy(gate);
  EXPECT_EQ(Fetch({true, "api.example.com", 443}).status.code(), Code::kDeadlineExceeded);
}

TEST_F(TunnelTest, SendsHttpInAbsoluteFormToTheProxy) {
  std::string seen;
  ScriptedUpstream gate([&](Peer& peer) {
    seen = peer.ReadRequest();
    peer.Write(kHello);
  });
  UseProxy(gate, "user:pass@");
  EXPECT_EQ(Fetch({false, "api.example.com", 8080}, Head("GET", "/v1?x=y")).body, "hello");
  EXPECT_EQ(seen,
            "GET http://api.example.com:8080/v1?x=y HTTP/1.1\r\nHost: upstream.test\r\n"
            "Proxy-Authorization: Basic dXNlcjpwYXNz\r\n\r\n");
}

}  // namespace
}  // namespace headroom::net
