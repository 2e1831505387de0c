#include "net/url.h"

#include <gtest/gtest.h>

#include <string>

namespace headroom::net {
namespace {

void ExpectParsed(std::string_view text, const Endpoint& endpoint, std::string_view authority, std::string_view path) {
  const Result<Url> url = ParseUrl(text);
  ASSERT_TRUE(url.ok()) << text << ": " << url.status().ToString();
  EXPECT_EQ(url->endpoint, endpoint) << text << " gives " << HostAndPort(url->endpoint);
  EXPECT_EQ(url->authority, authority) << text;
  EXPECT_EQ(url->path, path) << text;
}

void ExpectRefused(std::string_view text) { EXPECT_EQ(ParseUrl(text).status().code(), Code::kInvalidArgument) << text; }

TEST(UrlTest, FillsInTheDefaultPort) {
  ExpectParsed("https://api.anthropic.com", {true, "api.anthropic.com", 443}, "api.anthropic.com", "");
  ExpectParsed("http://localhost", {false, "localhost", 80}, "localhost", "");
}

TEST(UrlTest, NamesAnyOtherPortInTheAuthority) {
  ExpectParsed("https://host:8443", {true, "host", 8443}, "host:8443", "");
  ExpectParsed("http://host:443", {false, "host", 443}, "host:443", "");
  ExpectParsed("https://host:443", {true, "host", 443}, "host", "");
}

TEST(UrlTest, KeepsThePathWithoutItsTrailingSlashes) {
  ExpectParsed("https://host/some/prefix", {true, "host", 443}, "host", "/some/prefix");
  ExpectParsed("https://host/some/prefix//", {true, "host", 443}, "host", "/some/prefix");
  ExpectParsed("https://host:1/", {true, "host", 1}, "host:1", "");
  ExpectParsed("https://host/a:b@c", {true, "host", 443}, "host", "/a:b@c");
}

TEST(UrlTest, LowersSchemeAndHostOnly) {
  ExpectParsed("HTTPS://API.Example.COM/V1", {true, "api.example.com", 443}, "api.example.com", "/V1");
}

TEST(UrlTest, TakesIpAddresses) {
  ExpectParsed("http://127.0.0.1:8080", {false, "127.0.0.1", 8080}, "127.0.0.1:8080", "");
  ExpectParsed("http://[::1]:8080/x", {false, "::1", 8080}, "[::1]:8080", "/x");
  ExpectParsed("http://[::1]", {false, "::1", 80}, "[::1]", "");
}

TEST(UrlTest, TakesPortsUpToTheLastAndNoneBeyond) {
  ExpectParsed("http://h:65535", {false, "h", 65535}, "h:65535", "");
  ExpectRefused("http://h:65536");
  ExpectRefused("http://h:0");
  ExpectRefused("http://h:");
  ExpectRefused("http://h:8o");
  ExpectRefused("http://h:+8");
}

TEST(UrlTest, TakesHostsUpToTheirLimitAndNoneBeyond) {
  ExpectParsed("http://" + std::string(253, 'a'), {false, std::string(253, 'a'), 80}, std::string(253, 'a'), "");
  ExpectRefused("http://" + std::string(254, 'a'));
}

TEST(UrlTest, RefusesWhatIsNoBaseUrl) {
  for (const char* text : {"",
                           "host",
                           "host:80",
                           "ftp://host",
                           "://host",
                           "http:/host",
                           "http://",
                           "http:///path",
                           "http://:80",
                           "http://user:pass@host",
                           "http://host?q",
                           "http://host/#f",
                           "http://ho st",
                           "http://host/a b",
                           "http://host\r\nX: y",
                           "http://h\xC3\xB6st",
                           "http://[::1",
                           "http://[x]",
                           "http://[::1]80",
                           "http://[fe80::1%eth0]",
                           "http://::1",
                           "http://a,b"}) {
    ExpectRefused(text);
  }
}

TEST(UrlTest, DoesNotRepeatAPasswordInItsError) {
  EXPECT_EQ(ParseUrl("http://user:s3cret@host").status().detail().find("s3cret"), std::string::npos);
}

}  // namespace
}  // namespace headroom::net
