#include "proxy/thinking.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

namespace headroom::proxy {
namespace {

constexpr std::string_view kBeta = "thinking-binding-controls-2026-08-01";
constexpr std::string_view kBinding = R"({"prefix_mismatch_behavior":"drop_block"})";

}  // namespace

bool ChecksThinkingPrefix(std::string_view model) {
  static constexpr std::array<std::string_view, 7> kFamilies = {"fable-5-1", "fable-5-2",  "mythos-5-1", "mythos-5-2",
                                                                "opus-5-5",  "sonnet-5-5", "haiku-5-5"};
  return std::any_of(kFamilies.begin(), kFamilies.end(),
                     [model](std::string_view family) { return model.find(family) != std::string_view::npos; });
}

bool IsPrefixMismatch(std::string_view error_body) {
  return error_body.find("bound to a different conversation") != std::string_view::npos &&
         error_body.find("`thinking` block") != std::string_view::npos;
}

Status AskToDropThinking(const json::Document& document, json::EditList& edits) {
  const std::optional<json::Token> thinking = document.Find(document.root(), "thinking");
  if (!thinking.has_value() || thinking->type != json::Type::kObject) {
    return Status(Code::kFailedPrecondition, "the request has no thinking settings");
  }
  const std::optional<json::Token> binding = document.Find(*thinking, "block_binding");
  if (binding.has_value()) return edits.Replace(binding->span, std::string(kBinding));
  const bool empty = document.Members(*thinking).empty();
  const uint32_t end = thinking->span.end - 1;
  return edits.Replace({end, end}, std::string(empty ? "" : ",") + R"("block_binding":)" + std::string(kBinding));
}

void AddThinkingBeta(net::HeaderList& headers) {
  for (size_t i = 0; i < headers.size(); ++i) {
    const net::HeaderList::Field field = headers[i];
    if (net::EqualsIgnoreCase(field.name, "anthropic-beta") && field.value.find(kBeta) != std::string_view::npos)
      return;
  }
  headers.Add("anthropic-beta", kBeta);
}

}  // namespace headroom::proxy
