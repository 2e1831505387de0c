#include "proxy/host_names.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

namespace headroom::proxy {
namespace {

constexpr size_t kMaxHostBytes = 255;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsPort(std::string_view text) { return text.size() <= 5 && std::all_of(text.begin(), text.end(), IsDigit); }

// What stands in names and addresses, with '%' for an address's zone.
bool IsHostCharacter(char c) {
  return IsDigit(c) || (c >= 'a' && c <= 'z') || c == '.' || c == '-' || c == '_' || c == ':' || c == '%';
}

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return lower;
}

bool IsV4(std::string_view host, in_addr& address) {
  return inet_pton(AF_INET, std::string(host).c_str(), &address) == 1;
}

bool IsV6(std::string_view host, in6_addr& address) {
  return inet_pton(AF_INET6, std::string(host.substr(0, host.find('%'))).c_str(), &address) == 1;
}

bool IsLoopback(const in_addr& address) { return ntohl(address.s_addr) >> 24 == 127; }

}  // namespace

std::string HostOf(std::string_view authority) {
  std::string_view host = authority;
  std::string_view port;
  if (authority.starts_with('[')) {
    const size_t end = authority.find(']');
    if (end == std::string_view::npos) return "";
    host = authority.substr(1, end - 1);
    port = authority.substr(end + 1);
    if (!port.empty() && port.front() != ':') return "";
    if (!port.empty()) port.remove_prefix(1);
  } else if (const size_t colon = authority.find(':'); colon != std::string_view::npos) {
    host = authority.substr(0, colon);
    port = authority.substr(colon + 1);
  }
  if (!IsPort(port)) return "";
  if (host.ends_with('.')) host.remove_suffix(1);
  std::string lower = LowerCase(host);
  const bool plausible =
      !lower.empty() && lower.size() <= kMaxHostBytes && std::all_of(lower.begin(), lower.end(), IsHostCharacter);
  return plausible ? lower : "";
}

bool IsAddress(std::string_view host) {
  in_addr v4{};
  in6_addr v6{};
  return IsV4(host, v4) || IsV6(host, v6);
}

bool IsLoopbackAddress(std::string_view host) {
  in_addr v4{};
  if (IsV4(host, v4)) return IsLoopback(v4);
  in6_addr v6{};
  if (!IsV6(host, v6)) return false;
  if (IN6_IS_ADDR_V4MAPPED(&v6)) {
    std::memcpy(&v4, v6.s6_addr + 12, sizeof(v4));
    return IsLoopback(v4);
  }
  return IN6_IS_ADDR_LOOPBACK(&v6);
}

bool IsLocalhost(std::string_view host) { return host == "localhost" || host.ends_with(".localhost"); }

bool IsListed(std::string_view host, const std::vector<std::string>& patterns) {
  const auto fits = [host](const std::string& pattern) {
    if (pattern == "*" || pattern == host) return true;
    if (!pattern.starts_with("*.")) return false;
    const std::string_view below = std::string_view(pattern).substr(1);
    return host.size() > below.size() && host.ends_with(below);
  };
  return std::any_of(patterns.begin(), patterns.end(), fits);
}

WebOrigin ParseOrigin(std::string_view origin) {
  const size_t colon = origin.find("://");
  if (colon == std::string_view::npos || colon == 0) return {};
  WebOrigin parsed{LowerCase(origin.substr(0, colon)), HostOf(origin.substr(colon + 3))};
  return parsed.host.empty() ? WebOrigin() : parsed;
}

}  // namespace headroom::proxy
