#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <sstream>
#include <vector>

#include "json/document.h"
#include "json/strings.h"
#include "proxy/operations.h"

namespace headroom::proxy {
namespace {

constexpr std::string_view kPath = "/v1/retrieve";
constexpr size_t kIdSize = 24;
constexpr size_t kMaxResults = 20;

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

std::vector<std::string> WordsOf(const std::string& text) {
  std::vector<std::string> words;
  std::istringstream stream(text);
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

// The lines with most words of the query, in their order; the whole text when
// none has any.
std::vector<std::string_view> LinesFor(std::string_view text, const std::string& query) {
  const std::vector<std::string> words = WordsOf(Lower(query));
  std::vector<std::string_view> best;
  size_t most = 1;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const std::string lower = Lower(line);
    const auto has = [&](const std::string& word) { return lower.find(word) != std::string::npos; };
    const auto count = static_cast<size_t>(std::count_if(words.begin(), words.end(), has));
    if (count > most) best.clear();
    most = std::max(most, count);
    if (count == most && best.size() < kMaxResults) best.push_back(line);
  }
  return best;
}

Reply Matches(const Asked& asked, const store::Original& original) {
  std::vector<std::string_view> results = LinesFor(original.text, asked.query);
  if (results.empty()) results.emplace_back(original.text);
  std::string out = R"({"hash":")" + asked.hash + R"(","query":)" + json::Quote(asked.query) + R"(,"results":[)";
  for (const std::string_view result : results) {
    if (out.back() != '[') out.push_back(',');
    json::AppendQuoted(result, out);
  }
  out += "],\"count\":" + std::to_string(results.size()) + "}";
  return JsonReply(200, std::move(out));
}

Reply Whole(const std::string& hash, const store::Original& original) {
  const auto lines = std::count(original.text.begin(), original.text.end(), '\n') + 1;
  std::string out = R"({"hash":")" + hash + R"(","original_content":)";
  json::AppendQuoted(original.text, out);
  // Renditions are lossless: as many items stand in them.
  out += fmt::format(
      R"(,"original_tokens":{},"compressed_tokens":{},"original_item_count":{},"compressed_item_count":{},"tool_name":)",
      original.tokens, original.tokens_after, lines, lines);
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
