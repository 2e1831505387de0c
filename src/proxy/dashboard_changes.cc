#include "proxy/dashboard_changes.h"

#include <fmt/format.h>

#include <optional>
#include <vector>

#include "json/strings.h"
#include "proxy/context_manager.h"
#include "proxy/plan.h"
#include "text/gaps.h"

namespace headroom::proxy {
namespace {

constexpr size_t kIdDigits = 24;
constexpr size_t kMaxGaps = 1000;

// At most kShownBytes, whole characters.
std::string_view Shown(std::string_view text) {
  if (text.size() <= kShownBytes) return text;
  size_t end = kShownBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

std::string TextJson(const std::optional<std::string>& text) {
  return text.has_value() ? json::Quote(Shown(*text)) : "null";
}

std::string GapsJson(std::string_view rendition) {
  std::string out;
  for (const text::Gap& gap : text::GapsIn(rendition, kMaxGaps)) {
    out += fmt::format(R"({}{{"unit":{},"first":{},"last":{}}})", out.empty() ? "" : ",", json::Quote(gap.unit),
                       gap.first, gap.last);
  }
  return out;
}

std::string PieceJson(const std::string& id, const std::optional<std::string>& rendition, const store::TenantId& tenant,
                      store::Store& store) {
  const Result<store::Original> original = store.GetOriginal(tenant, id, store::Fetch::kPart);
  std::optional<std::string> before;
  if (original.ok()) before = original->text;
  return fmt::format(
      R"({{"hash":{},"tool":{},"original":{},"original_bytes":{},"rendition":{},"rendition_bytes":{},"gaps":[{}]}})",
      json::Quote(id), original.ok() ? json::Quote(original->tool_name) : "null", TextJson(before),
      before.has_value() ? before->size() : 0, TextJson(rendition), rendition.has_value() ? rendition->size() : 0,
      rendition.has_value() ? GapsJson(Shown(*rendition)) : "");
}

// What the literals of a node say, in the order of its originals.
std::vector<std::string> RenditionsOf(const store::Node& node) {
  std::vector<std::string> texts;
  const Result<std::vector<Replacement>> replacements = DecodeReplacements(node.payload);
  if (!replacements.ok()) return texts;
  for (const Replacement& replacement : *replacements) {
    const std::string_view literal = replacement.literal;
    texts.push_back(literal.size() < 2 ? "" : json::Unescape(literal.substr(1, literal.size() - 2)).value_or(""));
  }
  return texts;
}

}  // namespace

Reply ListChanges(const BlockChanges& changes, store::Store& store) {
  std::vector<Hash128> keys;
  for (const BlockChange& change : changes.kept) keys.push_back(change.node);
  const std::vector<std::optional<store::Node>> nodes = store.Find(keys);
  std::string blocks;
  for (size_t i = 0; i < changes.kept.size(); ++i) {
    const BlockChange& change = changes.kept[i];
    const std::string rule = change.node == Hash128{} ? std::string(ContextManager::kDeepenedRule)
                                                      : (nodes[i].has_value() ? nodes[i]->rule : "");
    blocks +=
        fmt::format(R"({}{{"rule":{},"tokens_before":{},"tokens_after":{},"fresh":{}}})", blocks.empty() ? "" : ",",
                    json::Quote(rule), change.tokens_before, change.tokens_after, change.fresh);
  }
  return JsonReply(200, fmt::format(R"({{"changed":{},"blocks":[{}]}})", changes.count, blocks));
}

Reply ShowChange(const BlockChange& change, const store::TenantId& tenant, store::Store& store) {
  std::string ids = change.original_ids;
  std::string rule(ContextManager::kDeepenedRule);
  std::vector<std::string> renditions;
  if (change.node != Hash128{}) {
    const std::optional<store::Node> node = store.Find({change.node})[0];
    if (!node.has_value() || node->tenant != tenant) return JsonReply(404, R"({"detail":"no longer kept"})");
    ids = node->original_ids;
    rule = node->rule;
    renditions = RenditionsOf(*node);
  }
  std::string pieces;
  for (size_t i = 0; i * kIdDigits < ids.size(); ++i) {
    std::optional<std::string> rendition;
    if (i < renditions.size()) rendition = renditions[i];
    if (!pieces.empty()) pieces.push_back(',');
    pieces += PieceJson(ids.substr(i * kIdDigits, kIdDigits), rendition, tenant, store);
  }
  return JsonReply(200, fmt::format(R"({{"rule":{},"pieces":[{}]}})", json::Quote(rule), pieces));
}

}  // namespace headroom::proxy
