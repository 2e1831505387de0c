#include "proxy/guard.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>

#include "base/log.h"
#include "proxy/host_names.h"

namespace headroom::proxy {
namespace {

constexpr size_t kMaxTokenBytes = 4096;  // of one that is presented

enum class Surface { kOpen, kAdmin, kClients };

Surface SurfaceOf(const net::RequestHead& request, const Route& route) {
  constexpr Route::Kind kAdmin[] = {Route::Kind::kLearning, Route::Kind::kCacheClear, Route::Kind::kDashboard};
  if (std::find(std::begin(kAdmin), std::end(kAdmin), route.kind) != std::end(kAdmin)) return Surface::kAdmin;
  if (route.kind != Route::Kind::kOperations) return Surface::kClients;
  const std::string_view path = request.path();
  const bool open = path == "/health" || path == "/livez" || path == "/readyz";
  return open ? Surface::kOpen : Surface::kAdmin;
}

std::optional<Sha256Digest> DigestOf(const std::string& token) {
  if (token.empty()) return std::nullopt;
  return Sha256(token);
}

// Of the digests, so that the time tells nothing of the token's length either.
bool IsToken(std::string_view presented, const Sha256Digest& digest) {
  if (presented.empty() || presented.size() > kMaxTokenBytes) return false;
  const Sha256Digest other = Sha256(presented);
  return CRYPTO_memcmp(other.data(), digest.data(), digest.size()) == 0;
}

// The password of "user:password" in base64 (RFC 7617).
std::string PasswordOf(std::string_view encoded) {
  if (encoded.empty() || encoded.size() > kMaxTokenBytes || encoded.size() % 4 != 0) return "";
  std::string decoded(encoded.size() / 4 * 3, '\0');
  const int size =
      EVP_DecodeBlock(reinterpret_cast<unsigned char*>(decoded.data()),
                      reinterpret_cast<const unsigned char*>(encoded.data()), static_cast<int>(encoded.size()));
  if (size < 0) return "";
  decoded.resize(static_cast<size_t>(size));
  for (int i = 0; i < 2 && encoded.ends_with('='); ++i) {  // EVP_DecodeBlock counts the padding in
    encoded.remove_suffix(1);
    decoded.pop_back();
  }
  const size_t colon = decoded.find(':');
  return colon == std::string::npos ? "" : decoded.substr(colon + 1);
}

bool TakeScheme(std::string_view scheme, std::string_view& value) {
  if (value.size() <= scheme.size() || !net::EqualsIgnoreCase(value.substr(0, scheme.size()), scheme)) return false;
  value.remove_prefix(scheme.size());
  return true;
}

// "Bearer TOKEN", or TOKEN as the password of "Basic".
bool Authorizes(std::string_view value, const Sha256Digest& token) {
  if (TakeScheme("bearer ", value)) return IsToken(value, token);
  return TakeScheme("basic ", value) && IsToken(PasswordOf(value), token);
}

// In `plain` as it is, or in `authorization` with a scheme.
bool Presents(const net::HeaderList& headers, std::string_view plain, std::string_view authorization,
              const Sha256Digest& token) {
  bool presented = false;
  for (size_t i = 0; i < headers.size(); ++i) {
    const net::HeaderList::Field field = headers[i];
    if (net::EqualsIgnoreCase(field.name, plain)) presented |= IsToken(field.value, token);
    if (net::EqualsIgnoreCase(field.name, authorization)) presented |= Authorizes(field.value, token);
  }
  return presented;
}

// What a reverse proxy on this machine passes on comes from anywhere.
bool IsForwarded(const net::HeaderList& headers) {
  return headers.Has("forwarded") || headers.Has("x-forwarded-for") || headers.Has("x-real-ip");
}

// For a sentence: short, and without what a terminal would obey.
std::string Shown(std::string_view text) {
  constexpr size_t kMost = 100;
  std::string shown(text.substr(0, kMost));
  std::replace_if(
      shown.begin(), shown.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return shown + (text.size() > kMost ? "..." : "");
}

bool HostAllowed(std::string_view host, const std::vector<std::string>& listed) {
  return IsLocalhost(host) || IsAddress(host) || IsListed(host, listed);
}

// A page has an address as its origin as easily as a name: only this machine's count.
bool OriginAllowed(std::string_view origin, const std::string& host, const std::vector<std::string>& listed) {
  if (origin == "null") return IsListed("null", listed);
  const WebOrigin page = ParseOrigin(origin);
  if (page.host.empty()) return IsListed("*", listed);
  if (page.scheme != "http" && page.scheme != "https") return true;  // an editor's or an extension's own page
  return IsLocalhost(page.host) || IsLoopbackAddress(page.host) || page.host == host || IsListed(page.host, listed);
}

}  // namespace

Guard::Guard(GuardRules rules, Metrics& metrics) : metrics_(metrics) { Use(std::move(rules)); }

void Guard::Use(GuardRules rules) {
  auto prepared = std::make_shared<Prepared>();
  prepared->proxy_token = DigestOf(rules.proxy_token);
  prepared->admin_token = DigestOf(rules.admin_token);
  for (std::string& host : rules.allowed_hosts) {
    std::transform(host.begin(), host.end(), host.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    prepared->allowed_hosts.push_back(std::move(host));
  }
  rules_.store(std::move(prepared));
}

std::optional<Guard::Reason> Guard::CheckNames(const net::RequestHead& request, const Prepared& rules) {
  const std::optional<std::string_view> authority = request.headers.Find("host");
  const std::string host = HostOf(authority.value_or(""));
  // Without the field it is HTTP/1.0, which no browser speaks.
  if (authority.has_value() && !HostAllowed(host, rules.allowed_hosts)) {
    return Reason{"host", 403,
                  "headroom: the host '" + Shown(*authority) +
                      "' is none of this proxy's names; allowed_hosts (--allowed-hosts) takes more"};
  }
  for (size_t i = 0; i < request.headers.size(); ++i) {
    const net::HeaderList::Field field = request.headers[i];
    if (!net::EqualsIgnoreCase(field.name, "origin") || OriginAllowed(field.value, host, rules.allowed_hosts)) continue;
    return Reason{"origin", 403,
                  "headroom: the page '" + Shown(field.value) +
                      "' may not use this proxy; allowed_hosts (--allowed-hosts) takes its name"};
  }
  return std::nullopt;
}

std::optional<Guard::Reason> Guard::CheckTokens(const net::RequestHead& request, std::string_view peer,
                                                const Route& route, const Prepared& rules) {
  const Surface surface = SurfaceOf(request, route);
  if (surface == Surface::kClients && rules.proxy_token.has_value() &&
      !Presents(request.headers, "x-headroom-token", "proxy-authorization", *rules.proxy_token)) {
    return Reason{"proxy_token", 401, "headroom: this proxy asks for its token in the header x-headroom-token"};
  }
  if (surface != Surface::kAdmin) return std::nullopt;
  if (!rules.admin_token.has_value()) {
    if (IsLoopbackAddress(peer) && !IsForwarded(request.headers)) return std::nullopt;
    return Reason{"admin_peer", 403,
                  "headroom: this path is for the machine that the proxy runs on; with admin_token (--admin-token) "
                  "others may use it, too"};
  }
  if (Presents(request.headers, "x-headroom-admin-token", "authorization", *rules.admin_token)) return std::nullopt;
  return Reason{"admin_token", 401,
                "headroom: this path asks for the admin token, as a bearer or in the header x-headroom-admin-token"};
}

void Guard::Count(const Reason& reason, std::string_view peer) {
  metrics_.refused.Add(reason.name);
  const bool first = metrics_.refused.snapshot()[reason.name] == 1;
  const auto level = first ? log::Level::kWarning : log::Level::kDebug;
  log::Write(level, "request refused",
             {{"reason", reason.name}, {"peer", std::string(peer)}, {"why", reason.sentence}});
}

std::optional<Reply> Guard::Refuse(const net::RequestHead& request, std::string_view peer, const Route& route) {
  const std::shared_ptr<const Prepared> rules = rules_.load();
  std::optional<Reason> reason = CheckNames(request, *rules);
  if (!reason.has_value()) reason = CheckTokens(request, peer, route, *rules);
  if (!reason.has_value()) return std::nullopt;
  Count(*reason, peer);
  Reply reply = ErrorReply(route.api, reason->status, reason->sentence);
  // For the admin token a browser asks its user, and sends it from then on.
  const bool admin = SurfaceOf(request, route) == Surface::kAdmin;
  if (reason->status == 401) {
    reply.head.headers.Add("www-authenticate", admin ? R"(Basic realm="headroom", charset="UTF-8")" : "Headroom");
  }
  return reply;
}

}  // namespace headroom::proxy
