#include "proxy/upstreams.h"

#include <algorithm>

#include "proxy/generation.h"

namespace headroom::proxy {
namespace {

bool IsOurs(std::string_view name) {
  constexpr std::string_view kPrefix = "x-headroom-";
  return name.size() >= kPrefix.size() && net::EqualsIgnoreCase(name.substr(0, kPrefix.size()), kPrefix);
}

bool IsCredential(std::string_view name) {
  return net::EqualsIgnoreCase(name, "authorization") || net::EqualsIgnoreCase(name, "x-api-key") ||
         net::EqualsIgnoreCase(name, "api-key");
}

// OpenAI's rows serve both of its APIs; a row's paths tell them apart where that is wanted.
Api FamilyOf(Api api) { return api == Api::kResponses ? Api::kChat : api; }

std::string JoinPath(std::string_view base, std::string_view path) {
  if (base.ends_with("/v1") && (path == "/v1" || path.starts_with("/v1/"))) path.remove_prefix(3);
  return std::string(base).append(path);
}

}  // namespace

bool Upstreams::ChoosesByModel() const {
  return std::any_of(rows_.begin(), rows_.end(), [](const Upstream& row) { return !row.models.empty(); });
}

const Upstream* Upstreams::Find(Api api, std::string_view path, std::string_view model) const {
  for (const Upstream& row : rows_) {
    const auto serves_model = [&](const std::string& pattern) { return MatchesGlob(pattern, model); };
    const auto serves_path = [&](const std::string& pattern) { return MatchesGlob(pattern, path); };
    if (FamilyOf(row.api) != FamilyOf(api)) continue;
    if (!row.models.empty() && std::none_of(row.models.begin(), row.models.end(), serves_model)) continue;
    if (!row.paths.empty() && std::none_of(row.paths.begin(), row.paths.end(), serves_path)) continue;
    return &row;
  }
  return nullptr;
}

net::RequestHead UpstreamHead(const Upstream& upstream, const Route& route, const net::RequestHead& request) {
  net::HeaderList end_to_end = request.headers;
  end_to_end.RemoveHopByHop();
  net::RequestHead head;
  head.method = request.method;
  head.target = JoinPath(upstream.url.path, route.path).append(request.query());
  head.headers.Add("Host", upstream.url.authority);
  for (size_t i = 0; i < end_to_end.size(); ++i) {
    const net::HeaderList::Field field = end_to_end[i];
    if (net::EqualsIgnoreCase(field.name, "host") || net::EqualsIgnoreCase(field.name, "content-length") ||
        net::EqualsIgnoreCase(field.name, "expect") || IsOurs(field.name)) {
      continue;
    }
    if (!upstream.key.empty() && IsCredential(field.name)) continue;
    head.headers.Add(field.name, field.value);
  }
  if (!upstream.key.empty() && upstream.api == Api::kMessages) head.headers.Add("x-api-key", upstream.key);
  if (!upstream.key.empty() && FamilyOf(upstream.api) == Api::kChat) {
    // Azure's own paths take the key in a field of its own.
    const bool azure = route.path.starts_with("/openai/");
    head.headers.Add(azure ? "api-key" : "authorization", azure ? upstream.key : "Bearer " + upstream.key);
  }
  return head;
}

}  // namespace headroom::proxy
