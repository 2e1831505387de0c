#include "net/connect_proxy.h"

#include <openssl/evp.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <cstdlib>
#include <utility>

#include "net/message.h"

namespace headroom::net {
namespace {

constexpr uint16_t kDefaultProxyPort = 80;

std::string Base64(std::string_view bytes) {
  std::string encoded((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()),
                      reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  encoded.resize(static_cast<size_t>(size));
  return encoded;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string PercentDecode(std::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && HexDigit(text[i + 1]) >= 0 && HexDigit(text[i + 2]) >= 0) {
      decoded.push_back(static_cast<char>(HexDigit(text[i + 1]) * 16 + HexDigit(text[i + 2])));
      i += 2;
    } else {
      decoded.push_back(text[i]);
    }
  }
  return decoded;
}

// "http://user:password@host:port/"; the scheme, the credentials and the slash
// may be missing.
Result<ProxyServer> ParseProxy(std::string_view text) {
  if (const size_t scheme_end = text.find("://"); scheme_end != std::string_view::npos) {
    if (!EqualsIgnoreCase(text.substr(0, scheme_end), "http")) {
      return Status(Code::kInvalidArgument, "only http:// proxies are supported");
    }
    text.remove_prefix(scheme_end + 3);
  }
  ProxyServer proxy;
  if (const size_t at = text.rfind('@'); at != std::string_view::npos) {
    std::string credentials = PercentDecode(text.substr(0, at));
    if (credentials.find(':') == std::string::npos) credentials.push_back(':');
    proxy.authorization = "Basic " + Base64(credentials);
    text.remove_prefix(at + 1);
  }
  while (text.ends_with('/')) text.remove_suffix(1);
  Result<Endpoint> endpoint = ParseAuthority(text, false, kDefaultProxyPort);
  if (!endpoint.ok()) return endpoint.status();
  proxy.endpoint = std::move(*endpoint);
  return proxy;
}

struct Found {
  std::string name;
  std::string value;
};

// The first variable of `names` that is set to something.
std::optional<Found> FirstSet(const ProxySettings::Variables& variables, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    const char* const value = variables(name);
    if (value != nullptr && *value != '\0') return Found{name, value};
  }
  return std::nullopt;
}

Result<std::optional<ProxyServer>> ReadProxy(const std::optional<Found>& found) {
  if (!found) return std::optional<ProxyServer>();
  Result<ProxyServer> proxy = ParseProxy(found->value);
  if (!proxy.ok()) return Status(Code::kInvalidArgument, found->name + ": " + proxy.status().detail());
  return std::optional<ProxyServer>(std::move(*proxy));
}

bool IsLoopback(std::string_view host) {
  if (host == "localhost" || host.ends_with(".localhost")) return true;
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(host, error);
  return !error && address.is_loopback();
}

}  // namespace

Result<ProxySettings> ProxySettings::FromEnvironment() {
  return From([](const char* name) -> const char* { return std::getenv(name); });
}

Result<ProxySettings> ProxySettings::From(const Variables& variables) {
  auto https = ReadProxy(FirstSet(variables, {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}));
  if (!https.ok()) return https.status();
  auto http = ReadProxy(FirstSet(variables, {"http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"}));
  if (!http.ok()) return http.status();

  ProxySettings settings;
  settings.https_ = std::move(*https);
  settings.http_ = std::move(*http);
  if (const auto found = FirstSet(variables, {"no_proxy", "NO_PROXY"})) {
    std::string_view rest = found->value;
    while (!rest.empty()) {
      const size_t end = std::min(rest.find_first_of(", \t"), rest.size());
      if (auto exception = ParseException(rest.substr(0, end))) settings.exceptions_.push_back(std::move(*exception));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  return settings;
}

std::optional<ProxySettings::Exception> ProxySettings::ParseException(std::string_view text) {
  if (text.empty()) return std::nullopt;
  if (text == "*") return Exception{"*", 0, false};
  boost::system::error_code error;
  const auto bare_address = boost::asio::ip::make_address(text, error);
  if (!error) return Exception{bare_address.to_string(), 0, true};

  if (text.starts_with("*.")) text.remove_prefix(1);
  while (text.starts_with('.')) text.remove_prefix(1);
  Result<Endpoint> endpoint = ParseAuthority(text, false, 0);
  if (!endpoint.ok()) return std::nullopt;
  const auto address = boost::asio::ip::make_address(endpoint->host, error);
  if (!error) return Exception{address.to_string(), endpoint->port, true};
  return Exception{std::move(endpoint->host), endpoint->port, false};
}

bool ProxySettings::Excepted(const Endpoint& endpoint) const {
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(endpoint.host, error);
  const std::string host = error ? endpoint.host : address.to_string();
  return std::any_of(exceptions_.begin(), exceptions_.end(), [&](const Exception& exception) {
    if (exception.port != 0 && exception.port != endpoint.port) return false;
    if (exception.host == "*" || exception.host == host) return true;
    if (exception.is_address || !error) return false;
    return host.size() > exception.host.size() && host.ends_with(exception.host) &&
           host[host.size() - exception.host.size() - 1] == '.';
  });
}

const ProxyServer* ProxySettings::For(const Endpoint& endpoint) const {
  const std::optional<ProxyServer>& proxy = endpoint.tls ? https_ : http_;
  if (!proxy || IsLoopback(endpoint.host) || Excepted(endpoint)) return nullptr;
  return &*proxy;
}

std::string ConnectRequest(const ProxyServer& proxy, const Endpoint& target) {
  const std::string authority = HostAndPort(target);
  std::string request = "CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n";
  if (!proxy.authorization.empty()) request += "Proxy-Authorization: " + proxy.authorization + "\r\n";
  return request + "\r\n";
}

}  // namespace headroom::net
