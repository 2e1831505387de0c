#include "proxy/guard.h"

#include <gtest/gtest.h>

#include <initializer_list>

namespace headroom::proxy {
namespace {

constexpr std::string_view kHere = "127.0.0.1";
constexpr std::string_view kThere = "192.168.1.9";
constexpr std::string_view kProxyToken = "proxy-token-1";
constexpr std::string_view kAdminToken = "admin-token-1";

using Fields = std::initializer_list<std::pair<std::string_view, std::string_view>>;

GuardRules Tokens() { return {std::string(kProxyToken), std::string(kAdminToken), {}}; }

class GuardTest : public testing::Test {
 protected:
  // The status of the refusal; 0 where the request may be served.
  int Ask(const GuardRules& rules, std::string_view path, Fields fields = {}, std::string_view peer = kHere,
          std::string_view host = "localhost:8787") {
    Guard guard(rules, metrics_);
    net::RequestHead head;
    head.method = "POST";
    head.target = path;
    if (!host.empty()) head.headers.Add("Host", host);
    for (const auto& [name, value] : fields) head.headers.Add(name, value);
    reply_ = guard.Refuse(head, peer, FindRoute(head));
    return reply_.has_value() ? reply_->head.status : 0;
  }

  Metrics metrics_;
  std::optional<Reply> reply_;
};

TEST_F(GuardTest, NamesOfThisMachineAndAddressesAreServed) {
  for (const char* host : {"localhost:8787", "127.0.0.1:8787", "[::1]:8787", "192.168.1.5", "LOCALHOST", ""}) {
    EXPECT_EQ(Ask({}, "/v1/messages", {}, kHere, host), 0) << host;
  }
}

TEST_F(GuardTest, AnyOtherNameIsRefusedOnEveryPath) {
  for (const char* path : {"/v1/messages", "/v1/chat/completions", "/health", "/stats", "/v1/retrieve/x", "/nothing"}) {
    EXPECT_EQ(Ask({}, path, {}, kHere, "evil.example:8787"), 403) << path;
  }
  for (const char* host :
       {"localhost.evil.example", "127.0.0.1.evil.example", "127.1", "x@localhost", "evil, localhost"}) {
    EXPECT_EQ(Ask({}, "/v1/messages", {}, kHere, host), 403) << host;
  }
  EXPECT_EQ(metrics_.refused.snapshot(), (std::map<std::string, uint64_t>{{"host", 11}}));
}

TEST_F(GuardTest, TheRefusalNamesTheHostInTheProvidersEnvelope) {
  Ask({}, "/v1/messages", {}, kHere, "evil.example");
  EXPECT_NE(reply_->body.find(R"("type":"permission_error")"), std::string::npos);
  EXPECT_NE(reply_->body.find("'evil.example'"), std::string::npos);
  Ask({}, "/v1/messages", {}, kHere, std::string(60'000, 'a') + "\x01");
  EXPECT_LT(reply_->body.size(), 400u) << "a long name is cut";
}

TEST_F(GuardTest, ListedNamesAreServed) {
  const GuardRules rules{"", "", {"Proxy.LAN", "*.example"}};
  EXPECT_EQ(Ask(rules, "/v1/messages", {}, kHere, "proxy.lan:8787"), 0);
  EXPECT_EQ(Ask(rules, "/v1/messages", {}, kHere, "a.example"), 0);
  EXPECT_EQ(Ask(rules, "/v1/messages", {}, kHere, "example"), 403);
  EXPECT_EQ(Ask({"", "", {"*"}}, "/v1/messages", {}, kHere, "anything"), 0);
}

TEST_F(GuardTest, PagesOfOtherHostsAreRefused) {
  for (const char* origin :
       {"https://evil.example", "http://203.0.113.7", "null", "file://", "http://localhost.evil.example"}) {
    EXPECT_EQ(Ask({}, "/v1/messages", {{"Origin", origin}}), 403) << origin;
  }
  for (const char* origin : {"http://localhost:8787", "http://127.0.0.1:3000", "http://[::1]", "vscode-webview://0ab1",
                             "app://obsidian.md"}) {
    EXPECT_EQ(Ask({}, "/v1/messages", {{"Origin", origin}}), 0) << origin;
  }
  EXPECT_EQ(Ask({"", "", {"proxy.lan"}}, "/stats", {{"Origin", "https://proxy.lan"}}, kHere, "proxy.lan"), 0);
  EXPECT_EQ(Ask({"", "", {"null"}}, "/v1/messages", {{"Origin", "null"}}), 0);
  EXPECT_EQ(Ask({}, "/v1/messages", {{"Origin", "http://localhost"}, {"origin", "https://evil.example"}}), 403)
      << "of several, each has to be allowed";
}

TEST_F(GuardTest, ClientsNeedTheProxyTokenWhereThereIsOne) {
  const GuardRules rules{std::string(kProxyToken), "", {}};
  for (const char* path : {"/v1/messages", "/v1/responses", "/v1/models", "/v1/retrieve/0123", "/nothing"}) {
    EXPECT_EQ(Ask(rules, path), 401) << path;
    EXPECT_EQ(Ask(rules, path, {{"X-Headroom-Token", kProxyToken}}), 0) << path;
    EXPECT_EQ(Ask({}, path), 0) << path;
  }
  EXPECT_EQ(Ask(rules, "/v1/messages", {{"Proxy-Authorization", "Bearer proxy-token-1"}}), 0);
  // "any:proxy-token-1"
  EXPECT_EQ(Ask(rules, "/v1/messages", {{"Proxy-Authorization", "Basic YW55OnByb3h5LXRva2VuLTE="}}), 0);
  for (const char* path : {"/health", "/livez", "/readyz"}) EXPECT_EQ(Ask(rules, path), 0) << path;
}

TEST_F(GuardTest, AWrongTokenIsNone) {
  const GuardRules rules{std::string(kProxyToken), "", {}};
  for (const std::string& token :
       {std::string("proxy-token-2"), std::string("proxy-token-"), std::string("proxy-token-11"), std::string(),
        std::string(1 << 16, 'a'), std::string(kAdminToken)}) {
    EXPECT_EQ(Ask(rules, "/v1/messages", {{"x-headroom-token", token}}), 401) << token.size();
  }
  EXPECT_EQ(Ask(rules, "/v1/messages", {{"authorization", "Bearer proxy-token-1"}}), 401) << "that is the provider's";
  EXPECT_EQ(Ask(rules, "/v1/messages", {{"proxy-authorization", "proxy-token-1"}}), 401) << "a scheme is missing";
  for (const char* basic : {"Basic ", "Basic !!!!", "Basic YW55", "Basic YW55OnByb3h5LXRva2VuLTE"}) {
    EXPECT_EQ(Ask(rules, "/v1/messages", {{"proxy-authorization", basic}}), 401) << basic;
  }
}

TEST_F(GuardTest, WithoutAnAdminTokenTheAdminPathsAreForThisMachine) {
  for (const char* path : {"/stats", "/metrics", "/cache/clear", "/dashboard", "/dashboard/data",
                           "/dashboard/requests/x/0", "/v1/toin/stats", "/v1/feedback", "/v1/telemetry"}) {
    EXPECT_EQ(Ask({}, path, {}, kHere), 0) << path;
    EXPECT_EQ(Ask({}, path, {}, "::ffff:127.0.0.1"), 0) << path;
    EXPECT_EQ(Ask({}, path, {}, kThere, "192.168.1.5"), 403) << path;
  }
  EXPECT_EQ(Ask({}, "/health", {}, kThere, "192.168.1.5"), 0);
}

TEST_F(GuardTest, WhatAReverseProxyPassesOnIsNotFromThisMachine) {
  for (const char* name : {"X-Forwarded-For", "Forwarded", "X-Real-IP"}) {
    EXPECT_EQ(Ask({}, "/stats", {{name, "203.0.113.7"}}), 403) << name;
    EXPECT_EQ(Ask({}, "/v1/messages", {{name, "203.0.113.7"}}), 0) << name;
  }
}

TEST_F(GuardTest, WithAnAdminTokenTheAdminPathsAskEverybodyForIt) {
  for (const std::string_view peer : {kHere, kThere}) {
    EXPECT_EQ(Ask(Tokens(), "/stats", {}, peer), 401);
    EXPECT_EQ(Ask(Tokens(), "/stats", {{"authorization", "Bearer admin-token-1"}}, peer), 0);
    EXPECT_EQ(Ask(Tokens(), "/stats", {{"Authorization", "bearer admin-token-1"}}, peer), 0);
    EXPECT_EQ(Ask(Tokens(), "/stats", {{"X-Headroom-Admin-Token", kAdminToken}}, peer), 0);
    // "me:admin-token-1", as a browser sends what its user typed
    EXPECT_EQ(Ask(Tokens(), "/stats", {{"Authorization", "Basic bWU6YWRtaW4tdG9rZW4tMQ=="}}, peer), 0);
    EXPECT_EQ(Ask(Tokens(), "/stats", {{"X-Headroom-Token", kProxyToken}}, peer), 401);
  }
  Ask(Tokens(), "/stats");
  EXPECT_TRUE(reply_->head.headers.Find("www-authenticate").value_or("").starts_with("Basic "));
}

TEST_F(GuardTest, TheAdminTokenIsNotTheClients) {
  EXPECT_EQ(Ask(Tokens(), "/v1/messages", {{"x-headroom-admin-token", kAdminToken}}), 401);
  EXPECT_EQ(Ask({"", std::string(kAdminToken), {}}, "/v1/messages"), 0);
}

TEST_F(GuardTest, NewRulesHoldFromTheNextRequestOn) {
  Guard guard({}, metrics_);
  net::RequestHead head;
  head.target = "/v1/messages";
  head.headers.Add("host", "localhost");
  EXPECT_FALSE(guard.Refuse(head, kHere, FindRoute(head)).has_value());
  guard.Use(Tokens());
  EXPECT_TRUE(guard.Refuse(head, kHere, FindRoute(head)).has_value());
}

TEST_F(GuardTest, ARefusalHoldsNoToken) {
  Ask(Tokens(), "/v1/messages", {{"x-headroom-token", "presented-token"}});
  for (const std::string_view secret : {kProxyToken, kAdminToken, std::string_view("presented-token")}) {
    EXPECT_EQ(reply_->body.find(secret), std::string::npos);
  }
}

}  // namespace
}  // namespace headroom::proxy
