#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "json/document.h"
#include "json/strings.h"
#include "proxy/operations.h"
#include "text/lookup.h"

namespace headroom::proxy {
namespace {

constexpr std::string_view kPath = "/v1/retrieve";
constexpr size_t kIdSize = 24;
constexpr size_t kMaxTokens = 4'000;  // of what answers a query

Reply NotFound() { return JsonReply(404, R"({"detail":"Entry not found or expired"})"); }

Reply BadRequest() { return JsonReply(400, R"({"detail":"hash required"})"); }

// "%41+b" is "A b". Malformed escapes stay as they are.
std::string FromQueryString(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const bool coded = text.size() >= 3 && text[0] == '%' && std::isxdigit(static_cast<unsigned char>(text[1])) != 0 &&
                       std::isxdigit(static_cast<unsigned char>(text[2])) != 0;
    out.push_back(coded ? static_cast<char>(std::stoi(std::string(text.substr(1, 2)), nullptr, 16))
                        : (text[0] == '+' ? ' ' : text[0]));
    text.remove_prefix(coded ? 3 : 1);
  }
  return out;
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower;
}

// What a request asks for; an empty hash when it names none.
struct Asked {
  std::string hash;
  std::string query;
};

Asked ReadPost(std::string_view body) {
  const PaddedBytes bytes(body);
  json::Document document;
  if (!document.Parse(bytes).ok() || document.root().type != json::Type::kObject) return {};
  const auto text = [&](std::string_view key) {
    const std::optional<json::Token> token = document.Find(document.root(), key);
    return token.has_value() ? document.Text(*token).value_or("") : std::string();
  };
  return {Lower(text("hash")), text("query")};
}

Asked ReadGet(const net::RequestHead& request) {
  Asked asked;
  if (request.path().size() > kPath.size() + 1) asked.hash = Lower(request.path().substr(kPath.size() + 1));
  constexpr std::string_view kName = "query=";
  std::string_view rest = request.query();
  while (!rest.empty()) {
    rest.remove_prefix(1);  // '?' or '&'
    const std::string_view pair = rest.substr(0, rest.find('&'));
    if (pair.starts_with(kName)) asked.query = FromQueryString(pair.substr(kName.size()));
    rest.remove_prefix(pair.size());
  }
  return asked;
}

// The best lines or elements with their numbers; the whole text when nothing
// of the query stands in it.
Reply Matches(const Asked& asked, const store::Original& original) {
  text::Lookup lookup = text::LookUp(original.text, asked.query, kMaxTokens);
  if (!lookup.matched) lookup.found = {{1, original.text}};
  std::string results;
  std::string numbers;
  for (const text::Lookup::Unit& unit : lookup.found) {
    if (!results.empty()) {
      results.push_back(',');
      numbers.push_back(',');
    }
    json::AppendQuoted(unit.text, results);
    numbers.append(std::to_string(unit.number));
  }
  return JsonReply(
      200, fmt::format(R"({{"hash":"{}","query":{},"results":[{}],"count":{},"unit":"{}","numbers":[{}],"total":{}}})",
                       asked.hash, json::Quote(asked.query), results, lookup.found.size(), lookup.unit, numbers,
                       lookup.total));
}

Reply Whole(const std::string& hash, const store::Original& original) {
  const auto lines = std::count(original.text.begin(), original.text.end(), '\n') + 1;
  std::string out = R"({"hash":")" + hash + R"(","original_content":)";
  json::AppendQuoted(original.text, out);
  // How many of them an excerpt shows stands in its own marker and is not kept here.
  out += fmt::format(
      R"(,"original_tokens":{},"compressed_tokens":{},"original_item_count":{},"compressed_item_count":null,"tool_name":)",
      original.tokens, original.tokens_after, lines);
  json::AppendQuoted(original.tool_name, out);
  out += fmt::format(R"(,"retrieval_count":{}}})", original.retrievals);
  return JsonReply(200, std::move(out));
}

}  // namespace

Reply Retrieve(const net::RequestHead& request, std::string_view body, const Credential& credential, Tenants& tenants,
               store::Store& store) {
  const bool post = request.method == "POST" && request.path() == kPath;
  if (!post && request.method != "GET") return JsonReply(405, R"({"detail":"method not allowed"})");
  const Asked asked = post ? ReadPost(body) : ReadGet(request);
  if (asked.hash.empty()) return BadRequest();
  const bool is_id =
      asked.hash.size() == kIdSize && asked.hash.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (!is_id) return NotFound();
  const Result<store::Original> original = store.GetOriginal(tenants.Known(credential), asked.hash);
  if (original.status().code() == Code::kUnavailable) {
    return JsonReply(503, R"({"detail":"the store does not answer; try again"})");
  }
  // A login that its upstream has not accepted yet may be forged.
  if (!original.ok() || !tenants.Proven(credential, original->upstream)) return NotFound();
  return asked.query.empty() ? Whole(asked.hash, *original) : Matches(asked, *original);
}

}  // namespace headroom::proxy
