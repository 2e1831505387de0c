#include "net/url.h"

#include <algorithm>
#include <boost/asio/ip/address_v6.hpp>
#include <charconv>
#include <utility>

#include "net/message.h"

namespace headroom::net {
namespace {

constexpr size_t kMaxHostBytes = 253;  // RFC 1035 2.3.4, as text
constexpr size_t kMaxUrlBytes = 8192;
constexpr uint16_t kHttpPort = 80;
constexpr uint16_t kHttpsPort = 443;

Status Invalid(std::string sentence) { return {Code::kInvalidArgument, std::move(sentence)}; }

bool IsHostCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

Result<uint16_t> ParsePort(std::string_view text) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0 || port > 65535) {
    return Invalid("the URL's port must be a number from 1 to 65535");
  }
  return static_cast<uint16_t>(port);
}

Result<std::string> ParseHost(std::string_view text, bool bracketed) {
  std::string host(text);
  for (char& c : host) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  if (bracketed) {
    boost::system::error_code error;
    boost::asio::ip::make_address_v6(host, error);
    if (error || host.find('%') != std::string::npos) return Invalid("the URL's IPv6 address is not valid");
    return host;
  }
  if (host.empty()) return Invalid("the URL has no host");
  if (host.size() > kMaxHostBytes) return Invalid("the URL's host is too long");
  if (!std::all_of(host.begin(), host.end(), IsHostCharacter)) {
    return Invalid("the URL's host has a character that no host name has");
  }
  return host;
}

}  // namespace

std::string HostAndPort(const Endpoint& endpoint) {
  const bool v6 = endpoint.host.find(':') != std::string::npos;
  return (v6 ? "[" + endpoint.host + "]" : endpoint.host) + ":" + std::to_string(endpoint.port);
}

Result<Endpoint> ParseAuthority(std::string_view text, bool tls, uint16_t default_port) {
  std::string_view host = text;
  std::string_view port;
  bool has_port = false;
  const bool bracketed = text.starts_with('[');
  if (bracketed) {
    const size_t close = text.find(']');
    if (close == std::string_view::npos) return Invalid("the URL's IPv6 address has no closing bracket");
    host = text.substr(1, close - 1);
    port = text.substr(close + 1);
    has_port = !port.empty();
    if (has_port && port.front() != ':') return Invalid("the URL has text after its IPv6 address");
  } else if (const size_t colon = text.find(':'); colon != std::string_view::npos) {
    host = text.substr(0, colon);
    port = text.substr(colon);
    has_port = true;
  }
  Result<std::string> parsed_host = ParseHost(host, bracketed);
  if (!parsed_host.ok()) return parsed_host.status();
  Endpoint endpoint{tls, std::move(*parsed_host), default_port};
  if (has_port) {
    const Result<uint16_t> parsed_port = ParsePort(port.substr(1));
    if (!parsed_port.ok()) return parsed_port.status();
    endpoint.port = *parsed_port;
  }
  return endpoint;
}

Result<Url> ParseUrl(std::string_view text) {
  if (text.size() > kMaxUrlBytes) return Invalid("the URL is too long");
  const size_t scheme_end = text.find("://");
  if (scheme_end == std::string_view::npos) return Invalid("the URL must begin with http:// or https://");
  const std::string_view scheme = text.substr(0, scheme_end);
  const bool tls = EqualsIgnoreCase(scheme, "https");
  if (!tls && !EqualsIgnoreCase(scheme, "http")) return Invalid("the URL must begin with http:// or https://");

  const std::string_view rest = text.substr(scheme_end + 3);
  if (rest.find_first_of("?#") != std::string_view::npos) return Invalid("the URL must not have a query or fragment");
  const auto is_printable = [](char c) { return c > ' ' && c < '\x7f'; };
  if (!std::all_of(rest.begin(), rest.end(), is_printable)) {
    return Invalid("the URL has a space, control or non-ASCII character");
  }
  const size_t path_begin = std::min(rest.find('/'), rest.size());
  const std::string_view authority = rest.substr(0, path_begin);
  if (authority.find('@') != std::string_view::npos) return Invalid("the URL must not hold a user name or password");

  const uint16_t default_port = tls ? kHttpsPort : kHttpPort;
  Result<Endpoint> endpoint = ParseAuthority(authority, tls, default_port);
  if (!endpoint.ok()) return endpoint.status();
  Url url;
  url.authority = HostAndPort(*endpoint);
  if (endpoint->port == default_port) url.authority.erase(url.authority.rfind(':'));
  url.endpoint = std::move(*endpoint);
  std::string_view path = rest.substr(path_begin);
  while (path.ends_with('/')) path.remove_suffix(1);
  url.path = path;
  return url;
}

}  // namespace headroom::net
