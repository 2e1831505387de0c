#include "proxy/block_assembler.h"

#include <algorithm>

#include "base/bytes.h"
#include "json/strings.h"
#include "proxy/reply_json.h"

namespace headroom::proxy {
namespace {

bool IsObject(std::string_view text) {
  const PaddedBytes bytes(text);
  json::Document document;
  return document.Parse(bytes).ok() && document.root().type == json::Type::kObject;
}

// What stands between the brackets of a list.
std::string_view Inner(std::string_view list) { return list.substr(1, list.size() - 2); }

}  // namespace

BlockAssembler::Grown& BlockAssembler::GrownOf(std::string_view key, json::Type type) {
  const auto found = std::find_if(grown_.begin(), grown_.end(), [&](const Grown& grown) { return grown.key == key; });
  Grown& grown = found == grown_.end() ? grown_.emplace_back(Grown{std::string(key), type, {}}) : *found;
  if (grown.type != type) grown = {std::string(key), type, {}};
  return grown;
}

void BlockAssembler::AddMember(const json::Document& document, const std::string& key, const json::Token& value) {
  if (value.type == json::Type::kNull) return;
  Grown& grown = GrownOf(key, value.type);
  if (value.type == json::Type::kString) {
    grown.value += document.Text(value).value_or("");
  } else if (value.type == json::Type::kArray) {
    const std::string_view elements = Inner(document.Raw(value));
    if (!document.Elements(value).empty()) grown.value.append(grown.value.empty() ? "" : ",").append(elements);
  } else {
    grown.value = document.Raw(value);
  }
}

void BlockAssembler::Add(const json::Document& document, const json::Token& delta) {
  const std::string type = TextAt(document, delta, "type");
  for (const json::Member& member : document.Members(delta)) {
    const std::string key = document.Text(member.key).value_or("");
    if (type == "input_json_delta") {
      if (key == "partial_json") input_ += document.Text(member.value).value_or("");
    } else if (type == "citations_delta" && key == "citation") {
      std::string& citations = GrownOf("citations", json::Type::kArray).value;
      citations.append(citations.empty() ? "" : ",").append(document.Raw(member.value));
    } else if (key != "type") {
      AddMember(document, key, member.value);
    }
  }
}

std::string BlockAssembler::Arguments() const {
  if (!input_.empty()) return input_;
  const PaddedBytes bytes(start_);
  json::Document document;
  if (!document.Parse(bytes).ok()) return {};
  const std::optional<json::Token> input = Inside(document, document.root(), "input");
  return input.has_value() ? std::string(document.Raw(*input)) : std::string();
}

bool BlockAssembler::IsBlankText() const {
  const PaddedBytes bytes(start_);
  json::Document document;
  if (!document.Parse(bytes).ok() || TextAt(document, document.root(), "type") != "text") return false;
  const auto grown = std::find_if(grown_.begin(), grown_.end(), [](const Grown& one) { return one.key == "text"; });
  const std::string text = TextAt(document, document.root(), "text") + (grown == grown_.end() ? "" : grown->value);
  return text.find_first_not_of(" \t\r\n") == std::string::npos;
}

std::string BlockAssembler::Joined(const json::Document& start, const Grown& grown) {
  const std::optional<json::Token> before = Inside(start, start.root(), grown.key);
  const bool same = before.has_value() && before->type == grown.type;
  if (grown.type == json::Type::kString) {
    // A signature is of the block as a whole.
    const bool continues = same && grown.key != "signature";
    return json::Quote((continues ? start.Text(*before).value_or("") : "") + grown.value);
  }
  if (grown.type != json::Type::kArray) return grown.value;
  std::string elements(same ? Inner(start.Raw(*before)) : "");
  if (same && start.Elements(*before).empty()) elements.clear();
  elements.append(elements.empty() || grown.value.empty() ? "" : ",").append(grown.value);
  return "[" + elements + "]";
}

std::string BlockAssembler::Finish() const {
  const PaddedBytes bytes(start_);
  json::Document document;
  if (!document.Parse(bytes).ok() || document.root().type != json::Type::kObject) return start_;
  NewMembers members;
  for (const Grown& grown : grown_) {
    if (!grown.value.empty()) members[grown.key] = Joined(document, grown);
  }
  if (IsObject(input_)) members["input"] = input_;
  return members.empty() ? start_ : WithMembers(document, document.root(), std::move(members));
}

}  // namespace headroom::proxy
