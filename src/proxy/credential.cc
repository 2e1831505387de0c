#include "proxy/credential.h"

#include <openssl/evp.h>

#include <algorithm>
#include <vector>

#include "json/document.h"

namespace headroom::proxy {
namespace {

// First half of SHA-256 over the parts, each framed by its length.
Hash128 Digest(std::initializer_list<std::string_view> parts) {
  std::string bytes;
  for (const std::string_view part : parts) {
    bytes.append(std::to_string(part.size())).append(":").append(part);
  }
  const Sha256Digest digest = Sha256(bytes);
  return Hash128::FromBytes({reinterpret_cast<const char*>(digest.data()), 16});
}

// base64url without padding (RFC 7515, 2).
std::string DecodeBase64Url(std::string_view text) {
  std::string input(text);
  std::replace(input.begin(), input.end(), '-', '+');
  std::replace(input.begin(), input.end(), '_', '/');
  const size_t padding = (4 - input.size() % 4) % 4;
  input.append(padding, '=');
  std::string out(input.size() / 4 * 3, '\0');
  const int size =
      EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                      reinterpret_cast<const unsigned char*>(input.data()), static_cast<int>(input.size()));
  if (size < 0 || padding > static_cast<size_t>(size)) return {};
  out.resize(static_cast<size_t>(size) - padding);
  return out;
}

// The claims that name an account; OpenAI nests its own under a URL.
struct Claims {
  std::string issuer, subject, account;
};

void ReadAccount(const json::Document& document, const json::Token& object, Claims& claims) {
  for (const std::string_view name : {"chatgpt_account_id", "account_id", "account", "org_id", "organization_id"}) {
    const std::optional<json::Token> value = document.Find(object, name);
    if (value.has_value() && value->type == json::Type::kString && claims.account.empty()) {
      claims.account = document.Text(*value).value_or("");
    }
  }
}

bool ReadClaims(std::string_view token, Claims& claims) {
  constexpr size_t kMaxTokenBytes = 16 * 1024;
  const size_t first = token.find('.');
  const size_t second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (second == std::string_view::npos || token.size() > kMaxTokenBytes) return false;
  const PaddedBytes payload(DecodeBase64Url(token.substr(first + 1, second - first - 1)));
  json::Document document;
  if (!document.Parse(payload).ok() || document.root().type != json::Type::kObject) return false;
  const auto text = [&](std::string_view name) {
    const std::optional<json::Token> value = document.Find(document.root(), name);
    if (!value.has_value() || value->type != json::Type::kString) return std::string();
    return document.Text(*value).value_or("");
  };
  claims.issuer = text("iss");
  claims.subject = text("sub");
  ReadAccount(document, document.root(), claims);
  for (const json::Member& member : document.Members(document.root())) {
    if (member.value.type == json::Type::kObject) ReadAccount(document, member.value, claims);
  }
  return !claims.subject.empty();
}

// Keys of the providers begin so; logins of Anthropic do too, but rotate.
bool IsKey(std::string_view bearer) { return bearer.starts_with("sk-") && !bearer.starts_with("sk-ant-oat"); }

constexpr std::string_view kBearer = "bearer ";

bool IsBearer(std::string_view authorization) {
  return net::EqualsIgnoreCase(authorization.substr(0, kBearer.size()), kBearer);
}

std::string_view TokenOf(std::string_view bearer) {
  const size_t begin = bearer.find_first_not_of(' ', kBearer.size() - 1);
  return begin == std::string_view::npos ? std::string_view() : bearer.substr(begin);
}

// Every credential that a provider might look at, each value once.
std::vector<std::string_view> Presented(const net::HeaderList& headers) {
  std::vector<std::string_view> values;
  const auto add = [&](std::string_view value) {
    if (!value.empty() && std::find(values.begin(), values.end(), value) == values.end()) values.push_back(value);
  };
  for (size_t i = 0; i < headers.size(); ++i) {
    const net::HeaderList::Field field = headers[i];
    const bool authorization = net::EqualsIgnoreCase(field.name, "authorization");
    // A key counts as the same in either header.
    const bool key_in_bearer = authorization && IsBearer(field.value) && IsKey(TokenOf(field.value));
    const bool key = net::EqualsIgnoreCase(field.name, "x-api-key") || net::EqualsIgnoreCase(field.name, "api-key") ||
                     net::EqualsIgnoreCase(field.name, "x-goog-api-key");
    if (key || authorization) add(key_in_bearer ? TokenOf(field.value) : field.value);
  }
  return values;
}

Credential Key(std::string_view key) {
  const Hash128 tenant = Digest({"key", key});
  return {Credential::Kind::kKey, tenant, tenant};
}

}  // namespace

Result<TenantRule> TenantRule::Parse(std::string_view text) {
  if (text == "credential") return TenantRule{};
  if (text == "single") return TenantRule{By::kSingle, {}};
  if (text.starts_with("header:") && text.size() > 7) return TenantRule{By::kHeader, std::string(text.substr(7))};
  return Status(Code::kInvalidArgument, "tenant is credential, single or header:NAME");
}

Credential ReadCredential(const net::HeaderList& headers, const TenantRule& rule) {
  if (rule.by == TenantRule::By::kSingle) return Key("single");
  if (rule.by == TenantRule::By::kHeader) {
    const std::string_view value = headers.Find(rule.header).value_or("");
    const Hash128 tenant = Digest({"header", value});
    return {Credential::Kind::kKey, tenant, tenant};
  }
  const std::vector<std::string_view> presented = Presented(headers);
  if (presented.empty()) {
    const Hash128 nobody = Digest({"none"});
    return {Credential::Kind::kNone, nobody, nobody};
  }
  if (presented.size() > 1) {
    std::string all;
    for (const std::string_view value : presented) all.append(std::to_string(value.size())).append(":").append(value);
    return Key(all);
  }
  if (!IsBearer(presented[0])) return Key(presented[0]);
  const std::string_view bearer = TokenOf(presented[0]);
  const Hash128 token = Digest({"bearer", bearer});
  Claims claims;
  if (ReadClaims(bearer, claims)) {
    return {Credential::Kind::kJwt, token, Digest({"jwt", claims.issuer, claims.subject, claims.account})};
  }
  return {Credential::Kind::kOpaque, token, token};
}

}  // namespace headroom::proxy
