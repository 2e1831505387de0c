#include "proxy/retrieve.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "json/document.h"
#include "json/strings.h"
#include "proxy/retrieve_tool.h"
#include "text/line_text.h"
#include "text/lookup.h"

namespace headroom::proxy {
namespace {

constexpr std::string_view kPath = "/v1/retrieve";
constexpr std::string_view kStatsPath = "/v1/retrieve/stats";
constexpr std::string_view kToolCallPath = "/v1/retrieve/tool_call";
constexpr size_t kMaxTokens = 4'000;  // of what answers a query

Reply BadRequest(std::string_view detail) { return JsonReply(400, fmt::format(R"({{"detail":"{}"}})", detail)); }

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

// False for bytes that no JSON could hold: they are no UTF-8.
bool FitsJson(std::string_view text) {
  const PaddedBytes bytes(json::Quote(text));
  json::Document document;
  return document.Parse(bytes).ok();
}

RetrieveCall ReadGet(const net::RequestHead& request) {
  RetrieveCall asked;
  if (request.path().size() > kPath.size() + 1) asked.hash = text::LowerCase(request.path().substr(kPath.size() + 1));
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
std::string Matches(const RetrieveCall& asked, const store::Original& original, size_t& found) {
  const std::string text = Readable(original);
  text::Lookup lookup = text::LookUp(text, asked.query, kMaxTokens);
  if (!lookup.matched) lookup.found = {{1, text}};
  found = lookup.matched ? lookup.found.size() : lookup.total;
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
  return fmt::format(R"({{"hash":"{}","query":{},"results":[{}],"count":{},"unit":"{}","numbers":[{}],"total":{}}})",
                     asked.hash, json::Quote(asked.query), results, lookup.found.size(), lookup.unit, numbers,
                     lookup.total);
}

std::string Whole(const std::string& hash, const store::Original& original) {
  std::string out = R"({"hash":")" + hash + R"(","original_content":)";
  json::AppendQuoted(original.text, out);
  out += fmt::format(
      R"(,"original_tokens":{},"compressed_tokens":{},"original_item_count":{},"compressed_item_count":{},"tool_name":)",
      original.tokens, original.tokens_after, ItemsOf(original),
      original.items == 0 ? std::string("null") : std::to_string(original.items_after));
  json::AppendQuoted(original.tool_name, out);
  return out + fmt::format(R"(,"retrieval_count":{}}})", original.retrievals);
}

std::string Body(const RetrieveCall& call, const store::Original& original, const Asker& asker) {
  size_t found = ItemsOf(original);
  std::string body = call.query.empty() ? Whole(call.hash, original) : Matches(call, original, found);
  asker.Note(call, original, found);
  return body;
}

Reply Refusal(const Status& status, const Asker& asker) {
  if (status.code() == Code::kUnavailable) {
    return JsonReply(503, R"({"detail":"the store does not answer; try again"})");
  }
  std::string_view hint;
  if (asker.credential.kind == Credential::Kind::kNone) {
    hint = "; originals are kept for the key that sent them: ask with that key";
  }
  return JsonReply(404, fmt::format(R"({{"detail":"Entry not found or expired{}"}})", hint));
}

Reply Original(const RetrieveCall& call, const Asker& asker) {
  if (call.hash.empty()) return BadRequest("hash required");
  const Result<store::Original> original = OpenOriginal(call, asker);
  if (!original.ok()) return Refusal(original.status(), asker);
  return JsonReply(200, Body(call, *original, asker));
}

// A call of our tool as a client holds it.
struct ToolCall {
  enum class Shape { kMessages, kChat, kResponses, kOther };
  Shape shape = Shape::kOther;
  std::string id;
  std::string name;
  RetrieveCall asked;
};

ToolCall ReadToolCall(const json::Document& document, const json::Token& call, std::string_view provider) {
  ToolCall out;
  const std::optional<json::Token> function = document.Find(call, "function");
  const json::Token& named = function.has_value() && function->type == json::Type::kObject ? *function : call;
  const auto text = [&](const json::Token& object, std::string_view key) {
    const std::optional<json::Token> token = document.Find(object, key);
    return token.has_value() ? document.Text(*token).value_or("") : std::string();
  };
  const bool responses = text(call, "type") == "function_call";
  if (provider == "anthropic") out.shape = ToolCall::Shape::kMessages;
  if (provider == "openai") out.shape = responses ? ToolCall::Shape::kResponses : ToolCall::Shape::kChat;
  out.name = text(named, "name");
  out.id = text(call, responses ? "call_id" : "id");
  std::optional<json::Token> arguments = document.Find(named, "input");
  if (!arguments.has_value()) arguments = document.Find(named, "arguments");
  if (!arguments.has_value()) return out;
  out.asked = ReadRetrieveCall(arguments->type == json::Type::kString ? document.Text(*arguments).value_or("")
                                                                      : std::string(document.Raw(*arguments)));
  return out;
}

std::string ToolResult(const ToolCall& call, const std::string& text) {
  const std::string id = json::Quote(call.id);
  const std::string content = json::Quote(text);
  switch (call.shape) {
    case ToolCall::Shape::kMessages:
      return fmt::format(R"({{"type":"tool_result","tool_use_id":{},"content":{}}})", id, content);
    case ToolCall::Shape::kChat:
      return fmt::format(R"({{"role":"tool","tool_call_id":{},"content":{}}})", id, content);
    case ToolCall::Shape::kResponses:
      return fmt::format(R"({{"type":"function_call_output","call_id":{},"output":{}}})", id, content);
    case ToolCall::Shape::kOther:
      break;
  }
  return fmt::format(R"({{"tool_call_id":{},"content":{}}})", id, content);
}

Reply AnswerToolCall(std::string_view body, const Asker& asker) {
  const PaddedBytes bytes(body);
  json::Document document;
  if (!document.Parse(bytes).ok() || document.root().type != json::Type::kObject) {
    return BadRequest("a JSON object with tool_call required");
  }
  const std::optional<json::Token> token = document.Find(document.root(), "tool_call");
  if (!token.has_value() || token->type != json::Type::kObject) return BadRequest("tool_call required");
  const std::optional<json::Token> provider = document.Find(document.root(), "provider");
  const ToolCall call =
      ReadToolCall(document, *token, provider.has_value() ? document.Text(*provider).value_or("") : "anthropic");
  if (!IsRetrieveTool(call.name)) return BadRequest("not a call of headroom_retrieve");
  if (!IsOriginalId(call.asked.hash)) return BadRequest("a hash of 24 hexadecimal digits required");
  const Result<store::Original> original = OpenOriginal(call.asked, asker);
  if (original.status().code() == Code::kUnavailable) return Refusal(original.status(), asker);
  const std::string text =
      original.ok() ? AnswerFrom(*original, call.asked, kMaxAnswerTokens) : std::string(WhyNothing(original.status()));
  const std::string data =
      original.ok() ? Body(call.asked, *original, asker)
                    : fmt::format(R"({{"error":"Entry not found or expired","hash":"{}"}})", call.asked.hash);
  return JsonReply(
      200, fmt::format(R"({{"tool_result":{},"success":{},"data":{}}})", ToolResult(call, text), original.ok(), data));
}

// Oldest schema fields first: what tools of this kind read.
Reply Stats(const Asker& asker) {
  store::OriginalsOfUpstream own;
  const Result<std::vector<store::OriginalsOfUpstream>> sums = asker.store.OriginalsOf(asker.tenant);
  if (!sums.ok()) return Refusal(sums.status(), asker);
  for (const store::OriginalsOfUpstream& sum : *sums) {
    if (!asker.tenants.Proven(asker.credential, sum.upstream)) continue;
    own.count += sum.count;
    own.bytes += sum.bytes;
    own.tokens += sum.tokens;
    own.tokens_after += sum.tokens_after;
  }
  std::string recent;
  size_t shown = 0;
  for (const Retrieval& retrieval : asker.log.Recent(asker.tenant)) {
    if (!asker.tenants.Proven(asker.credential, retrieval.upstream)) continue;
    if (shown++ > 0) recent.push_back(',');
    recent += fmt::format(
        R"({{"hash":"{}","query":{},"items_retrieved":{},"total_items":{},"tool_name":{},"retrieval_type":"{}","timestamp":{:.3f}}})",
        retrieval.hash, retrieval.query.empty() ? "null" : json::Quote(retrieval.query), retrieval.items,
        retrieval.total_items, json::Quote(retrieval.tool_name), retrieval.query.empty() ? "full" : "search",
        static_cast<double>(retrieval.unix_millis) / 1000);
  }
  const RetrievalLog::Totals totals = shown == 0 ? RetrievalLog::Totals{} : asker.log.TotalsOf(asker.tenant);
  const store::Stats all = asker.store.stats();
  std::string body = fmt::format(
      R"({{"store":{{"entry_count":{},"max_entries":null,"total_original_bytes":{},"total_original_tokens":{},)"
      R"("total_compressed_tokens":{},"total_retrievals":{},"event_count":{},)",
      own.count, own.bytes, own.tokens, own.tokens_after, totals.whole + totals.by_query, shown);
  body += fmt::format(
      R"("backend":{{"backend_type":"{}","entry_count":{},"bytes_used":{},"max_bytes":{},"ttl_seconds":{}}}}},)"
      R"("recent_retrievals":[{}]}})",
      all.disk_ok ? "sqlite" : "memory", all.originals, all.stored_bytes, all.original_budget_bytes,
      all.original_ttl_seconds, recent);
  return JsonReply(200, std::move(body));
}

}  // namespace

Reply Retrieve(const net::RequestHead& request, std::string_view body, const Credential& credential,
               const RetrieveParts& parts) {
  const Asker asker{credential,   parts.tenants.Known(credential), parts.tenants, parts.store, parts.log, {},
                    parts.lessons};
  const bool post = request.method == "POST";
  if (post && request.path() == kToolCallPath) return AnswerToolCall(body, asker);
  if (post && request.path() == kPath) return Original(ReadRetrieveCall(body), asker);
  if (request.method != "GET") return JsonReply(405, R"({"detail":"method not allowed"})");
  if (request.path() == kStatsPath) return Stats(asker);
  const RetrieveCall asked = ReadGet(request);
  if (!FitsJson(asked.query)) return BadRequest("the query is not UTF-8");
  return Original(asked, asker);
}

}  // namespace headroom::proxy
