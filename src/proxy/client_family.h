// Which kind of client sent a request, by its User-Agent. Thread-safe.

#pragma once

#include <string>
#include <string_view>

namespace headroom::proxy {

// "Claude Code", "Codex", "OpenAI SDK", ...; for others the first product of the
// header without its version, at most 32 letters, digits and "-_. "; "unknown"
// where it has none.
std::string ClientFamily(std::string_view user_agent);

}  // namespace headroom::proxy
