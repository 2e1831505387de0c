#include "net/connect_proxy.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace headroom::net {
namespace {

Result<ProxySettings> Read(const std::map<std::string, std::string>& environment) {
  return ProxySettings::From([&](const char* name) -> const char* {
    const auto found = environment.find(name);
    return found == environment.end() ? nullptr : found->second.c_str();
  });
}

// "host:port" of the proxy that serves `url`, "direct" without one.
std::string Route(const std::map<std::string, std::string>& environment, std::string_view url) {
  const Result<ProxySettings> settings = Read(environment);
  if (!settings.ok()) return settings.status().ToString();
  const ProxyServer* const proxy = settings->For(ParseUrl(url)->endpoint);
  return proxy == nullptr ? "direct" : HostAndPort(proxy->endpoint);
}

TEST(ConnectProxyTest, ConnectsDirectlyWhenNothingIsSet) {
  EXPECT_EQ(Route({}, "https://api.example.com"), "direct");
  EXPECT_EQ(Route({{"HTTPS_PROXY", ""}}, "https://api.example.com"), "direct");
}

TEST(ConnectProxyTest, ChoosesByTheUpstreamsScheme) {
  const std::map<std::string, std::string> both = {{"HTTPS_PROXY", "http://secure:1"},
                                                   {"HTTP_PROXY", "http://plain:2"}};
  EXPECT_EQ(Route(both, "https://api.example.com"), "secure:1");
  EXPECT_EQ(Route(both, "http://api.example.com"), "plain:2");
  EXPECT_EQ(Route({{"HTTPS_PROXY", "http://secure:1"}}, "http://api.example.com"), "direct");
}

TEST(ConnectProxyTest, TakesAllProxyForWhateverHasNoneOfItsOwn) {
  const std::map<std::string, std::string> all = {{"ALL_PROXY", "http://all:3"}, {"HTTP_PROXY", "http://plain:2"}};
  EXPECT_EQ(Route(all, "https://api.example.com"), "all:3");
  EXPECT_EQ(Route(all, "http://api.example.com"), "plain:2");
}

TEST(ConnectProxyTest, PrefersTheNameInSmallLetters) {
  EXPECT_EQ(Route({{"https_proxy", "http://small:1"}, {"HTTPS_PROXY", "http://capital:1"}}, "https://x.com"),
            "small:1");
}

TEST(ConnectProxyTest, TakesProxiesWithoutSchemeOrPort) {
  EXPECT_EQ(Route({{"HTTPS_PROXY", "gate:3128"}}, "https://x.com"), "gate:3128");
  EXPECT_EQ(Route({{"HTTPS_PROXY", "http://gate/"}}, "https://x.com"), "gate:80");
}

TEST(ConnectProxyTest, NamesTheVariableThatIsWrong) {
  const Status socks = Read({{"ALL_PROXY", "socks5://user:s3cret@gate:1080"}}).status();
  EXPECT_EQ(socks.code(), Code::kInvalidArgument);
  EXPECT_EQ(socks.detail(), "ALL_PROXY: only http:// proxies are supported");
  EXPECT_EQ(Read({{"https_proxy", "http://gate:99999"}}).status().code(), Code::kInvalidArgument);
}

TEST(ConnectProxyTest, NeverProxiesLoopback) {
  const std::map<std::string, std::string> all = {{"ALL_PROXY", "http://gate:1"}};
  for (const char* url : {"http://localhost:8080", "https://api.localhost", "http://127.0.0.1", "http://127.9.9.9",
                          "http://[::1]:8080"}) {
    EXPECT_EQ(Route(all, url), "direct") << url;
  }
  EXPECT_EQ(Route(all, "http://128.0.0.1"), "gate:1");
}

TEST(ConnectProxyTest, ExceptsByNoProxy) {
  const auto route = [](const char* no_proxy, const char* url) {
    return Route({{"ALL_PROXY", "http://gate:1"}, {"NO_PROXY", no_proxy}}, url);
  };
  EXPECT_EQ(route("*", "https://x.com"), "direct");
  EXPECT_EQ(route("example.com", "https://example.com"), "direct");
  EXPECT_EQ(route("example.com", "https://api.example.com"), "direct");
  EXPECT_EQ(route(".example.com", "https://api.example.com"), "direct");
  EXPECT_EQ(route("*.example.com", "https://api.example.com"), "direct");
  EXPECT_EQ(route("Example.COM", "https://example.com"), "direct");
  EXPECT_EQ(route("example.com", "https://badexample.com"), "gate:1");
  EXPECT_EQ(route("a.com, b.com c.com", "https://c.com"), "direct");
  EXPECT_EQ(route("a.com,,b.com", "https://b.com"), "direct");
  EXPECT_EQ(route("example.com:8443", "https://example.com:8443"), "direct");
  EXPECT_EQ(route("example.com:8443", "https://example.com"), "gate:1");
  EXPECT_EQ(route("10.0.0.1", "http://10.0.0.1:99"), "direct");
  EXPECT_EQ(route("10.0.0.1:99", "http://10.0.0.1:98"), "gate:1");
  EXPECT_EQ(route("0.0.1", "http://10.0.0.1"), "gate:1");
  EXPECT_EQ(route("2001:db8::1", "http://[2001:DB8:0::1]"), "direct");
  EXPECT_EQ(route("[2001:db8::1]:99", "http://[2001:db8::1]:99"), "direct");
  EXPECT_EQ(route("[2001:db8::1]:99", "http://[2001:db8::1]"), "gate:1");
}

TEST(ConnectProxyTest, WritesTheConnectRequest) {
  const Result<ProxySettings> plain = Read({{"HTTPS_PROXY", "http://gate:1"}});
  const Endpoint target{true, "api.example.com", 443};
  EXPECT_EQ(ConnectRequest(*plain->For(target), target),
            "CONNECT api.example.com:443 HTTP/1.1\r\nHost: api.example.com:443\r\n\r\n");
}

// The example of RFC 7617 2.
TEST(ConnectProxyTest, SendsTheCredentialsOfTheProxyUrl) {
  const Result<ProxySettings> settings = Read({{"HTTPS_PROXY", "http://Aladdin:open%20sesame@gate:1"}});
  const Endpoint target{true, "2001:db8::1", 8443};
  EXPECT_EQ(ConnectRequest(*settings->For(target), target),
            "CONNECT [2001:db8::1]:8443 HTTP/1.1\r\nHost: [2001:db8::1]:8443\r\n"
            "Proxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\r\n");
}

}  // namespace
}  // namespace headroom::net
