#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "json/document.h"
#include "json/strings.h"
#include "proxy/operations.h"

namespace headroom::proxy {
namespace {

constexpr std::string_view kPath = "/v1/retrieve";
constexpr size_t kIdSize = 24;

Reply NotFound() { return JsonReply(404, R"({"detail":"Entry not found or expired"})"); }

Reply BadRequest() { return JsonReply(400, R"({"detail":"hash required"})"); }

// The hash a request asks for; "" when it names none.
std::string AskedHash(const net::RequestHead& request, std::string_view body) {
  std::string hash;
  if (request.method == "POST") {
    const PaddedBytes bytes(body);
    json::Document document;
    if (!document.Parse(bytes).ok() || document.root().type != json::Type::kObject) return {};
    const std::optional<json::Token> token = document.Find(document.root(), "hash");
    if (!token.has_value() || token->type != json::Type::kString) return {};
    hash = document.Text(*token).value_or("");
  } else if (request.path().size() > kPath.size() + 1) {
    hash = request.path().substr(kPath.size() + 1);
  }
  for (char& c : hash) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return hash;
}

}  // namespace

Reply Retrieve(const net::RequestHead& request, std::string_view body, const Credential& credential, Tenants& tenants,
               store::Store& store) {
  const bool post = request.method == "POST" && request.path() == kPath;
  if (!post && request.method != "GET") return JsonReply(405, R"({"detail":"method not allowed"})");
  const std::string hash = AskedHash(request, body);
  if (hash.empty()) return BadRequest();
  const bool is_id = hash.size() == kIdSize && hash.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (!is_id) return NotFound();
  const Result<store::Original> original = store.GetOriginal(tenants.Known(credential), hash);
  if (original.status().code() == Code::kUnavailable) {
    return JsonReply(503, R"({"detail":"the store does not answer; try again"})");
  }
  // A login that its upstream has not accepted yet may be forged.
  if (!original.ok() || !tenants.Proven(credential, original->upstream)) return NotFound();

  const auto lines = std::count(original->text.begin(), original->text.end(), '\n') + 1;
  std::string out = R"({"hash":")" + hash + R"(","original_content":)";
  json::AppendQuoted(original->text, out);
  out += fmt::format(R"(,"original_tokens":{},"compressed_tokens":{},"original_item_count":{},"tool_name":)",
                     original->tokens, original->tokens_after, lines);
  json::AppendQuoted(original->tool_name, out);
  out += fmt::format(R"(,"retrieval_count":{}}})", original->retrievals);
  return JsonReply(200, std::move(out));
}

}  // namespace headroom::proxy
