#include "cli/running_proxy.h"

#include "cli/banner.h"
#include "json/document.h"

namespace headroom::cli {

Result<HttpAnswer> CallProxy(const Config& config, const std::string& path) {
  HttpCall call;
  call.url = LocalUrl(config) + path;
  call.ca_file = config.tls_cert.empty() ? config.ca_file : config.tls_cert;
  call.connect_timeout = std::chrono::milliseconds(2'000);
  if (!config.admin_token.empty()) call.headers.emplace_back("x-headroom-admin-token", config.admin_token);
  return Call(call);
}

AtAddress LookAtAddress(const Config& config) {
  const Result<HttpAnswer> answer = CallProxy(config, "/health");
  if (!answer.ok()) {
    const std::string detail = answer.status().detail();
    const bool refused = detail.find("refused") != std::string::npos;
    return {refused ? AtAddress::What::kNothing : AtAddress::What::kSomethingElse, detail};
  }
  const PaddedBytes body(answer->body);
  json::Document document;
  if (answer->head.status == 200 && document.Parse(body).ok() && document.root().type == json::Type::kObject) {
    const std::optional<json::Token> version = document.Find(document.root(), "version");
    const std::optional<json::Token> optimize = document.Find(document.root(), "optimize");
    if (version && optimize) return {AtAddress::What::kHeadroom, document.Text(*version).value_or("")};
  }
  return {AtAddress::What::kSomethingElse, "it answers " + std::to_string(answer->head.status) + " on /health"};
}

}  // namespace headroom::cli
