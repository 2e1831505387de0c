#include "proxy/retrieve_tool.h"

#include <algorithm>

#include "base/bytes.h"
#include "json/document.h"
#include "proxy/context_marker.h"
#include "proxy/request_view.h"
#include "text/line_text.h"
#include "text/lookup.h"

namespace headroom::proxy {
namespace {

constexpr size_t kIdSize = 24;
constexpr size_t kQueryTokens = 4'000;
constexpr size_t kMinTokens = 500;

constexpr std::string_view kDescription =
    "A tool result that ends in \\\"Retrieve more: hash=...\\\" is an excerpt of an intact original. Call this with "
    "that "
    "hash when you need what it omits, with a query for only what fits it.";
constexpr std::string_view kSchema =
    R"({"type":"object","properties":{"hash":{"type":"string"},"query":{"type":"string"}},"required":["hash"]})";

// Of the hashes written one after the other.
bool Names(std::string_view named, std::string_view hash) {
  for (size_t at = 0; at + kIdSize <= named.size(); at += kIdSize) {
    if (named.substr(at, kIdSize) == hash) return true;
  }
  return false;
}

}  // namespace

std::string RetrieveToolDefinition(Api api) {
  std::string out = api == Api::kChat        ? R"({"type":"function","function":{"name":")"
                    : api == Api::kResponses ? R"({"type":"function","name":")"
                                             : R"({"name":")";
  out.append(kRetrieveTool).append(R"(","description":")").append(kDescription);
  out.append(api == Api::kMessages ? R"(","input_schema":)" : R"(","parameters":)").append(kSchema);
  // Responses takes a schema for a strict one, where each property is required, unless told.
  return out.append(api == Api::kChat ? "}}" : api == Api::kResponses ? R"(,"strict":false})" : "}");
}

RetrieveCall ReadRetrieveCall(std::string_view arguments) {
  const PaddedBytes bytes(arguments);
  json::Document document;
  if (!document.Parse(bytes).ok() || document.root().type != json::Type::kObject) return {};
  const auto text = [&](std::string_view key) {
    const std::optional<json::Token> token = document.Find(document.root(), key);
    return token.has_value() ? document.Text(*token).value_or("") : std::string();
  };
  return {text::LowerCase(text("hash")), text("query")};
}

AskedBefore::AskedBefore(Api api, std::string_view body) {
  const PaddedBytes bytes(body);
  json::Document document;
  if (!document.Parse(bytes).ok()) return;
  const Result<RequestView> view = ReadRequest(api, document);
  if (!view.ok()) return;
  for (const Block& block : view->blocks) {
    if (block.kind != BlockKind::kToolCall || !IsRetrieveTool(block.tool_name)) continue;
    const RetrieveCall call = ReadRetrieveCall(ArgumentsOf(document, block));
    if (call.query.empty() && IsOriginalId(call.hash)) ++times_[call.hash];
  }
}

void Asker::Note(const RetrieveCall& call, const store::Original& original, size_t items) const {
  log.Add(tenant, {.hash = call.hash,
                   .query = call.query,
                   .items = items,
                   .total_items = std::max(items, ItemsOf(original)),
                   .tool_name = original.tool_name,
                   .upstream = original.upstream});
  if (lessons != nullptr) {
    lessons->Retrieved(tenant, original,
                       {.query = call.query, .page = call.page.value_or(0), .whole = items >= ItemsOf(original)});
  }
}

bool IsOriginalId(std::string_view hash) {
  return hash.size() == kIdSize && hash.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

size_t ItemsOf(const store::Original& original) {
  if (original.items != 0) return original.items;
  return static_cast<size_t>(std::count(original.text.begin(), original.text.end(), '\n')) + 1;
}

Result<store::Original> OpenOriginal(const RetrieveCall& call, const Asker& asker) {
  Result<store::Original> original = Status(Code::kInvalidArgument, "not a hash");
  if (IsOriginalId(call.hash)) {
    const store::Fetch fetch = call.query.empty() ? store::Fetch::kWhole : store::Fetch::kPart;
    original = asker.store.GetOriginal(asker.tenant, call.hash, fetch);
    const bool named = Names(asker.named, call.hash);
    if (original.ok() && !named && !asker.tenants.Proven(asker.credential, original->upstream)) {
      original = Status(Code::kNotFound, "not proven");
    }
  }
  if (!original.ok()) asker.log.Miss();
  return original;
}

std::string_view WhyNothing(const Status& status) {
  switch (status.code()) {
    case Code::kInvalidArgument:
      return "The hash must be the 24 hexadecimal digits of a \"Retrieve more: hash=...\" marker.";
    case Code::kUnavailable:
      return "The store does not answer at the moment; try once more.";
    default:
      return "Nothing is kept under this hash. Run the tool again to see its output.";
  }
}

std::string Readable(const store::Original& original) {
  return original.tool_name == kDroppedContextTool ? ReadableMessages(original.text) : original.text;
}

// Of a large text the beginning shows it.
bool Exceeds(std::string_view text, size_t tokens) {
  constexpr size_t kAmpleBytesPerToken = 16;
  return text::EstimateTokens(text.substr(0, tokens * kAmpleBytesPerToken)) > tokens ||
         (text.size() > tokens * kAmpleBytesPerToken && text::EstimateTokens(text) > tokens);
}

std::string AnswerFrom(const store::Original& original, const RetrieveCall& call, size_t tokens, size_t* items) {
  if (items != nullptr) *items = ItemsOf(original);
  std::string text = Readable(original);
  // A remainder of less than half a page is not worth a call.
  const size_t whole = call.page.has_value() ? std::min(tokens, kPageTokens * 3 / 2) : tokens;
  if (call.query.empty() && !Exceeds(text, whole)) return text;
  const text::Lookup found = !call.query.empty()     ? text::LookUp(text, call.query, std::min(tokens, kQueryTokens))
                             : call.page.has_value() ? text::ReadPage(text, *call.page, kPageTokens, tokens)
                                                     : text::LookUp(text, {}, tokens);
  if (items != nullptr) *items = found.found.size();
  std::string answer = found.Text();
  if (!call.query.empty()) {
    if (!found.matched) answer.insert(0, "Nothing fits the query; this is the beginning.\n");
    return answer.append("Other parts: call again with another query.");
  }
  answer.append(call.page.has_value() ? "The next part, twice as long: call again with this hash. Another: query \""
                                      : "Other parts: call again with query \"");
  return answer.append(found.unit).append(" 100-200\" or what it is about.");
}

std::vector<std::string> AnswerRetrieveCalls(const std::vector<HeldCall>& calls, const Asker& asker,
                                             const AnswerSpace& space, AskedBefore& asked) {
  if (space.tokens < kMinTokens) {
    return std::vector<std::string>(calls.size(), "The context is full; nothing more can be opened.");
  }
  std::vector<std::string> answers;
  size_t left = space.tokens;
  for (const HeldCall& held : calls) {
    if (answers.size() >= kMaxAnsweredCalls) {
      answers.emplace_back("Too many calls at once.");
      continue;
    }
    RetrieveCall call = ReadRetrieveCall(held.arguments);
    if (call.query.empty()) call.page = asked.Count(call.hash);
    answers.push_back(AnswerRetrieveCall(call, asker, std::min(left, space.each)));
    left -= std::min(left, text::EstimateTokens(answers.back()));
  }
  return answers;
}

std::string AnswerRetrieveCall(const RetrieveCall& call, const Asker& asker, size_t tokens) {
  if (tokens < kMinTokens) return "Too much was opened at once. Call again for this one alone.";
  const Result<store::Original> original = OpenOriginal(call, asker);
  if (!original.ok()) return std::string(WhyNothing(original.status()));
  size_t items = 0;
  std::string answer = AnswerFrom(*original, call, tokens, &items);
  asker.Note(call, *original, items);
  return answer;
}

}  // namespace headroom::proxy
