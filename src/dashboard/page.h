// The dashboard's page: one HTML document with its styles, scripts and icon in
// it, made at build time from page/ by pack/pack_page.mjs. It loads nothing but
// /dashboard/data, /dashboard/events and /dashboard/requests/ of its own host.
// Thread-safe.

#pragma once

#include <string_view>

namespace headroom::dashboard {

std::string_view Page();
// The Content-Security-Policy under which it runs: its own inline scripts and
// styles by their hashes, connections to its own host, nothing else.
std::string_view PagePolicy();

}  // namespace headroom::dashboard
