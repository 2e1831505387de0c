#include "text/json_excerpt_labels.h"

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_set>

#include "json/strings.h"
#include "text/line_text.h"

namespace headroom::text {
namespace {

using json::Member;
using json::Token;
using json::Type;

constexpr std::array<std::string_view, 12> kNames = {"title", "name",    "Name", "Title", "path", "label",
                                                     "key",   "subject", "id",   "ID",    "slug", "url"};

constexpr double kMaxDigits = 0.25;  // of the bytes of all names

std::optional<Token> MemberOf(const json::Document& document, const Token& object, std::string_view key) {
  if (object.type != Type::kObject) return std::nullopt;
  for (const Member& member : document.Members(object)) {
    if (document.Inside(member.key) == key) return member.value;
  }
  return std::nullopt;
}

}  // namespace

JsonLabels::JsonLabels(const json::Document& document, const std::vector<Token>& rows) {
  if (rows.empty()) return;
  for (const std::string_view name : kNames) {
    if (Take(document, rows, name, "")) return;
  }
  if (Take(document, rows, "metadata", "name") || rows.front().type != Type::kObject) return;
  for (const Member& member : document.Members(rows.front())) {
    const std::string_view key = document.Inside(member.key);
    if ((key.ends_with("name") || key.ends_with("Name")) && Take(document, rows, key, "")) return;
  }
}

bool JsonLabels::Take(const json::Document& document, const std::vector<Token>& rows, std::string_view key,
                      std::string_view inner) {
  std::vector<std::string_view> labels;
  std::unordered_set<std::string_view> distinct;
  size_t bytes = 0, digits = 0;
  for (const Token& row : rows) {
    std::optional<Token> value = MemberOf(document, row, key);
    if (value.has_value() && !inner.empty()) value = MemberOf(document, *value, inner);
    if (!value.has_value() || value->type != Type::kString) return false;
    const std::string_view text = document.Inside(*value);
    if (text.empty() || text.size() > kMaxLabelBytes || !json::IsPlain(text)) return false;
    if (text.find("...") != std::string_view::npos || text.find(';') != std::string_view::npos) return false;
    labels.push_back(text);
    distinct.insert(text);
    bytes += text.size() + 2;
    digits += static_cast<size_t>(std::count_if(text.begin(), text.end(), IsDigit));
  }
  // Hashes and numbers name nothing to a reader.
  if (static_cast<double>(digits) > kMaxDigits * static_cast<double>(bytes)) return false;
  if (distinct.size() * 10 < rows.size() * 9) return false;
  key_ = inner.empty() ? std::string(key) : std::string(key) + "." + std::string(inner);
  labels_ = std::move(labels);
  bytes_ = bytes;
  return true;
}

std::string JsonLabels::Of(size_t begin, size_t end) const {
  if (labels_.empty() || end - begin > kMaxLabels) return {};
  std::string text = key_ + ": ";
  for (size_t i = begin; i < std::min(end, labels_.size()); ++i) {
    if (i > begin) text.append("; ");
    text.append(labels_[i]);
  }
  return text;
}

}  // namespace headroom::text
