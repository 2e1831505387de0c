#include "proxy/host_names.h"

#include <gtest/gtest.h>

namespace headroom::proxy {
namespace {

TEST(HostNamesTest, AHostFieldIsReadWithoutPortBracketsAndFinalDot) {
  EXPECT_EQ(HostOf("localhost"), "localhost");
  EXPECT_EQ(HostOf("LocalHost:8787"), "localhost");
  EXPECT_EQ(HostOf("127.0.0.1:80"), "127.0.0.1");
  EXPECT_EQ(HostOf("[::1]:8787"), "::1");
  EXPECT_EQ(HostOf("[::1]"), "::1");
  EXPECT_EQ(HostOf("proxy.lan.:1"), "proxy.lan");
  EXPECT_EQ(HostOf("a:"), "a");
}

TEST(HostNamesTest, WhatIsNoHostIsNone) {
  for (const char* text : {"", ":80", ".", "[::1", "[::1]80", "a b", "a/b", "user@a", "a:80:80", "a:x", "a:123456",
                           "127.0.0.1, evil.example", "a\"", "\xc3\xa4.example"}) {
    EXPECT_EQ(HostOf(text), "") << text;
  }
  EXPECT_EQ(HostOf(std::string(255, 'a')).size(), 255u);
  EXPECT_EQ(HostOf(std::string(256, 'a')), "");
}

TEST(HostNamesTest, OnlyWholeAddressesAreAddresses) {
  for (const char* text : {"127.0.0.1", "192.168.1.5", "::1", "fe80::1%eth0", "::ffff:127.0.0.1"}) {
    EXPECT_TRUE(IsAddress(text)) << text;
  }
  for (const char* text : {"127.1", "0x7f000001", "2130706433", "127.0.0.1.evil.example", "1.2.3.4.5", "", "::g"}) {
    EXPECT_FALSE(IsAddress(text)) << text;
  }
}

TEST(HostNamesTest, LoopbackIsThisMachine) {
  for (const char* text : {"127.0.0.1", "127.255.3.4", "::1", "::ffff:127.0.0.1"}) {
    EXPECT_TRUE(IsLoopbackAddress(text)) << text;
  }
  for (const char* text : {"128.0.0.1", "0.0.0.0", "::", "::2", "::ffff:10.0.0.1", "localhost", ""}) {
    EXPECT_FALSE(IsLoopbackAddress(text)) << text;
  }
  EXPECT_TRUE(IsLocalhost("localhost"));
  EXPECT_TRUE(IsLocalhost("app.localhost"));
  EXPECT_FALSE(IsLocalhost("localhost.evil.example"));
  EXPECT_FALSE(IsLocalhost("notlocalhost"));
}

TEST(HostNamesTest, AStarStandsForNamesBelow) {
  EXPECT_TRUE(IsListed("proxy.lan", {"other", "proxy.lan"}));
  EXPECT_FALSE(IsListed("proxy.lan", {}));
  EXPECT_TRUE(IsListed("a.example", {"*.example"}));
  EXPECT_TRUE(IsListed("a.b.example", {"*.example"}));
  EXPECT_FALSE(IsListed("example", {"*.example"}));
  EXPECT_FALSE(IsListed(".example", {"*.example"}));
  EXPECT_FALSE(IsListed("badexample", {"*.example"}));
  EXPECT_TRUE(IsListed("anything", {"*"}));
}

TEST(HostNamesTest, OriginsAreTakenApart) {
  EXPECT_EQ(ParseOrigin("HTTPS://A.example:8443").scheme, "https");
  EXPECT_EQ(ParseOrigin("HTTPS://A.example:8443").host, "a.example");
  EXPECT_EQ(ParseOrigin("vscode-webview://0a1b").scheme, "vscode-webview");
  for (const char* text : {"null", "", "file://", "://a", "a.example", "https://a.example/x"}) {
    EXPECT_EQ(ParseOrigin(text).host, "") << text;
  }
}

}  // namespace
}  // namespace headroom::proxy
