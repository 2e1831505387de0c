#include "text/json_excerpt_rows.h"

#include <algorithm>
#include <array>
#include <optional>

#include "json/strings.h"

namespace headroom::text {
namespace {

using json::Member;
using json::Token;
using json::Type;

constexpr size_t kLinearChildren = 8;
// Columns of a row that is an array; what stands behind them shares one.
constexpr std::array<std::string_view, 8> kPlaces = {"[0]", "[1]", "[2]", "[3]", "[4]", "[5]", "[6]", "[7]"};

ValueType TypeOf(Type type) {
  switch (type) {
    case Type::kNumber:
      return ValueType::kNumber;
    case Type::kBool:
      return ValueType::kBool;
    case Type::kNull:
      return ValueType::kNull;
    case Type::kObject:
    case Type::kArray:
      return ValueType::kNested;
    case Type::kString:
      break;
  }
  return ValueType::kText;
}

}  // namespace

std::string_view ReadableEscapes(std::string_view raw, std::deque<std::string>& arena) {
  if (raw.find('\\') == std::string_view::npos) return raw;
  std::string& text = arena.emplace_back(raw);
  for (size_t at = text.find('\\'); at != std::string::npos && at + 1 < text.size(); at = text.find('\\', at + 2)) {
    const char name = text[at + 1];
    if (name == 'n' || name == 't' || name == 'r' || name == '"') text[at] = text[at + 1] = ' ';
  }
  return text;
}

JsonRows::JsonRows(const json::Document& document, const std::vector<Token>& rows, const std::vector<Token>& keys,
                   Deadline& deadline)
    : document_(document), deadline_(deadline) {
  nodes_.emplace_back();
  table_.rows.reserve(rows.size());
  std::string path;
  for (size_t i = 0; i < rows.size() && !deadline_.Spend(); ++i) {
    row_ = static_cast<uint32_t>(i);
    std::string_view raw = document.Raw(rows[i]);
    if (!keys.empty()) {
      // The key stands just before its value.
      raw = document.body().substr(keys[i].span.begin, rows[i].span.end - keys[i].span.begin);
      size_t guess = 0;
      AddScalar(keys[i], Child(0, "(key)", guess), "(key)");
    }
    table_.rows.push_back(ReadableEscapes(raw, decoded_));
    if (rows[i].type == Type::kObject || rows[i].type == Type::kArray) {
      Add(rows[i], 0, 0, path);
    } else {
      size_t guess = 0;
      AddScalar(rows[i], Child(0, "(value)", guess), "(value)");
    }
  }
}

size_t JsonRows::Child(size_t node, std::string_view key, size_t& guess) {
  std::vector<size_t>& children = nodes_[node].children;
  if (guess < children.size() && nodes_[children[guess]].key == key) return children[guess++];
  if (nodes_[node].index.empty()) {
    for (size_t i = 0; i < children.size(); ++i) {
      if (nodes_[children[i]].key != key) continue;
      guess = i + 1;
      return children[i];
    }
  } else if (const auto found = nodes_[node].index.find(key); found != nodes_[node].index.end()) {
    guess = SIZE_MAX;
    return found->second;
  }
  if (nodes_.size() == kMaxNodes) return kMaxNodes - 1;
  const size_t made = nodes_.size();
  children.push_back(made);
  guess = children.size();
  if (children.size() > kLinearChildren) {
    if (nodes_[node].index.empty()) {
      for (const size_t child : children) {
        if (child != made) nodes_[node].index.emplace(nodes_[child].key, child);
      }
    }
    nodes_[node].index.emplace(key, made);
  }
  nodes_.emplace_back().key = key;
  return made;
}

RowColumn& JsonRows::ColumnOf(size_t node, std::string_view path) {
  if (nodes_[node].column == SIZE_MAX) {
    if (table_.columns.size() < kMaxColumns) {
      nodes_[node].column = table_.columns.size();
      table_.columns.push_back({std::string(path), {}});
    } else {
      nodes_[node].column = kMaxColumns - 1;
    }
  }
  return table_.columns[nodes_[node].column];
}

std::string_view JsonRows::Decoded(std::string_view inside) {
  if (json::IsPlain(inside)) return inside;
  std::optional<std::string> text = json::Unescape(inside);
  return text.has_value() ? std::string_view(decoded_.emplace_back(std::move(*text))) : inside;
}

void JsonRows::AddScalar(const Token& value, size_t node, const std::string& path) {
  const std::string_view text = value.type == Type::kString ? Decoded(document_.Inside(value)) : document_.Raw(value);
  ColumnOf(node, path).values.push_back({row_, TypeOf(value.type), text});
}

void JsonRows::Add(const Token& value, size_t node, size_t depth, std::string& path) {
  if (deadline_.Spend()) return;
  const bool nested = value.type == Type::kObject || value.type == Type::kArray;
  if (!nested || depth > kMaxDepth) return AddScalar(value, node, path);
  const size_t length = path.size();
  size_t guess = 0;
  if (value.type == Type::kObject) {
    for (const Member& member : document_.Members(value)) {
      const std::string_view key = document_.Inside(member.key);
      if (!path.empty()) path.push_back('.');
      path.append(key);
      Add(member.value, Child(node, key, guess), depth + 1, path);
      path.resize(length);
    }
    return;
  }
  const std::vector<Token> elements = document_.Elements(value);
  const bool by_place = depth == 0;  // the row is an array itself
  for (size_t i = 0; i < elements.size(); ++i) {
    const std::string_view name = by_place && i < kPlaces.size() ? kPlaces[i] : "[]";
    path.append(name);
    Add(elements[i], Child(node, name, guess), depth + 1, path);
    path.resize(length);
  }
}

}  // namespace headroom::text
