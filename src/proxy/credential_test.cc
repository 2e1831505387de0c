#include "proxy/credential.h"

#include <gtest/gtest.h>

namespace headroom::proxy {
namespace {

net::HeaderList Headers(std::string_view name, std::string_view value) {
  net::HeaderList headers;
  headers.Add(name, value);
  return headers;
}

Credential Bearer(std::string_view token) {
  return ReadCredential(Headers("Authorization", "Bearer " + std::string(token)), {});
}

// {"iss":"https://auth","sub":"u1","iat":N,"https://x/auth":{"chatgpt_account_id":"acc"}} with two values of iat.
constexpr std::string_view kLogin1 =
    "eyJhbGciOiJub25lIn0."
    "eyJpc3MiOiJodHRwczovL2F1dGgiLCJzdWIiOiJ1MSIsImlhdCI6MSwiaHR0cHM6Ly94L2F1dGgiOnsiY2hhdGdwdF9hY2NvdW50X2lkIjoiYWNjIn"
    "19.s";
constexpr std::string_view kLogin2 =
    "eyJhbGciOiJub25lIn0."
    "eyJpc3MiOiJodHRwczovL2F1dGgiLCJzdWIiOiJ1MSIsImlhdCI6MiwiaHR0cHM6Ly94L2F1dGgiOnsiY2hhdGdwdF9hY2NvdW50X2lkIjoiYWNjIn"
    "19.t";
// The same with account "other".
constexpr std::string_view kLogin3 =
    "eyJhbGciOiJub25lIn0."
    "eyJpc3MiOiJodHRwczovL2F1dGgiLCJzdWIiOiJ1MSIsImlhdCI6MiwiaHR0cHM6Ly94L2F1dGgiOnsiY2hhdGdwdF9hY2NvdW50X2lkIjoib3RoZX"
    "IifX0.t";

TEST(CredentialTest, AKeyIsTheSameTenantInEitherHeader) {
  const Credential in_header = ReadCredential(Headers("x-api-key", "sk-1"), {});
  EXPECT_EQ(in_header.kind, Credential::Kind::kKey);
  EXPECT_EQ(in_header.tenant, ReadCredential(Headers("Api-Key", "sk-1"), {}).tenant);
  EXPECT_EQ(in_header.tenant, Bearer("sk-1").tenant);
  EXPECT_NE(in_header.tenant, Bearer("sk-2").tenant);
}

TEST(CredentialTest, AJwtIsItsAccountWhateverTheToken) {
  EXPECT_EQ(Bearer(kLogin1).kind, Credential::Kind::kJwt);
  EXPECT_EQ(Bearer(kLogin1).tenant, Bearer(kLogin2).tenant);
  EXPECT_NE(Bearer(kLogin1).token, Bearer(kLogin2).token);
  EXPECT_NE(Bearer(kLogin1).tenant, Bearer(kLogin3).tenant);
}

TEST(CredentialTest, OtherBearersAreOpaqueLogins) {
  for (const char* token : {"sk-ant-oat01-abc", "gho_x", "a.b.c", "..", "a.!!.c"}) {
    EXPECT_EQ(Bearer(token).kind, Credential::Kind::kOpaque) << token;
  }
}

TEST(CredentialTest, NoCredentialIsOneTenantOfItsOwn) {
  const Credential none = ReadCredential({}, {});
  EXPECT_EQ(none.kind, Credential::Kind::kNone);
  EXPECT_EQ(none.tenant, ReadCredential(Headers("x-other", "1"), {}).tenant);
  EXPECT_NE(none.tenant, Bearer("sk-1").tenant);
}

TEST(CredentialTest, OtherSchemesAreKeysOfTheirWholeValue) {
  const Credential basic = ReadCredential(Headers("authorization", "Basic eDp5"), {});
  EXPECT_EQ(basic.kind, Credential::Kind::kKey);
  EXPECT_NE(basic.tenant, ReadCredential(Headers("authorization", "Basic eDp6"), {}).tenant);
}

TEST(CredentialTest, APlaceholderKeyBesideALoginDoesNotJoinTenants) {
  const auto both = [](std::string_view bearer) {
    net::HeaderList headers = Headers("x-api-key", "dummy");
    headers.Add("authorization", bearer);
    return ReadCredential(headers, {}).tenant;
  };
  EXPECT_NE(both("Bearer gsk_one"), both("Bearer gsk_two"));
  EXPECT_EQ(both("Bearer dummy"), both("Bearer dummy"));
  net::HeaderList twice = Headers("x-api-key", "sk-1");
  twice.Add("authorization", "Bearer sk-1");
  EXPECT_EQ(ReadCredential(twice, {}).tenant, Bearer("sk-1").tenant);
}

TEST(CredentialTest, RulesByHeaderAndSingleReplaceTheCredential) {
  const TenantRule by_header = *TenantRule::Parse("header:x-team");
  EXPECT_EQ(ReadCredential(Headers("X-Team", "a"), by_header).tenant,
            ReadCredential(Headers("x-team", "a"), by_header).tenant);
  EXPECT_NE(ReadCredential(Headers("x-team", "a"), by_header).tenant,
            ReadCredential(Headers("x-team", "b"), by_header).tenant);
  const TenantRule single = *TenantRule::Parse("single");
  EXPECT_EQ(ReadCredential(Headers("x-api-key", "a"), single).tenant,
            ReadCredential(Headers("x-api-key", "b"), single).tenant);
  EXPECT_FALSE(TenantRule::Parse("header:").ok());
  EXPECT_FALSE(TenantRule::Parse("other").ok());
}

}  // namespace
}  // namespace headroom::proxy
