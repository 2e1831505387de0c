// Reads and writes the texts of single values. An error's detail is the end of
// a sentence that begins with where the value came from:
//
//   HEADROOM_PORT: '99999' is not a port (1-65535)
//                  ^detail
//
// All errors are kInvalidArgument. Thread-safe.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/status.h"
#include "cli/config.h"

namespace headroom::cli {

// true, 1, yes, on; false, 0, no, off; in any case.
Result<bool> ParseBool(std::string_view text);

// Decimal digits only, within [min, max]. `noun` names it in the error: "a port".
Result<int64_t> ParseInteger(std::string_view text, int64_t min, int64_t max, std::string_view noun);

// Dollars as a decimal number with at most nine digits after the point, not
// negative: "100", "0.25". Exact.
Result<int64_t> ParseNanodollars(std::string_view text);
// The same up to nine million dollars, beyond which budgets are not counted.
Result<int64_t> ParseSpendingLimit(std::string_view text);
// The shortest decimal: "100", "0.25".
std::string FormatNanodollars(int64_t nanodollars);

// A decimal number in (0, 1].
Result<double> ParseRate(std::string_view text);

// "credential", "single", "header:NAME" with NAME a header field name.
Result<TenantRule> ParseTenant(std::string_view text);
std::string FormatTenant(const TenantRule& rule);

Result<Device> ParseDevice(std::string_view text);
std::string_view DeviceName(Device device);

Result<proxy::Gaps> ParseGaps(std::string_view text);

// "auto", "always", "never".
Result<proxy::Offer> ParseOffer(std::string_view text);
std::string_view OfferName(proxy::Offer offer);
Result<Reads> ParseReads(std::string_view text);
std::string_view ReadsName(Reads reads);

// "Bash:aggressive, mcp__*:off".
Result<std::vector<proxy::ToolProfile>> ParseToolProfiles(std::string_view list);
std::string FormatToolProfiles(const std::vector<proxy::ToolProfile>& profiles);

Result<Api> ParseApi(std::string_view text);
std::string_view LevelName(log::Level level);

// "Bash, Read" -> {"Bash", "Read"}; empty items are left out.
std::vector<std::string> ParseList(std::string_view text);

// At most 64 letters, digits, '.', '_', '-'; may be empty.
Result<std::string> ParseLabel(std::string_view text);

// An address or host name, without spaces, slashes or a port.
Result<std::string> ParseHost(std::string_view text);

// Host names without a port, "*.NAME" for those below one, "*", "null".
Result<std::vector<std::string>> ParseHostPatterns(std::string_view list);

// A key as store::Sealer::FromText takes it. The error does not repeat it.
Result<std::string> ParseEncryptionKey(std::string_view text);

// 8 to 1,024 visible ASCII characters. The error does not repeat them.
Result<std::string> ParseToken(std::string_view text);

// An absolute http or https URL that net::ParseUrl takes; a trailing slash is
// dropped.
Result<std::string> ParseBaseUrl(std::string_view text);

// "~" and "~/x" with `home` in place of the tilde; other text as it is.
std::string ExpandHome(std::string_view text, std::string_view home);

}  // namespace headroom::cli
