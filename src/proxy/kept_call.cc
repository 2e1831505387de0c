#include "proxy/kept_call.h"

#include <algorithm>
#include <cctype>

#include "base/bytes.h"
#include "json/strings.h"
#include "proxy/reply_json.h"
#include "proxy/retrieve_tool.h"

namespace headroom::proxy {
namespace {

constexpr std::string_view kCollections[] = {"/v1/responses/", "/openai/v1/responses/", "/openai/responses/"};
constexpr std::string_view kActions[] = {"input_tokens", "compact"};

// An error names the reply in its text.
std::string Replaced(std::string_view text, std::string_view from, std::string_view to) {
  std::string out;
  for (size_t at = 0;;) {
    const size_t found = text.find(from, at);
    out.append(text.substr(at, found - at));
    if (found == std::string_view::npos) return out;
    out.append(to);
    at = found + from.size();
  }
}

}  // namespace

std::optional<KeptCall> KeptCall::Of(std::string_view path) {
  for (const std::string_view collection : kCollections) {
    if (!path.starts_with(collection)) continue;
    const std::string_view rest = path.substr(collection.size());
    const size_t end = std::min(rest.find('/'), rest.size());
    const std::string_view id = rest.substr(0, end);
    if (id.empty() || std::find(std::begin(kActions), std::end(kActions), id) != std::end(kActions)) break;
    KeptCall call;
    call.before_ = collection;
    call.id_ = id;
    call.below_ = rest.substr(end);
    return call;
  }
  return std::nullopt;
}

void KeptCall::Resolve(const ReplyAliases& aliases, const store::TenantId& tenant) {
  alias_ = aliases.Find(tenant, id_);
  // They become part of a path.
  const auto plain = [](const std::string& id) {
    return !id.empty() && std::all_of(id.begin(), id.end(),
                                      [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == '-'; });
  };
  if (alias_.has_value() && !std::all_of(alias_->ids.begin(), alias_->ids.end(), plain)) alias_.reset();
}

std::string KeptCall::Path() const {
  const bool other = alias_.has_value() && !lists_input();
  return before_ + (other ? alias_->ids.back() : id_) + below_;
}

std::vector<std::string> KeptCall::OtherPaths() const {
  std::vector<std::string> paths;
  if (!alias_.has_value() || !below_.empty()) return paths;
  for (size_t i = alias_->ids.size() - 1; i-- > 0;) paths.push_back(before_ + alias_->ids[i]);
  return paths;
}

std::string KeptCall::Show(std::string_view body, const ReplyAliases& aliases, const store::TenantId& tenant) const {
  const PaddedBytes bytes(body);
  json::Document document;
  if (!document.Parse(bytes).ok() || document.root().type != json::Type::kObject) return std::string(body);
  if (Inside(document, document.root(), "error").value_or(json::Token{}).type == json::Type::kObject) {
    return alias_.has_value() ? Replaced(body, alias_->ids.back(), id_) : std::string(body);
  }
  const std::optional<json::Token> data = Inside(document, document.root(), "data");
  if (!data.has_value() || data->type != json::Type::kArray) return Shown(document, aliases, tenant);
  json::EditList edits(static_cast<uint32_t>(body.size()));
  std::string items = ShownItems(document, *data, aliases, tenant);
  if (items != document.Raw(*data)) (void)edits.Replace(data->span, std::move(items));
  return edits.Splice(body);
}

std::string KeptCall::Shown(const json::Document& document, const ReplyAliases& aliases,
                            const store::TenantId& tenant) const {
  const json::Token& root = document.root();
  ShownResponse shown;
  shown.tool = kRetrieveTool;
  if (alias_.has_value()) {
    shown.id = json::Quote(id_);
    shown.earlier = &alias_->earlier;
  }
  if (alias_.has_value() && !alias_->previous.empty()) {
    shown.previous = alias_->previous;
  } else if (const std::string previous = TextAt(document, root, "previous_response_id"); !previous.empty()) {
    const std::optional<std::string> known = aliases.ShownId(tenant, previous);
    if (known.has_value()) shown.previous = json::Quote(*known);
  }
  const std::optional<json::Token> output = Inside(document, root, "output");
  if (output.has_value() && output->type == json::Type::kArray) {
    std::string items = alias_.has_value() ? alias_->items : std::string();
    bool changed = !items.empty();
    for (const json::Token& item : document.Elements(*output)) {
      const bool ours = IsCallOf(kRetrieveTool, document, item);
      changed = changed || ours;
      if (!ours) AppendElement(document.Raw(item), items);
    }
    if (changed) shown.output = "[" + items + "]";
  }
  json::EditList edits(static_cast<uint32_t>(document.body().size()));
  return EditResponse(document, root, shown, edits).ok() ? edits.Splice(document.body()) : std::string(document.body());
}

std::string KeptCall::ShownItems(const json::Document& document, const json::Token& data, const ReplyAliases& aliases,
                                 const store::TenantId& tenant) const {
  const std::vector<json::Token> items = document.Elements(data);
  std::vector<std::string> call_ids;
  for (const json::Token& item : items) {
    const bool result = TextAt(document, item, "type") == "function_call_output";
    call_ids.push_back(result ? TextAt(document, item, "call_id") : std::string());
  }
  const std::vector<bool> answered = aliases.AreOurs(tenant, call_ids);
  std::string shown;
  bool changed = false;
  for (size_t i = 0; i < items.size(); ++i) {
    const bool ours = IsCallOf(kRetrieveTool, document, items[i]) || (!call_ids[i].empty() && answered[i]);
    changed = changed || ours;
    if (!ours) AppendElement(document.Raw(items[i]), shown);
  }
  return changed ? "[" + shown + "]" : std::string(document.Raw(data));
}

}  // namespace headroom::proxy
