// Any bytes as what asks for an original, by path, by query string, by body and as a
// call of the tool: each answer is JSON, and a proper question opens it.
// Input: the original, 0x1E, the question.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "json/document.h"
#include "json/strings.h"
#include "proxy/retrieve.h"
#include "proxy/retrieve_tool.h"

namespace {

using namespace headroom;

void Require(bool holds) {
  if (!holds) std::abort();
}

bool IsJson(std::string_view text) {
  const PaddedBytes bytes(text);
  json::Document document;
  return document.Parse(bytes).ok();
}

class Endpoint {
 public:
  explicit Endpoint(std::string_view text) : id_(ContentId(text)) {
    store::Original original;
    original.text = text;
    original.id = id_;
    original.tenant = credential_.tenant;
    store_->PutOriginal(original);
  }

  int Ask(std::string method, std::string target, std::string_view body) {
    net::RequestHead request;
    request.method = std::move(method);
    request.target = std::move(target);
    const proxy::Reply reply = proxy::Retrieve(request, body, credential_, {tenants_, *store_, log_});
    Require(IsJson(reply.body));
    return reply.head.status;
  }

  const std::string& id() const { return id_; }

 private:
  const std::string id_;
  const proxy::Credential credential_{proxy::Credential::Kind::kKey, {1, 1}, {1, 1}};
  std::unique_ptr<store::Store> store_ = *store::Store::Open({}, Clock::System());
  proxy::Tenants tenants_{*store_};
  proxy::RetrievalLog log_{Clock::System()};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view all(reinterpret_cast<const char*>(data), size);
  const size_t end = all.find('\x1e');
  if (end == std::string_view::npos) return 0;
  const std::string_view question = all.substr(end + 1);
  // Originals come out of JSON.
  if (!IsJson(json::Quote(all.substr(0, end)))) return 0;
  Endpoint endpoint(all.substr(0, end));

  endpoint.Ask("GET", "/v1/retrieve/" + std::string(question), "");
  endpoint.Ask("POST", "/v1/retrieve", question);
  endpoint.Ask("POST", "/v1/retrieve/tool_call", question);
  const int status = endpoint.Ask("GET", "/v1/retrieve/" + endpoint.id() + "?query=" + std::string(question), "");
  Require(status == 200 || status == 400);
  if (const std::string quoted = json::Quote(question); IsJson(quoted)) {
    const std::string arguments = R"({"query":)" + quoted + R"(,"hash":")" + endpoint.id() + "\"}";
    Require(endpoint.Ask("POST", "/v1/retrieve", arguments) == 200);
    const std::string call = R"({"name":"headroom_retrieve","id":)" + quoted + R"(,"input":)" + arguments + "}";
    Require(endpoint.Ask("POST", "/v1/retrieve/tool_call", R"({"tool_call":)" + call + "}") == 200);
  }
  Require(endpoint.Ask("GET", "/v1/retrieve/stats", "") == 200);
  return 0;
}
