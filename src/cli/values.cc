#include "cli/values.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

#include "net/url.h"
#include "policy/budgets.h"
#include "store/sealer.h"

namespace headroom::cli {
namespace {

constexpr size_t kMaxLabelBytes = 64;
constexpr size_t kMaxHostBytes = 255;
constexpr size_t kMinTokenBytes = 8;
constexpr size_t kMaxTokenBytes = 1024;
constexpr int64_t kNanodollarsPerDollar = 1'000'000'000;

constexpr std::pair<std::string_view, Device> kDevices[] = {
    {"auto", Device::kAuto}, {"cuda", Device::kCuda}, {"cpu", Device::kCpu}, {"mps", Device::kMps}};
constexpr std::pair<std::string_view, Reads> kReads[] = {{"whole", Reads::kWhole}, {"fold", Reads::kFold}};
constexpr std::pair<std::string_view, proxy::Offer> kOffers[] = {
    {"auto", proxy::Offer::kAuto}, {"always", proxy::Offer::kAlways}, {"never", proxy::Offer::kNever}};
constexpr std::pair<std::string_view, Api> kApis[] = {
    {"messages", Api::kMessages}, {"chat", Api::kChat}, {"responses", Api::kResponses}};

Status Invalid(std::string_view value, std::string_view complaint) {
  return {Code::kInvalidArgument, "'" + std::string(value) + "' " + std::string(complaint)};
}

// The value of `name` in a table of names, and the other way round.
template <typename Value, size_t kSize>
const Value* ValueOf(const std::pair<std::string_view, Value> (&table)[kSize], std::string_view name) {
  for (const auto& [candidate, value] : table) {
    if (candidate == name) return &value;
  }
  return nullptr;
}

template <typename Value, size_t kSize>
std::string_view NameOf(const std::pair<std::string_view, Value> (&table)[kSize], Value value) {
  for (const auto& [name, candidate] : table) {
    if (candidate == value) return name;
  }
  return "";
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsAlphanumeric(char c) { return IsDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// The characters of an HTTP field name (RFC 9110, 5.6.2).
bool IsTokenCharacter(char c) {
  return IsAlphanumeric(c) || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

// Text of all-digit `text`; nothing when it overflows or is not that.
bool ReadDigits(std::string_view text, int64_t& value) {
  if (text.empty() || !std::all_of(text.begin(), text.end(), IsDigit)) return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

std::string_view Trim(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

}  // namespace

std::string_view ApiName(Api api) { return NameOf(kApis, api); }

Result<bool> ParseBool(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (lower == "true" || lower == "1" || lower == "yes" || lower == "on") return true;
  if (lower == "false" || lower == "0" || lower == "no" || lower == "off") return false;
  return Invalid(text, "is not true, 1, yes, on or false, 0, no, off");
}

Result<int64_t> ParseInteger(std::string_view text, int64_t min, int64_t max, std::string_view noun) {
  int64_t value = 0;
  if (ReadDigits(text, value) && value >= min && value <= max) return value;
  return Invalid(text, "is not " + std::string(noun) + " (" + std::to_string(min) + "-" + std::to_string(max) + ")");
}

Result<int64_t> ParseNanodollars(std::string_view text) {
  constexpr std::string_view kComplaint = "is not an amount in dollars, such as 100 or 0.25";
  const size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  std::string fraction(point == std::string_view::npos ? "0" : text.substr(point + 1));
  if (fraction.size() > 9) return Invalid(text, kComplaint);
  fraction.resize(fraction.empty() ? 0 : 9, '0');
  int64_t dollars = 0;
  int64_t rest = 0;
  if (!ReadDigits(whole, dollars) || !ReadDigits(fraction, rest)) return Invalid(text, kComplaint);
  if (dollars >= std::numeric_limits<int64_t>::max() / kNanodollarsPerDollar) return Invalid(text, kComplaint);
  return dollars * kNanodollarsPerDollar + rest;
}

Result<int64_t> ParseSpendingLimit(std::string_view text) {
  const Result<int64_t> budget = ParseNanodollars(text);
  if (budget.ok() && *budget > policy::Budgets::kMaxNanodollars) return Invalid(text, "is more than 9000000 dollars");
  return budget;
}

std::string FormatNanodollars(int64_t nanodollars) {
  std::string out = std::to_string(nanodollars / kNanodollarsPerDollar);
  std::string fraction = std::to_string(nanodollars % kNanodollarsPerDollar);
  fraction.insert(0, 9 - fraction.size(), '0');
  fraction.erase(fraction.find_last_not_of('0') + 1);
  if (!fraction.empty()) out.append(".").append(fraction);
  return out;
}

Result<double> ParseRate(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (whole && value > 0 && value <= 1) return value;
  return Invalid(text, "is not a rate greater than 0 and at most 1");
}

Result<TenantRule> ParseTenant(std::string_view text) {
  constexpr std::string_view kHeader = "header:";
  if (text == "credential") return TenantRule{TenantRule::Kind::kCredential, ""};
  if (text == "single") return TenantRule{TenantRule::Kind::kSingle, ""};
  if (text.starts_with(kHeader)) {
    const std::string_view name = text.substr(kHeader.size());
    if (!name.empty() && std::all_of(name.begin(), name.end(), IsTokenCharacter)) {
      return TenantRule{TenantRule::Kind::kHeader, std::string(name)};
    }
  }
  return Invalid(text, "is not credential, single or header:NAME");
}

std::string FormatTenant(const TenantRule& rule) {
  switch (rule.kind) {
    case TenantRule::Kind::kHeader:
      return "header:" + rule.header;
    case TenantRule::Kind::kSingle:
      return "single";
    case TenantRule::Kind::kCredential:
      break;
  }
  return "credential";
}

Result<Device> ParseDevice(std::string_view text) {
  if (const Device* device = ValueOf(kDevices, text)) return *device;
  return Invalid(text, "is not auto, cuda, cpu or mps");
}

std::string_view DeviceName(Device device) { return NameOf(kDevices, device); }

Result<proxy::Gaps> ParseGaps(std::string_view text) {
  if (const std::optional<proxy::Gaps> gaps = proxy::ParseGaps(text)) return *gaps;
  return Invalid(text, "is not auto, on or off");
}

Result<proxy::Offer> ParseOffer(std::string_view text) {
  if (const proxy::Offer* offer = ValueOf(kOffers, text)) return *offer;
  return Invalid(text, "is not auto, always or never");
}

std::string_view OfferName(proxy::Offer offer) { return NameOf(kOffers, offer); }

Result<Reads> ParseReads(std::string_view text) {
  if (const Reads* reads = ValueOf(kReads, text)) return *reads;
  return Invalid(text, "is not whole or fold");
}

std::string_view ReadsName(Reads reads) { return NameOf(kReads, reads); }

Result<std::vector<proxy::ToolProfile>> ParseToolProfiles(std::string_view list) {
  std::vector<proxy::ToolProfile> profiles;
  for (const std::string& item : ParseList(list)) {
    const size_t colon = item.rfind(':');
    std::optional<text::Level> level;
    if (colon != std::string::npos && colon > 0) level = proxy::ParseLevel(std::string_view(item).substr(colon + 1));
    if (!level.has_value()) return Invalid(item, "is not NAME:LEVEL with conservative, moderate, aggressive or off");
    profiles.push_back({item.substr(0, colon), *level});
  }
  return profiles;
}

std::string FormatToolProfiles(const std::vector<proxy::ToolProfile>& profiles) {
  std::string out;
  for (const proxy::ToolProfile& profile : profiles) {
    out.append(out.empty() ? "" : ",").append(profile.tool).append(":").append(proxy::LevelName(profile.level));
  }
  return out;
}

Result<Api> ParseApi(std::string_view text) {
  if (const Api* api = ValueOf(kApis, text)) return *api;
  return Invalid(text, "is not messages, chat or responses");
}

std::string_view LevelName(log::Level level) {
  switch (level) {
    case log::Level::kDebug:
      return "debug";
    case log::Level::kInfo:
      return "info";
    case log::Level::kWarning:
      return "warning";
    case log::Level::kError:
      return "error";
    case log::Level::kOff:
      break;
  }
  return "off";
}

std::vector<std::string> ParseList(std::string_view text) {
  std::vector<std::string> items;
  while (!text.empty()) {
    const size_t comma = text.find(',');
    const std::string_view item = Trim(text.substr(0, comma));
    if (!item.empty()) items.emplace_back(item);
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
  }
  return items;
}

Result<std::string> ParseLabel(std::string_view text) {
  const auto allowed = [](char c) { return IsAlphanumeric(c) || c == '.' || c == '_' || c == '-'; };
  if (text.size() <= kMaxLabelBytes && std::all_of(text.begin(), text.end(), allowed)) return std::string(text);
  return Invalid(text, "is not a label of at most 64 letters, digits, '.', '_' and '-'");
}

Result<std::string> ParseHost(std::string_view text) {
  const auto allowed = [](char c) {
    return IsAlphanumeric(c) || c == '.' || c == '-' || c == '_' || c == ':' || c == '%';
  };
  const bool one_colon = std::count(text.begin(), text.end(), ':') == 1;
  if (!text.empty() && text.size() <= kMaxHostBytes && !one_colon && std::all_of(text.begin(), text.end(), allowed)) {
    return std::string(text);
  }
  return Invalid(text, "is not a host name or address");
}

Result<std::vector<std::string>> ParseHostPatterns(std::string_view list) {
  std::vector<std::string> patterns = ParseList(list);
  for (const std::string& pattern : patterns) {
    std::string_view name = pattern;
    if (name == "*") continue;
    if (name.starts_with("*.")) name.remove_prefix(2);
    if (!ParseHost(name).ok() || name.find_first_of(":%") != std::string_view::npos) {
      return Invalid(pattern, "is not a host name without a port, *.NAME or *");
    }
  }
  return patterns;
}

Result<std::string> ParseEncryptionKey(std::string_view text) {
  const Status status = store::Sealer::FromText(text).status();
  if (!status.ok()) return status;
  return std::string(text);
}

Result<std::string> ParseToken(std::string_view text) {
  const auto visible = [](char c) { return c > ' ' && c <= '~'; };
  if (text.size() >= kMinTokenBytes && text.size() <= kMaxTokenBytes &&
      std::all_of(text.begin(), text.end(), visible)) {
    return std::string(text);
  }
  return Status(Code::kInvalidArgument, "a token has 8 to 1,024 visible characters");
}

Result<std::string> ParseBaseUrl(std::string_view text) {
  const Result<net::Url> url = net::ParseUrl(text);
  if (!url.ok()) return url.status();  // does not repeat the text: it may hold a password
  std::string out(text);
  while (out.ends_with('/')) out.pop_back();
  return out;
}

std::string ExpandHome(std::string_view text, std::string_view home) {
  if (text == "~" || text.starts_with("~/")) return std::string(home).append(text.substr(1));
  return std::string(text);
}

}  // namespace headroom::cli
