// Takes out of text what looks like a credential: keys of well-known services by
// their prefixes, bearer tokens, JSON web tokens, private keys. What has no shape
// (a password in prose) is not recognised.

#pragma once

#include <string>
#include <string_view>

namespace headroom::proxy {

inline constexpr std::string_view kRedacted = "[redacted]";

// `text` with kRedacted in place of each. JSON stays JSON. Cost: linear.
std::string Redacted(std::string text);

}  // namespace headroom::proxy
