#include "proxy/block_assembler.h"

#include "base/bytes.h"
#include "json/edits.h"
#include "json/strings.h"

namespace headroom::proxy {
namespace {

std::string TextOf(const json::Document& document, const json::Token& object, std::string_view key) {
  const std::optional<json::Token> token = document.Find(object, key);
  return token.has_value() ? document.Text(*token).value_or("") : std::string();
}

bool IsObject(std::string_view text) {
  const PaddedBytes bytes(text);
  json::Document document;
  return document.Parse(bytes).ok() && document.root().type == json::Type::kObject;
}

}  // namespace

void BlockAssembler::Add(const json::Document& document, const json::Token& delta) {
  const std::string type = TextOf(document, delta, "type");
  if (type == "text_delta") text_ += TextOf(document, delta, "text");
  if (type == "input_json_delta") input_ += TextOf(document, delta, "partial_json");
  if (type == "thinking_delta") thinking_ += TextOf(document, delta, "thinking");
  if (type == "signature_delta") signature_ += TextOf(document, delta, "signature");
  if (type != "citations_delta") return;
  const std::optional<json::Token> citation = document.Find(delta, "citation");
  if (citation.has_value()) citations_.append(citations_.empty() ? "" : ",").append(document.Raw(*citation));
}

std::string BlockAssembler::Arguments() const {
  if (!input_.empty()) return input_;
  const PaddedBytes bytes(start_);
  json::Document document;
  if (!document.Parse(bytes).ok() || document.root().type != json::Type::kObject) return {};
  const std::optional<json::Token> input = document.Find(document.root(), "input");
  return input.has_value() ? std::string(document.Raw(*input)) : std::string();
}

bool BlockAssembler::IsBlankText() const {
  const PaddedBytes bytes(start_);
  json::Document document;
  if (!document.Parse(bytes).ok() || document.root().type != json::Type::kObject) return false;
  if (TextOf(document, document.root(), "type") != "text") return false;
  const std::string text = TextOf(document, document.root(), "text") + text_;
  return text.find_first_not_of(" \t\r\n") == std::string::npos;
}

std::string BlockAssembler::Finish() const {
  const PaddedBytes bytes(start_);
  json::Document document;
  if (!document.Parse(bytes).ok() || document.root().type != json::Type::kObject) return start_;
  json::EditList edits(static_cast<uint32_t>(start_.size()));
  std::string added;
  const auto set = [&](std::string_view key, std::string value) {
    const std::optional<json::Token> member = document.Find(document.root(), key);
    if (member.has_value()) {
      (void)edits.Replace(member->span, std::move(value));
    } else {
      added.append(",\"").append(key).append("\":").append(value);
    }
  };
  if (!text_.empty()) set("text", json::Quote(TextOf(document, document.root(), "text") + text_));
  if (!thinking_.empty()) set("thinking", json::Quote(TextOf(document, document.root(), "thinking") + thinking_));
  if (!signature_.empty()) set("signature", json::Quote(signature_));
  if (IsObject(input_)) set("input", input_);
  if (!citations_.empty()) set("citations", "[" + citations_ + "]");
  if (!added.empty()) {
    const uint32_t end = document.root().span.end - 1;
    (void)edits.Replace({end, end}, std::move(added));
  }
  return edits.Splice(start_);
}

}  // namespace headroom::proxy
