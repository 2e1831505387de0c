#include "proxy/response_object.h"

#include <algorithm>
#include <vector>

#include "proxy/reply_json.h"

namespace headroom::proxy {
namespace {

// Calls that the provider itself carries out.
constexpr std::string_view kHosted[] = {"web_search_call", "file_search_call", "code_interpreter_call",
                                        "image_generation_call", "mcp_call"};

std::string TypeOf(const json::Document& document, const json::Token& item) {
  const std::string type = TextAt(document, item, "type");
  return type.empty() && Inside(document, item, "role").has_value() ? "message" : type;
}

// An element with the comma that it no longer needs.
ByteSpan WithComma(const std::vector<json::Token>& elements, size_t at) {
  if (at > 0) return {elements[at - 1].span.end, elements[at].span.end};
  const uint32_t end = elements.size() > 1 ? elements[1].span.begin : elements[0].span.end;
  return {elements[0].span.begin, end};
}

Status LeaveToolOut(const json::Document& document, const json::Token& response, std::string_view tool,
                    json::EditList& edits) {
  const std::optional<json::Token> tools = Inside(document, response, "tools");
  if (!tools.has_value() || tools->type != json::Type::kArray) return Status();
  const std::vector<json::Token> elements = document.Elements(*tools);
  for (size_t i = elements.size(); i-- > 0;) {
    if (TextAt(document, elements[i], "name") == tool) return edits.Replace(WithComma(elements, i), "");
  }
  return Status();
}

Status AddUsage(const json::Document& document, const json::Token& response, const SaidTokens& earlier,
                json::EditList& edits) {
  const std::optional<json::Token> usage = Inside(document, response, "usage");
  if (!usage.has_value()) return Status();
  const auto add = [&](const json::Token& object, std::string_view key, uint64_t count) {
    const std::optional<uint64_t> last = NumberAt(document, object, key);
    if (!last.has_value() || count == 0) return Status();
    return edits.Replace(Inside(document, object, key)->span, std::to_string(*last + count));
  };
  if (Status status = add(*usage, "output_tokens", earlier.total); !status.ok()) return status;
  if (Status status = add(*usage, "total_tokens", earlier.total); !status.ok()) return status;
  const std::optional<json::Token> details = Inside(document, *usage, "output_tokens_details");
  if (!details.has_value()) return Status();
  for (const auto& [key, count] : earlier.details) {
    if (Status status = add(*details, key, count); !status.ok()) return status;
  }
  return Status();
}

}  // namespace

void SaidTokens::Add(const json::Document& document, const json::Token& response) {
  const std::optional<json::Token> usage = Inside(document, response, "usage");
  if (!usage.has_value()) return;
  total += NumberAt(document, *usage, "output_tokens").value_or(0);
  const std::optional<json::Token> object = Inside(document, *usage, "output_tokens_details");
  if (!object.has_value() || object->type != json::Type::kObject) return;
  for (const json::Member& member : document.Members(*object)) {
    const std::string key = document.Text(member.key).value_or("");
    const std::optional<uint64_t> count = NumberAt(document, *object, key);
    if (count.has_value()) details[key] += *count;
  }
}

Status EditResponse(const json::Document& document, const json::Token& response, const ShownResponse& shown,
                    json::EditList& edits) {
  const auto set = [&](std::string_view key, const std::optional<std::string>& value) {
    const std::optional<json::Token> token = Inside(document, response, key);
    if (!value.has_value() || !token.has_value() || document.Raw(*token) == *value) return Status();
    return edits.Replace(token->span, *value);
  };
  if (Status status = set("id", shown.id); !status.ok()) return status;
  if (Status status = set("previous_response_id", shown.previous); !status.ok()) return status;
  if (Status status = set("output", shown.output); !status.ok()) return status;
  if (shown.earlier != nullptr) {
    if (Status status = AddUsage(document, response, *shown.earlier, edits); !status.ok()) return status;
  }
  return LeaveToolOut(document, response, shown.tool, edits);
}

bool IsCallOf(std::string_view tool, const json::Document& document, const json::Token& item) {
  return TextAt(document, item, "type") == "function_call" && TextAt(document, item, "name") == tool;
}

bool IsOfModel(const json::Document& document, const json::Token& item) {
  const std::string type = TypeOf(document, item);
  if (type == "message") return TextAt(document, item, "role") == "assistant";
  return !type.ends_with("_output") && type != "mcp_approval_response" && type != "additional_tools";
}

bool IsReasoning(const json::Document& document, const json::Token& item) {
  if (TypeOf(document, item) == "reasoning") return true;
  return TypeOf(document, item) == "item_reference" && TextAt(document, item, "id").starts_with("rs_");
}

bool AsksClient(const json::Document& document, const json::Token& item) {
  const std::string type = TypeOf(document, item);
  if (type == "mcp_approval_request") return true;
  return type.ends_with("_call") && std::find(std::begin(kHosted), std::end(kHosted), type) == std::end(kHosted);
}

void AddShownItem(const json::Document& document, const json::Token& item, VisibleMessage& visible) {
  ++visible.blocks;
  if (IsReasoning(document, item)) ++visible.thinking;
  visible.last_item = TextAt(document, item, "id");
  const std::string type = TypeOf(document, item);
  visible.referred = type == "item_reference";
  if (type.ends_with("_call")) {
    const std::string id = TextAt(document, item, "call_id");
    if (!id.empty()) visible.AddCall(id);
  }
  if (type != "message") return;
  const std::optional<json::Token> content = Inside(document, item, "content");
  if (!content.has_value()) return;
  if (content->type == json::Type::kString) visible.AddText(document.Text(*content).value_or(""));
  if (content->type != json::Type::kArray) return;
  for (const json::Token& part : document.Elements(*content)) visible.AddText(TextAt(document, part, "text"));
}

void AppendElement(std::string_view element, std::string& list) {
  if (element.empty()) return;
  list.append(list.empty() ? "" : ",").append(element);
}

}  // namespace headroom::proxy
