#include "proxy/redaction.h"

#include <gtest/gtest.h>

namespace headroom::proxy {
namespace {

TEST(RedactionTest, TakesOutWhatLooksLikeACredential) {
  for (const std::string_view secret :
       {"sk-ant-api03-abcdefghijklmnop", "sk-proj-0123456789abcdefghij", "AKIAIOSFODNN7EXAMPLE",
        "ghp_0123456789abcdefghij0123456789abcdef", "github_pat_0123456789abcdefghij_x", "glpat-0123456789abcdefghij",
        "xoxb-1234567890-abcdef", "AIzaSyA0123456789abcdefghijklmnopqrst", "sk_live_0123456789abcdefgh",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc-_123"}) {
    const std::string text = "before " + std::string(secret) + " after";
    EXPECT_EQ(Redacted(text), "before [redacted] after") << secret;
  }
}

TEST(RedactionTest, KeepsWhatNamesTheSecret) {
  EXPECT_EQ(Redacted("authorization: Bearer abcdefghijklmnop0123"), "authorization: Bearer [redacted]");
  EXPECT_EQ(Redacted("export DB_PASSWORD=hunter2hunter2 && run"), "export DB_PASSWORD=[redacted] && run");
  EXPECT_EQ(Redacted(R"({"api_key": "0123456789abcdef"})"), R"({"api_key": "[redacted]"})");
  EXPECT_EQ(Redacted(R"({"text":"{\"apiKey\":\"0123456789abcdef\"}"})"), R"({"text":"{\"apiKey\":\"[redacted]\"}"})");
}

TEST(RedactionTest, APrivateKeyGoesWhole) {
  EXPECT_EQ(Redacted(R"("a -----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc=\n-----END RSA PRIVATE KEY----- b")"),
            R"("a [redacted] b")");
}

TEST(RedactionTest, OrdinaryTextStays) {
  for (const std::string_view text :
       {"the password is secret", "task-1234 sk-1 risk-based", "bearer of news", R"({"token":5,"max_tokens":1000})",
        "eyJ is how they begin", "-----BEGIN CERTIFICATE-----"}) {
    EXPECT_EQ(Redacted(std::string(text)), text);
  }
}

}  // namespace
}  // namespace headroom::proxy
