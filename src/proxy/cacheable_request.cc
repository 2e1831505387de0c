#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "proxy/cacheable.h"
#include "proxy/reply_json.h"

namespace headroom::proxy {
namespace {

// Members that bring tools or a provider's state into play, if they say anything.
constexpr std::string_view kRulesOut[] = {"background",  "container",         "conversation",         "functions",
                                          "mcp_servers", "plugins",           "previous_response_id", "prompt",
                                          "tools",       "web_search_options"};

// Header fields that carry a request and change nothing of its answer; names that end in '*' are
// beginnings. Whatever is not here is in the key.
constexpr std::string_view kTransportOnly[] = {"baggage",
                                               "cache-control",
                                               "content-length",
                                               "date",
                                               "expect",
                                               "forwarded",
                                               "host",
                                               "idempotency-key",
                                               "pragma",
                                               "sentry-trace",
                                               "traceparent",
                                               "tracestate",
                                               "user-agent",
                                               "via",
                                               "x-amzn-trace-id",
                                               "x-client-request-id",
                                               "x-cloud-trace-context",
                                               "x-forwarded-*",
                                               "x-headroom-*",
                                               "x-real-ip",
                                               "x-request-id",
                                               "x-stainless-*"};

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return lower;
}

bool IsTransportOnly(std::string_view name) {
  return std::any_of(std::begin(kTransportOnly), std::end(kTransportOnly), [&](std::string_view pattern) {
    return pattern.ends_with('*') ? name.starts_with(pattern.substr(0, pattern.size() - 1)) : name == pattern;
  });
}

// "0", "-0.0", "0e3": exactly nothing, however it is spelled.
bool IsZero(std::string_view number) {
  const std::string_view digits = number.substr(0, number.find_first_of("eE"));
  return digits.find_first_not_of("-0.") == std::string_view::npos;
}

// A directive of Cache-Control, trimmed, in lower case, without quotes.
template <typename Sink>
void EachDirective(std::string_view value, Sink&& sink) {
  while (!value.empty()) {
    const size_t end = std::min(value.find(','), value.size());
    std::string directive;
    for (const char c : LowerCase(value.substr(0, end))) {
      if (c != ' ' && c != '\t' && c != '"') directive.push_back(c);
    }
    sink(directive);
    value.remove_prefix(std::min(end + 1, value.size()));
  }
}

void AppendPart(std::string_view part, std::string& out) {
  out.append(std::to_string(part.size())).append(":").append(part);
}

}  // namespace

CacheControl ReadCacheControl(const net::HeaderList& headers) {
  CacheControl control;
  for (size_t i = 0; i < headers.size(); ++i) {
    if (!net::EqualsIgnoreCase(headers[i].name, "cache-control")) continue;
    EachDirective(headers[i].value, [&](std::string_view directive) {
      const bool no_store = directive == "no-store";
      if (no_store || directive == "no-cache" || directive == "max-age=0") control.may_answer = false;
      if (no_store) control.may_keep = false;
    });
  }
  return control;
}

std::optional<CacheableRequest> ReadCacheable(Api api, const json::Document& document) {
  if (document.root().type != json::Type::kObject) return std::nullopt;
  CacheableRequest request;
  int temperatures = 0;
  bool stores = api == Api::kResponses;  // what the provider does where the request does not say
  for (const json::Member& member : document.Members(document.root())) {
    const std::string name = document.Text(member.key).value_or("");
    const std::string_view raw = document.Raw(member.value);
    if (name == "temperature") {
      ++temperatures;
      request.deterministic = member.value.type == json::Type::kNumber && IsZero(raw);
    } else if (name == "stream") {
      request.streams = raw == "true";
    } else if (name == "store") {
      stores = raw != "false";
    } else if (std::find(std::begin(kRulesOut), std::end(kRulesOut), name) != std::end(kRulesOut)) {
      if (Says(document, member.value) && raw != "false") return std::nullopt;
    }
  }
  if (stores) return std::nullopt;
  // Which of two a server takes is its own affair.
  request.deterministic = request.deterministic && temperatures == 1;
  return request;
}

store::CacheKey CacheKeyOf(const CacheSubject& subject) {
  net::HeaderList headers = subject.request.headers;
  headers.RemoveHopByHop();
  std::vector<std::pair<std::string, std::string_view>> fields;
  for (size_t i = 0; i < headers.size(); ++i) {
    std::string name = LowerCase(headers[i].name);
    const bool off = name == "x-headroom-optimize";  // changes what is asked
    if (off || !IsTransportOnly(name)) fields.emplace_back(std::move(name), headers[i].value);
  }
  // Fields of one name keep their order.
  std::stable_sort(fields.begin(), fields.end(), [](const auto& a, const auto& b) { return a.first < b.first; });

  std::string all;
  all.reserve(subject.body.size() + 2048);
  const auto tenant = subject.tenant.Bytes();
  AppendPart({tenant.data(), tenant.size()}, all);
  const std::string count = std::to_string(fields.size());
  const std::string_view parts[] = {subject.upstream, subject.request.method, subject.path, subject.request.query(),
                                    count};
  for (const std::string_view part : parts) {
    AppendPart(part, all);
  }
  for (const auto& [name, value] : fields) {
    AppendPart(name, all);
    AppendPart(value, all);
  }
  AppendPart(subject.body, all);
  return {subject.tenant, Sha256(all)};
}

bool MayBeKept(const net::ResponseHead& head, bool streams) {
  const std::string_view type = head.headers.Find("content-type").value_or("");
  const std::string_view wanted = streams ? "text/event-stream" : "application/json";
  return head.status == 200 && net::EqualsIgnoreCase(type.substr(0, wanted.size()), wanted) &&
         ReadCacheControl(head.headers).may_keep;
}

}  // namespace headroom::proxy
