#include "learning/signature.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>

#include "base/bytes.h"
#include "json/document.h"
#include "json/strings.h"

namespace headroom::learning {
namespace {

constexpr size_t kItems = 5;
constexpr size_t kSampledElements = 3;
constexpr size_t kMaxMembers = 64;  // of a root object that are looked at for a list
constexpr size_t kMaxLists = 8;
constexpr size_t kMaxNameBytes = 256;

// In ascending order of precedence.
enum class FieldType : uint8_t { kNull, kBoolean, kNumeric, kString, kArray, kObject };

std::string_view NameOf(FieldType type) {
  static constexpr std::array<std::string_view, 6> kNames = {"null", "boolean", "numeric", "string", "array", "object"};
  return kNames[static_cast<size_t>(type)];
}

FieldType TypeOf(json::Type type) {
  switch (type) {
    case json::Type::kObject:
      return FieldType::kObject;
    case json::Type::kArray:
      return FieldType::kArray;
    case json::Type::kString:
      return FieldType::kString;
    case json::Type::kNumber:
      return FieldType::kNumeric;
    case json::Type::kBool:
      return FieldType::kBoolean;
    case json::Type::kNull:
      break;
  }
  return FieldType::kNull;
}

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = Lower(c);
  return lower;
}

// What a word of a field's name suggests.
uint32_t TraitOf(std::string_view word) {
  static constexpr std::pair<std::string_view, Trait> kWords[] = {
      {"id", kHasId},          {"uuid", kHasId},           {"key", kHasId},           {"score", kHasScore},
      {"rank", kHasScore},     {"relevance", kHasScore},   {"time", kHasTimestamp},   {"timestamp", kHasTimestamp},
      {"date", kHasTimestamp}, {"created", kHasTimestamp}, {"status", kHasStatus},    {"state", kHasStatus},
      {"error", kHasError},    {"errors", kHasError},      {"exception", kHasError},  {"message", kHasMessage},
      {"msg", kHasMessage},    {"text", kHasMessage},      {"updated", kHasTimestamp}};
  const auto* const found =
      std::find_if(std::begin(kWords), std::end(kWords), [&](const auto& entry) { return entry.first == word; });
  return found == std::end(kWords) ? 0U : static_cast<uint32_t>(found->second);
}

// The words of "createdAt", "created_at", "created-at".
uint32_t TraitsOf(std::string_view name) {
  uint32_t traits = 0;
  std::string word;
  for (size_t i = 0; i <= name.size(); ++i) {
    const bool letter = i < name.size() && ((name[i] >= 'a' && name[i] <= 'z') || IsUpper(name[i]));
    const bool begins = letter && IsUpper(name[i]) && i > 0 && !IsUpper(name[i - 1]);
    if (!letter || begins) {
      traits |= TraitOf(word);
      word.clear();
    }
    if (letter) word.push_back(Lower(name[i]));
  }
  return traits;
}

class Reader {
 public:
  explicit Reader(std::string_view text) : bytes_(text) {}

  // False for what has no items with fields.
  bool Read() {
    if (!document_.Parse(bytes_).ok()) return false;
    for (const json::Token& item : Items()) Take(item);
    return !types_.empty();
  }

  std::string Canonical() const {
    std::string out = "[";
    for (const auto& [name, type] : types_) {
      if (out.size() > 1) out.push_back(',');
      out.push_back('[');
      json::AppendQuoted(name, out);
      out.append(",\"").append(NameOf(type)).append("\"]");
    }
    return out.append("]");
  }

  void Fill(const KeyedHash& hash, Structure& structure) const {
    for (const auto& [name, type] : types_) {
      structure.fields.push_back(WordId(LowerCase(name), hash));
      structure.traits |= TraitsOf(name);
    }
    std::sort(structure.fields.begin(), structure.fields.end());
    structure.depth = depth_;
  }

 private:
  std::vector<json::Token> Items() const {
    const json::Token& root = document_.root();
    if (root.type == json::Type::kArray) return Objects(document_.Elements(root));
    if (root.type != json::Type::kObject) return {};
    std::vector<json::Token> best;
    size_t longest = 0;
    size_t lists = 0;
    const std::vector<json::Member> members = document_.Members(root);
    for (size_t i = 0; i < std::min(members.size(), kMaxMembers) && lists < kMaxLists; ++i) {
      if (members[i].value.type != json::Type::kArray) continue;
      ++lists;
      const std::vector<json::Token> elements = document_.Elements(members[i].value);
      std::vector<json::Token> objects = Objects(elements);
      if (objects.empty() || elements.size() <= longest) continue;
      longest = elements.size();
      best = std::move(objects);
    }
    return best.empty() ? std::vector{root} : best;
  }

  // Of the first few elements those that are objects.
  static std::vector<json::Token> Objects(const std::vector<json::Token>& elements) {
    std::vector<json::Token> objects;
    for (size_t i = 0; i < std::min(elements.size(), kItems); ++i) {
      if (elements[i].type == json::Type::kObject) objects.push_back(elements[i]);
    }
    return objects;
  }

  void Take(const json::Token& item) {
    depth_ = std::max(depth_, DepthOf(item, 1));
    for (const json::Member& member : document_.Members(item)) {
      std::string name = document_.Text(member.key).value_or("").substr(0, kMaxNameBytes);
      const auto known = types_.find(name);
      if (known != types_.end()) {
        known->second = std::max(known->second, TypeOf(member.value.type));
      } else if (types_.size() < Structure::kMaxFields) {
        types_.emplace(std::move(name), TypeOf(member.value.type));
      }
    }
  }

  uint32_t DepthOf(const json::Token& value, uint32_t depth) const {
    uint32_t deepest = depth;
    if (depth >= Structure::kMaxDepth) return deepest;
    const auto look = [&](const json::Token& inner) {
      if (inner.type == json::Type::kObject || inner.type == json::Type::kArray) {
        deepest = std::max(deepest, DepthOf(inner, depth + 1));
      }
    };
    if (value.type == json::Type::kObject) {
      const std::vector<json::Member> members = document_.Members(value);
      for (size_t i = 0; i < std::min(members.size(), kMaxMembers); ++i) look(members[i].value);
    } else {
      const std::vector<json::Token> elements = document_.Elements(value);
      for (size_t i = 0; i < std::min(elements.size(), kSampledElements); ++i) look(elements[i]);
    }
    return deepest;
  }

  const PaddedBytes bytes_;
  json::Document document_;
  std::map<std::string, FieldType> types_;
  uint32_t depth_ = 0;
};

bool BeginsLikeJson(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && (text[first] == '{' || text[first] == '[');
}

}  // namespace

std::string CanonicalFields(std::string_view text) {
  Reader reader(text);
  return BeginsLikeJson(text) && reader.Read() ? reader.Canonical() : "";
}

Structure StructureOf(std::string_view text, std::string_view kind, std::string_view tool, const KeyedHash& hash) {
  Structure structure;
  structure.tool = ToolId(tool, hash);
  if (BeginsLikeJson(text)) {
    Reader reader(text);
    if (reader.Read()) {
      structure.id = hash.Id("fields", reader.Canonical());
      reader.Fill(hash, structure);
      return structure;
    }
  }
  std::string named(kind);
  structure.id = hash.Id("kind", named.append(1, '\0').append(tool));
  return structure;
}

std::string ToolId(std::string_view tool, const KeyedHash& hash) { return hash.Id("tool", tool); }

uint64_t WordId(std::string_view lower, const KeyedHash& hash) { return hash.Word("word", lower); }

}  // namespace headroom::learning
