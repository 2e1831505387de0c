#include "net/tls_server.h"

#include <gtest/gtest.h>
#include <openssl/err.h>

#include <csignal>
#include <mutex>

#include "net/server_fixture.h"
#include "net/tls_identity.h"

namespace headroom::net {
namespace {

// ALPN's wire form of the names.
std::string Protocols(std::initializer_list<std::string_view> names) {
  std::string wire;
  for (const std::string_view name : names) wire.append(1, static_cast<char>(name.size())).append(name);
  return wire;
}

// A blocking TLS client that trusts one authority.
class TlsClient {
 public:
  struct Settings {
    std::string protocols = {};
    int max_version = TLS1_3_VERSION;
  };

  TlsClient(uint16_t port, X509* authority, const Settings& settings) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    timeval patience{10, 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context_.get()), authority);
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_min_proto_version(context_.get(), TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context_.get(), settings.max_version);
    ssl_ = SSL_new(context_.get());
    SSL_set_fd(ssl_, fd_);
    SSL_set1_host(ssl_, "localhost");
    if (!settings.protocols.empty()) {
      SSL_set_alpn_protos(ssl_, reinterpret_cast<const unsigned char*>(settings.protocols.data()),
                          static_cast<unsigned>(settings.protocols.size()));
    }
    connected_ = SSL_connect(ssl_) == 1;
    ERR_clear_error();
  }
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;
  ~TlsClient() {
    SSL_free(ssl_);
    CloseSocket();
  }

  bool connected() const { return connected_; }
  std::string protocol() const {
    const unsigned char* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl_, &name, &size);
    return std::string(reinterpret_cast<const char*>(name), size);
  }
  long serial() const {
    const Owned<X509> certificate(SSL_get1_peer_certificate(ssl_));
    return certificate == nullptr ? -1 : ASN1_INTEGER_get(X509_get_serialNumber(certificate.get()));
  }

  bool Send(std::string_view bytes) {
    size_t sent = 0;
    while (!bytes.empty()) {
      if (SSL_write_ex(ssl_, bytes.data(), bytes.size(), &sent) != 1) return false;
      bytes.remove_prefix(sent);
    }
    return true;
  }
  // Reads until `marker` stands in what was read, or the end.
  std::string ReadUntil(std::string_view marker) {
    while (read_.find(marker) == std::string::npos && ReadSome()) continue;
    return std::exchange(read_, {});
  }
  std::string ReadToEnd() {
    while (ReadSome()) continue;
    return std::exchange(read_, {});
  }
  // After ReadToEnd: whether the server said that it had sent all.
  bool ended_well() const { return (SSL_get_shutdown(ssl_) & SSL_RECEIVED_SHUTDOWN) != 0; }
  void Shutdown() { SSL_shutdown(ssl_); }
  void CloseSocket() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }

 private:
  bool ReadSome() {
    char buffer[16384];
    size_t received = 0;
    const bool some = SSL_read_ex(ssl_, buffer, sizeof(buffer), &received) == 1;
    ERR_clear_error();
    read_.append(buffer, received);
    return some;
  }

  int fd_;
  const Owned<SSL_CTX> context_{SSL_CTX_new(TLS_client_method())};
  SSL* ssl_ = nullptr;
  bool connected_ = false;
  std::string read_;
};

class TlsServerTest : public testing::Test {
 protected:
  TlsServerTest() { std::signal(SIGPIPE, SIG_IGN); }

  Server::Options Options() {
    Result<std::shared_ptr<TlsServer>> loaded = TlsServer::Load(certificate_file_.path(), key_file_.path());
    EXPECT_TRUE(loaded.ok()) << loaded.status().ToString();
    tls_ = *loaded;
    Server::Options options;
    options.tls = tls_;
    return options;
  }
  std::unique_ptr<TlsClient> Connect(Server& server, const TlsClient::Settings& settings = {}) {
    return std::make_unique<TlsClient>(server.port(), authority_.certificate.get(), settings);
  }
  std::string Complaint(const std::string& cert_file, const std::string& key_file) {
    return TlsServer::Load(cert_file, key_file).status().detail();
  }

  const Identity authority_ = Issue("Test authority", nullptr, nullptr);
  const Identity host_ = Issue("localhost", "DNS:localhost", &authority_);
  const PemFile certificate_file_{host_.certificate.get()};
  const PemFile key_file_{host_.key.get()};
  std::shared_ptr<TlsServer> tls_;
};

TEST_F(TlsServerTest, ServesSeveralRequestsOnOneConnection) {
  RunningServer server(Echo, Options());
  const auto client = Connect(*server);
  ASSERT_TRUE(client->connected());
  for (int i = 0; i < 3; ++i) {
    client->Send(Post("body" + std::to_string(i)));
    EXPECT_TRUE(client->ReadUntil("body").ends_with("POST /p body" + std::to_string(i)));
  }
}

TEST_F(TlsServerTest, CarriesLargeBodiesBothWays) {
  RunningServer server(Echo, Options());
  const auto client = Connect(*server);
  const std::string body(3'000'000, 'x');
  client->Send(Post(body, "Connection: close\r\n"));
  const std::string answer = client->ReadToEnd();
  EXPECT_GT(answer.size(), body.size());
  EXPECT_TRUE(answer.ends_with("POST /p " + body));
  EXPECT_TRUE(client->ended_well());
}

TEST_F(TlsServerTest, ReadsRequestsThatShareARecordAndThoseInManyRecords) {
  RunningServer server(Echo, Options());
  const auto client = Connect(*server);
  client->Send(Get("/1") + Get("/2") + Get("/3"));
  std::string answers = client->ReadUntil("GET /3");
  for (const char* part : {"GET /1", "GET /2", "GET /3"}) EXPECT_NE(answers.find(part), std::string::npos) << answers;
  for (const char c : Post("slow")) client->Send(std::string_view(&c, 1));
  EXPECT_NE(client->ReadUntil("POST /p slow").find("200 OK"), std::string::npos);
}

TEST_F(TlsServerTest, SendsChunksAsTheyCome) {
  RunningServer server(Chunks, Options());
  const auto client = Connect(*server);
  client->Send(Get("/"));
  const std::string answer = client->ReadUntil("0\r\n\r\n");
  EXPECT_TRUE(answer.ends_with("\r\n\r\n3\r\none\r\n3\r\ntwo\r\n5\r\nthree\r\n0\r\n\r\n")) << answer;
}

TEST_F(TlsServerTest, AgreesOnHttp11) {
  RunningServer server(Echo, Options());
  EXPECT_EQ(Connect(*server, {.protocols = Protocols({"h2", "http/1.1"})})->protocol(), "http/1.1");
  EXPECT_EQ(Connect(*server)->protocol(), "");
  EXPECT_TRUE(Connect(*server)->connected());
  EXPECT_FALSE(Connect(*server, {.protocols = Protocols({"h2"})})->connected());
}

TEST_F(TlsServerTest, SpeaksTls12AndNothingOlder) {
  RunningServer server(Echo, Options());
  EXPECT_TRUE(Connect(*server, {.max_version = TLS1_2_VERSION})->connected());
  EXPECT_FALSE(Connect(*server, {.max_version = TLS1_1_VERSION})->connected());
}

TEST_F(TlsServerTest, HttpWithoutTlsIsToldSo) {
  RunningServer server(Echo, Options());
  Client plain(server->port());
  plain.Send(Get("/"));
  const std::string answer = plain.ReadToEnd();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 400 ")) << answer;
  EXPECT_NE(answer.find("https"), std::string::npos);
  Client noise(server->port());
  noise.Send(std::string(2000, '\0'));
  EXPECT_TRUE(noise.Closed());
}

TEST_F(TlsServerTest, AHandshakeThatHangsTimesOut) {
  Server::Options options = Options();
  options.head_timeout = milliseconds(100);
  RunningServer server(Echo, options);
  Client silent(server->port());
  EXPECT_TRUE(silent.Closed());
  Client halfway(server->port());
  halfway.Send("\x16\x03\x01\x02\x00\x01");
  EXPECT_TRUE(halfway.Closed());
  EXPECT_TRUE(Eventually([&] { return server->connections() == 0; }));
}

// Says in `gone` whether the client left, and answers nothing until then.
Handler WaitingFor(std::atomic<bool>& gone) {
  return [&gone](Exchange& exchange) -> Awaitable<void> {
    exchange.OnDisconnect([&gone] { gone = true; });
    for (int i = 0; i < 1000 && !gone; ++i) co_await Sleep(exchange.executor(), milliseconds(5));
  };
}

TEST_F(TlsServerTest, NoticesAClientThatClosesTheSession) {
  std::atomic<bool> gone{false};
  RunningServer server(WaitingFor(gone), Options());
  const auto client = Connect(*server);
  client->Send(Get("/"));
  ASSERT_TRUE(Eventually([&] { return server->exchanges() == 1; }));
  client->Shutdown();  // the socket stays open
  EXPECT_TRUE(Eventually([&] { return gone.load(); }));
}

TEST_F(TlsServerTest, NoticesAClientWhoseConnectionEnds) {
  std::atomic<bool> gone{false};
  RunningServer server(WaitingFor(gone), Options());
  const auto client = Connect(*server);
  client->Send(Get("/"));
  ASSERT_TRUE(Eventually([&] { return server->exchanges() == 1; }));
  client->CloseSocket();
  EXPECT_TRUE(Eventually([&] { return gone.load(); }));
}

TEST_F(TlsServerTest, ACutResponseDoesNotLookWhole) {
  const auto cut = [](Exchange& exchange) -> Awaitable<void> {
    const Status head = co_await exchange.WriteHead(Ok(), BodyLength::UntilClose(), "part");
    Expect(head);
  };
  RunningServer server(cut, Options());
  const auto client = Connect(*server);
  client->Send(Get("/"));
  EXPECT_TRUE(client->ReadToEnd().ends_with("part"));
  EXPECT_FALSE(client->ended_well());
}

TEST_F(TlsServerTest, WaitsForAClientThatReadsSlowly) {
  const std::string body(2'000'000, 'y');
  const auto large = [&body](Exchange& exchange) -> Awaitable<void> {
    const Status head = co_await exchange.WriteHead(Ok(), BodyLength::Exact(body.size()), body);
    Expect(head);
    const Status end = co_await exchange.Finish();
    Expect(end);
  };
  RunningServer server(large, Options());
  const auto client = Connect(*server);
  client->Send(Get("/", "Connection: close\r\n"));
  std::this_thread::sleep_for(milliseconds(200));
  EXPECT_TRUE(client->ReadToEnd().ends_with(body));
}

TEST_F(TlsServerTest, AnIdleConnectionIsKeptAndThenClosed) {
  Server::Options options = Options();
  options.idle_timeout = milliseconds(300);
  RunningServer server(Echo, options);
  const auto client = Connect(*server);
  client->Send(Get("/"));
  EXPECT_NE(client->ReadUntil("GET / ").find("200 OK"), std::string::npos);
  EXPECT_EQ(client->ReadToEnd(), "");
  EXPECT_TRUE(client->ended_well());
}

TEST_F(TlsServerTest, DrainingClosesIdleConnections) {
  RunningServer server(Echo, Options());
  const auto client = Connect(*server);
  client->Send(Get("/"));
  client->ReadUntil("GET / ");
  server->Drain();
  EXPECT_EQ(client->ReadToEnd(), "");
  EXPECT_TRUE(Eventually([&] { return server->connections() == 0; }));
}

TEST_F(TlsServerTest, ANewCertificateIsForNewConnections) {
  RunningServer server(Echo, Options());
  const auto before = Connect(*server);
  Identity renewed = Issue("localhost", "DNS:localhost", &authority_);
  ASN1_INTEGER_set(X509_get_serialNumber(renewed.certificate.get()), 77);
  X509_sign(renewed.certificate.get(), authority_.key.get(), EVP_sha256());
  const PemFile certificate(renewed.certificate.get());
  const PemFile key(renewed.key.get());
  ASSERT_TRUE(tls_->Reload(certificate.path(), key.path()).ok());
  EXPECT_EQ(Connect(*server)->serial(), 77);
  before->Send(Get("/"));
  EXPECT_NE(before->ReadUntil("GET / ").find("200 OK"), std::string::npos);

  EXPECT_FALSE(tls_->Reload(certificate.path(), key_file_.path()).ok());
  EXPECT_EQ(Connect(*server)->serial(), 77) << "what cannot be used leaves everything as it was";
}

TEST_F(TlsServerTest, SaysWhichFileCannotBeUsed) {
  const PemFile noise("no certificate");
  EXPECT_EQ(Complaint("/nowhere.pem", key_file_.path()), "tls_cert: no PEM certificate can be read from /nowhere.pem");
  EXPECT_EQ(Complaint(noise.path(), key_file_.path()), "tls_cert: no PEM certificate can be read from " + noise.path());
  EXPECT_EQ(Complaint(certificate_file_.path(), noise.path()),
            "tls_key: no PEM key without a pass phrase can be read from " + noise.path());
  const PemFile locked(host_.key.get(), "pass phrase");
  EXPECT_EQ(Complaint(certificate_file_.path(), locked.path()),
            "tls_key: no PEM key without a pass phrase can be read from " + locked.path());
  const PemFile other(authority_.key.get());
  EXPECT_EQ(Complaint(certificate_file_.path(), other.path()),
            "tls_key: the key of another certificate is in " + other.path());
  EXPECT_EQ(Complaint(certificate_file_.path(), certificate_file_.path()),
            "tls_key: no PEM key without a pass phrase can be read from " + certificate_file_.path());
}

}  // namespace
}  // namespace headroom::net
